"""What became of a source in plain words, and what to try next. Pure.

Every reason of model.OUTCOMES has words; what to try depends on what the configuration says of the host already, on
what stands beside the reason, and on whether web archives were asked. The texts go into sentences for people: remote
words in them are not yet safe.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from preserve.config import Config, HostRule
from preserve.model import Entry, Json

ARCHIVES = {"wayback": "the Wayback Machine", "commoncrawl": "Common Crawl", "arquivo": "Arquivo.pt"}
_WORDS = 120  # characters of a signal that are quoted
_NEXT_RUN = "it is asked again in the next run"
_IN_THE_RECORD = "preserve show tells all that came"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the reason. `domain`: the registered one, or the host where nothing was registered; ""
    where the address has no host."""

    domain: str = ""
    host: str = ""
    signals: tuple[str, ...] = ()
    rule: HostRule = field(default_factory=HostRule)  # what is in force for this host, general settings included
    archives: bool = True  # False: none is asked, and nobody said that it should not be
    asked: tuple[str, ...] = ()  # web archives that were asked and have nothing
    unanswered: tuple[str, ...] = ()  # web archives that were asked and did not answer
    next: datetime | None = None  # when the source is asked again
    own: str = ""  # where a copy of a web archive is held: the reason of our own visit

    @property
    def pattern(self) -> str:
        """The hosts that one section of the configuration is about."""
        return (self.domain or "…") if not self.domain or _is_address(self.domain) else f"*.{self.domain}"

    @property
    def section(self) -> str:
        return f'[host."{self.pattern}"]'

    def told(self, *parts: str) -> bool:
        """Whether one of the signals holds one of these."""
        return any(part in signal for signal in self.signals for part in parts)


@dataclass(frozen=True, slots=True)
class Advice:
    """`why`: a sentence without its full stop; `try_next`: another, or "" where there is nothing to do."""

    why: str
    try_next: str = ""


def of(reason: str, facts: Facts) -> Advice:
    """Raises KeyError for what is no reason of model.OUTCOMES."""
    if reason == "memento" and facts.own:
        own = of(facts.own, replace(facts, own="", asked=(), unanswered=()))
        return Advice(f"{own.why}; a web archive has a copy", own.try_next)
    why, steps = WORDS[reason]
    who = facts.domain or "the source"
    words = why if isinstance(why, str) else why(facts)
    found = [step if isinstance(step, str) else step(facts) for step in steps]
    asked = _asked(facts) if _archives in steps else ""
    return Advice("; ".join(filter(None, [words.replace("{who}", who), asked])), "; ".join(filter(None, found)))


def facts(
    entry: Entry, config: Config, domain: str, *, next_visit: datetime | None = None, imports: Iterable[Entry] = ()
) -> Facts:
    """Of the newest visit of a source. `imports`: what web archives gave, or did not, in its place."""
    host = _host(str(entry.get("request_url") or entry.get("source") or ""))
    known = Facts(
        domain=domain,
        host=host,
        signals=_texts(entry.get("signals")),
        rule=_in_force(config, host),
        archives=_archives_wanted(config, host),
        next=next_visit,
    )
    return with_archives(known, imports)


def with_archives(facts: Facts, imports: Iterable[Entry]) -> Facts:
    """With what the newest of these says of the web archives that were asked and gave nothing."""
    *_, newest = [None, *imports]
    answers = _objects(newest, "asked") if newest else []
    return replace(
        facts,
        asked=_named(one for one in answers if not one.get("error") and not one.get("found")),
        unanswered=_named(one for one in answers if one.get("error")),
    )


def _in_force(config: Config, host: str) -> HostRule:
    rule, network = config.for_host(host), config.network
    return HostRule(
        proxy=network.proxy if rule.proxy is None else rule.proxy,
        cookies=rule.cookies,
        ca_file=network.ca_file if rule.ca_file is None else rule.ca_file,
        tls=rule.tls or network.tls,
        user_agent=rule.user_agent or network.user_agent,
        delay=config.politeness.delay if rule.delay is None else rule.delay,
    )


def _archives_wanted(config: Config, host: str) -> bool:
    return bool(config.recover.archives or config.recover.timemaps) or config.for_host(host).recover is False


def _named(answers: Iterable[Json]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(one.get("archive")) for one in answers))


def _objects(entry: Entry, name: str) -> list[Json]:
    found = entry.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _texts(found: Json) -> tuple[str, ...]:
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


# -- what to try, by what is set already


def _proxy(facts: Facts) -> str:
    if facts.rule.proxy:
        return "set another proxy, or none: through the one that is set for it, it does not open"
    return f"if it opens elsewhere, set a proxy for {facts.pattern} ({facts.section} proxy)"


def _reach(facts: Facts) -> str:
    return _NEXT_RUN if facts.told("cannot be resolved now") else _proxy(facts)


def _cookies(facts: Facts) -> str:
    if facts.rule.cookies:
        return "export its cookies anew: those that are set for it do not open it, or not any more"
    return f"open it in a browser, export the cookies to a file and set {facts.section} cookies"


def _agent(facts: Facts) -> str:
    return "" if facts.rule.user_agent else f"or a browser's name as {facts.section} user_agent"


def _authority(facts: Facts) -> str:
    if facts.rule.ca_file:
        return "the ca_file that is set for it does not vouch for it: look at the certificate in a browser"
    known = f"if you trust its authority, set {facts.section} ca_file"
    return known if facts.rule.tls != "strict" else f'{known}; tls = "record" captures it all the same and says so'


def _handshake(facts: Facts) -> str:
    if facts.rule.tls == "strict" or facts.told("credentials are not sent"):
        return _authority(facts)
    return _NEXT_RUN


def _again(facts: Facts) -> str:
    """When, for who has to wait."""
    return f"it is asked again on {facts.next.astimezone(UTC):%Y-%m-%d}" if facts.next else "it is asked again later"


def _slower(facts: Facts) -> str:
    than = "" if facts.rule.delay is None else f" than {facts.rule.delay:g} s"
    return f"a longer {facts.section} delay{than} may help"


def _archives(facts: Facts) -> str:
    """What web archives could do for it: they stand for a source that is lost, or blocked for long."""
    return "" if facts.archives else "web archives may have it: they are asked where [recover] archives names them"


def _asked(facts: Facts) -> str:
    if facts.unanswered:
        return f"web archives were asked, but {_listed(facts.unanswered)} did not answer"
    return f"web archives were asked, none has it ({_listed(facts.asked)})" if facts.asked else ""


def _listed(names: Sequence[str]) -> str:
    """`the Wayback Machine, Common Crawl and Arquivo.pt`."""
    *first, last = [ARCHIVES.get(name, name) for name in names]
    return f"{', '.join(first)} and {last}" if first else last


# -- words that depend on more than the reason


def _quoted(facts: Facts) -> str:
    """The last signal, without the host that it begins with."""
    last = facts.signals[-1] if facts.signals else ""
    return last.removeprefix(f"{facts.host}: ")[:_WORDS]


def _with_words(words: str) -> Callable[[Facts], str]:
    return lambda facts: f"{words}: {_quoted(facts)}" if facts.signals else words


def _status(facts: Facts) -> str:
    found = [signal for signal in facts.signals if signal.startswith("status ")]
    return found[-1] if found else ""


def _refusal(facts: Facts) -> str:
    if status := _status(facts):
        return f"{{who}} calls the request wrong ({status})"
    return _with_words("something went wrong, perhaps here")(facts)


def _server_error(facts: Facts) -> str:
    status = _status(facts)
    return "{who} has an error of its own" + (f" ({status})" if status else "")


def _dead_name(facts: Facts) -> str:
    return f"the name {facts.host or facts.domain} does not exist any more"


def _too_much(facts: Facts) -> str:
    if facts.told("are announced, and the disk"):
        return "free some space on the disk of the archive"
    if facts.told("the body is longer"):
        return "to have it whole, raise [limits] body"
    if facts.told("video.size allows"):
        return "to have it, raise [video] size"
    return f"answers that large are made to do harm; {_NEXT_RUN}"


def _own_rules(facts: Facts) -> str:
    if facts.host.lower().endswith(".onion"):
        return 'set a socks5h proxy of Tor for *.onion ([host."*.onion"] proxy)'
    if facts.told("over plain http"):
        return "cite its https address, if it has one"
    return "correct its line in sources.txt, or mark it with -"


def _unspoken(facts: Facts) -> str:
    if facts.told("credentials are not sent"):
        return "{who} does not prove who it is, and so gets no cookies"
    words = "has a certificate that does not verify" if facts.rule.tls == "strict" else "and we do not agree on TLS"
    return _with_words(f"{{who}} {words}")(facts)


Words = str | Callable[[Facts], str]
WORDS: Mapping[str, tuple[Words, tuple[Words, ...]]] = {
    # captured
    "ok": ("{who} gave it whole", ()),
    "unchanged": ("{who} gave the same content as before", ()),
    "partial": ("what {who} gave is not all that belongs to it", ("its parts are asked for again with it",)),
    # recovered
    "memento": ("{who} does not give it; a web archive has a copy", ()),
    # blocked
    "login-wall": ("{who} asks for a log-in", (_cookies, _archives)),
    "age-gate": ("{who} asks for a proof of age", (_cookies, _archives)),
    "members-only": ("{who} shows it to members only", (_cookies, _archives)),
    "private": ("{who} shows it to chosen people only", ("ask its owner", _cookies, _archives)),
    "geo-blocked": ("{who} does not show it in this country", (_proxy, _archives)),
    "bot-challenge": ("{who} takes us for a robot and wants a proof", (_again, _slower, _cookies, _archives)),
    "rate-limited": ("{who} has been asked too often for now", (_again, _slower, _archives)),
    "consent-wall": ("{who} asks for consent before it shows the page", (_cookies, _archives)),
    "forbidden": ("{who} refuses to show it", (_proxy, _cookies, _agent, _archives)),
    # lost
    "gone": ("{who} does not have the page any more", (_archives,)),
    "removed": ("{who} has removed it", (_archives,)),
    "soft-404": ("{who} answers as if all were well, but there is nothing on the page", (_proxy, _archives)),
    "parked": ("{who} is parked: its old content is gone from there", (_archives,)),
    "dns-dead": (_dead_name, (_archives,)),
    "redirected-away": ("{who} leads to another page instead", ("look where it has moved to", _archives)),
    "empty": ("{who} answers with nothing", (_proxy, _archives)),
    # failed
    "offline": ("this machine has no network, or its proxy is down", ("see to the line, then run again",)),
    "unreachable": ("{who} cannot be reached from here", (_reach,)),
    "timeout": ("{who} does not answer from here", (_proxy,)),
    "tls-invalid": (_unspoken, (_handshake,)),
    "truncated": ("{who} broke off before the end", (_NEXT_RUN,)),
    "server-error": (_server_error, (_NEXT_RUN,)),
    "redirect-loop": ("{who} leads in a circle", (_cookies,)),
    "malformed": ("{who} does not answer by the rules of HTTP", (_IN_THE_RECORD, _NEXT_RUN)),
    "corrupt": ("what {who} gives cannot be decoded", (_IN_THE_RECORD, _NEXT_RUN)),
    "limit": ("{who} gives more than the limits allow", (_too_much,)),
    "no-media": ("{who} has no film here that can be fetched", (_IN_THE_RECORD,)),
    "not-live-yet": ("the broadcast has not begun", (_NEXT_RUN,)),
    "live-now": ("the broadcast is running", ("the next run takes the recording; [video] live = true takes it now",)),
    "error": (_refusal, (_IN_THE_RECORD, _NEXT_RUN)),
    # refused
    "private-address": ("{who} leads to a private address", ("if that is meant, set network.allow_private",)),
    "scheme": ("only http and https are fetched", ("correct its line in sources.txt, or mark it with -",)),
    "policy": (_with_words("it is not asked for"), (_own_rules,)),
    "robots": ("the robots.txt of {who} does not allow it", (lambda f: f'set {f.section} robots = "record"',)),
}
