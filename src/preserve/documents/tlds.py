"""Top-level domains: whether the last part of a word makes it the name of a host.

They are those of the ICANN section of the Public Suffix List. Its other section, where owners of hosts list names of
their own (mil.ru is one), has no word here: a name is asked for its top-level domain and never for who owns it.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# Top-level domains that are also something else, and in a text without a path behind them usually that: `report.md`,
# `user.name`. There a name alone is no host, unless below a domain that its country reserves (`kprm.gov.pl`). Moldova,
# Serbia, Poland and the others lose nothing but bare front pages without www.
_ALSO = {
    "programs: Python, shell, Perl, Rust, C++, Objective-C, OCaml, Java, libraries, Terraform, Stata": (
        "py sh pl pm rs cc mm ml java so la tf do"
    ),
    "files: Markdown, PostScript, Word template, key, QuickTime, archives, table": "md ps dot pub mov zip bz cab tab",
    "members of objects in program code": (
        "bar call case data date day foo host map menu name new next now open prod properties read rest run save "
        "select show style target total zero"
    ),
    "words that begin a sentence after a full stop without a space": "here how like you",
}
AMBIGUOUS = frozenset(label for labels in _ALSO.values() for label in labels.split())
# Tor's names are no part of the DNS (RFC 7686), and cited like any other.
_OTHER = frozenset({"onion"})


@cache
def _suffixes() -> PublicSuffixList:
    """The list, read (25 ms) when the first candidate is met; most documents have none."""
    from publicsuffixlist import PublicSuffixList

    # Names in punycode are decoded by us: encoding all of the list takes three times as long as reading it.
    return PublicSuffixList(only_icann=True, accept_unknown=False, accept_encoded_idn=False)


@lru_cache(maxsize=4096)
def top_level(label: str) -> bool:
    """Whether there is such a top-level domain, in any case, in its own script or in punycode."""
    label = label.lower()
    if label.startswith("xn--"):
        try:
            label = label[4:].encode().decode("punycode")
        except UnicodeError:
            return False
    return label in _OTHER or _suffixes().publicsuffix("x." + label) is not None


def reserved(name: str) -> bool:
    """Whether it stands below a domain under which only names are given out, as `co.uk` and `gov.pl`."""
    suffix = _suffixes().publicsuffix(name.lower())
    return suffix is not None and "." in suffix and suffix != name.lower()
