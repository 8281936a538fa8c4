"""Who shares a domain: the Public Suffix List, read when it is first needed."""

from __future__ import annotations

import ipaddress
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from preserve.network import policy

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# One owner runs all that stands below, though every ministry and service there has a name of its own. The list has it
# among the suffixes of private owners, or not at all, as the years go.
_ONE_OWNER = frozenset({"mil.ru"})


@cache
def _suffixes(*, icann: bool) -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    # Names in punycode are decoded by us: encoding all of the list takes twice as long as reading it (25 ms).
    return PublicSuffixList(only_icann=icann, accept_unknown=False, accept_encoded_idn=False)


@lru_cache(maxsize=4096)
def registrable(host: str) -> str:
    """The domain that was registered, by ICANN's part of the list: `b.co.uk` of `www.b.co.uk`. The host itself where
    nothing was registered: an address, a name of Tor or of this network, a suffix."""
    if _is_address(host) or policy.is_onion(host):
        return host
    labels = host.split(".")
    if ".".join(labels[-2:]) in _ONE_OWNER:
        return ".".join(labels[-2:])
    found = _suffixes(icann=True).privatesuffix(_decoded(host)) if len(labels) > 1 else None
    return ".".join(labels[-len(found.split(".")) :]) if found else host


def is_public(domain: str) -> bool:
    """Whether strangers share what stands below: suffixes of private owners (`github.io`), too."""
    name = _decoded(domain)
    return "." not in name or _suffixes(icann=False).publicsuffix(name) == name


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _decoded(host: str) -> str:
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host
