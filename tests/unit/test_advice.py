"""Every reason has plain words, and what to try fits what is set already."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from preserve.catalog import advice
from preserve.catalog.advice import WORDS, Facts, facts, of, with_archives
from preserve.config import Config, HostRule, Network, Recover
from preserve.model import OUTCOME_OF, Entry

SET = HostRule(
    proxy="socks5h://127.0.0.1:9050", cookies="vk.txt", ca_file="russian.pem", tls="record", user_agent="Mozilla/5.0",
    delay=2.0,
)  # fmt: skip
MIL = Facts("mil.ru", "function.mil.ru", rule=HostRule(tls="record", delay=1.0))
VK = Facts("vk.com", "vk.com", rule=HostRule(tls="record", delay=1.0))
STRICT = HostRule(tls="strict")


def test_every_reason_has_words_and_there_are_no_others() -> None:
    assert WORDS.keys() == OUTCOME_OF.keys()


@pytest.mark.parametrize("rule", [HostRule(), SET, STRICT], ids=["nothing set", "all set", "strict"])
@pytest.mark.parametrize("signals", [(), ("status 500",), ("something odd",)])
@pytest.mark.parametrize("reason", WORDS)
def test_they_are_sentences_whatever_is_known(reason: str, rule: HostRule, signals: tuple[str, ...]) -> None:
    for known in (Facts(signals=signals, rule=rule), Facts("mil.ru", "eng.mil.ru", signals, rule)):
        said = of(reason, known)
        assert said.why and "{" not in said.why + said.try_next
        assert not said.why.endswith(".") and not said.try_next.endswith(".")
        assert len(said.why) < 160 and len(said.try_next) < 400


@pytest.mark.parametrize(
    "reason", [reason for reason, outcome in OUTCOME_OF.items() if outcome in ("blocked", "failed", "refused")]
)
def test_who_may_come_back_is_told_what_to_try(reason: str) -> None:
    assert of(reason, MIL).try_next


@pytest.mark.parametrize(
    ("reason", "known", "why", "try_next"),
    [
        ("timeout", MIL, "mil.ru does not answer from here", "set a proxy for *.mil.ru"),
        ("unreachable", MIL, "mil.ru cannot be reached from here", 'set a proxy for *.mil.ru ([host."*.mil.ru"] proxy)'),
        ("timeout", Facts("mil.ru", rule=SET), "mil.ru does not answer", "set another proxy, or none"),
        (
            "unreachable",
            Facts("mil.ru", signals=("the name eng.mil.ru cannot be resolved now",)),
            "cannot be reached",
            "it is asked again in the next run",
        ),
        ("geo-blocked", MIL, "mil.ru does not show it in this country", "set a proxy for *.mil.ru"),
        ("login-wall", VK, "vk.com asks for a log-in", 'export the cookies to a file and set [host."*.vk.com"] cookies'),
        ("login-wall", Facts("vk.com", rule=SET), "vk.com asks for a log-in", "export its cookies anew"),
        ("timeout", Facts("93.184.216.34"), "93.184.216.34 does not", '[host."93.184.216.34"] proxy'),
        ("forbidden", VK, "vk.com refuses to show it", "user_agent"),
        ("parked", Facts("vdc-sy.info"), "vdc-sy.info is parked: its old content is gone from there", ""),
        ("dns-dead", Facts("b.example", "www.b.example"), "the name www.b.example does not exist any more", ""),
        (
            "tls-invalid",
            Facts("mil.ru", "eng.mil.ru", ("eng.mil.ru: unable to get local issuer certificate (20)",), STRICT),
            "mil.ru has a certificate that does not verify: unable to get local issuer certificate (20)",
            'if you trust its authority, set [host."*.mil.ru"] ca_file; tls = "record" captures it all the same',
        ),
        (
            "tls-invalid",
            Facts("mil.ru", "eng.mil.ru", ("eng.mil.ru: sslv3 alert handshake failure",), HostRule(tls="record")),
            "mil.ru and we do not agree on TLS: sslv3 alert handshake failure",
            "it is asked again in the next run",
        ),
        (
            "tls-invalid",
            Facts("vk.com", signals=("vk.com: expired; credentials are not sent over …",), rule=HostRule(tls="record")),
            "vk.com does not prove who it is, and so gets no cookies",
            "ca_file",
        ),
        ("server-error", Facts("mil.ru", signals=("status 502", "status 503")), "an error of its own (status 503)", "next run"),
        ("error", Facts("mil.ru", signals=("status 416",)), "mil.ru calls the request wrong (status 416)", "preserve show"),
        ("error", Facts("mil.ru", signals=("KeyError: 'x'",)), "something went wrong, perhaps here: KeyError: 'x'", ""),
        ("limit", Facts("mil.ru", signals=("the body is longer than 9 bytes",)), "than the limits allow", "raise [limits] body"),
        (
            "limit",
            Facts("mil.ru", signals=("99 bytes are announced, and the disk of the archive has 9 left",)),
            "than the limits allow",
            "free some space on the disk",
        ),
        ("limit", Facts("youtube.com", signals=("more than video.size allows (9)",)), "limits allow", "raise [video] size"),
        ("limit", Facts("mil.ru", signals=("9 bytes that decode to more than 99",)), "limits allow", "made to do harm"),
        ("policy", Facts("mil.ru", signals=("credentials are not sent to mil.ru over plain http",)), "", "https address"),
        ("policy", Facts("a.onion", "a.onion"), "it is not asked for", "socks5h proxy"),
        ("robots", VK, "the robots.txt of vk.com does not allow it", 'set [host."*.vk.com"] robots = "record"'),
        ("scheme", Facts(), "only http and https are fetched", "sources.txt"),
        ("gone", Facts(), "the source does not have the page any more", ""),
    ],
)  # fmt: skip
def test_what_is_said(reason: str, known: Facts, why: str, try_next: str) -> None:
    said = of(reason, known)
    assert why in said.why
    assert try_next in said.try_next


def test_who_is_asked_too_often_is_told_when_it_is_asked_again() -> None:
    said = of(
        "rate-limited", Facts("vk.com", rule=HostRule(delay=2.5), next=datetime(2026, 11, 24, 23, 59, tzinfo=UTC))
    )
    assert "it is asked again on 2026-11-24" in said.try_next
    assert 'a longer [host."*.vk.com"] delay than 2.5 s may help' in said.try_next


@pytest.mark.parametrize(
    ("known", "why", "try_next"),
    [
        (Facts(asked=("wayback",)), "; web archives were asked, none has it (the Wayback Machine)", ""),
        (
            Facts(asked=("wayback", "commoncrawl", "icelandic")),
            "none has it (the Wayback Machine, Common Crawl and icelandic)",
            "",
        ),
        (
            Facts(asked=("wayback",), unanswered=("arquivo",)),
            "; web archives were asked, but Arquivo.pt did not answer",
            "",
        ),
        (Facts(archives=False), "", "web archives may have it: they are asked where [recover] archives names them"),
        (Facts(), "", ""),
    ],
)
@pytest.mark.parametrize("reason", ["gone", "parked", "dns-dead", "removed"])
def test_what_web_archives_have_said_is_told(reason: str, known: Facts, why: str, try_next: str) -> None:
    said = of(reason, known)
    assert said.why.endswith(why) and said.try_next == try_next
    assert ("web archives" in said.why) == bool(why)


@pytest.mark.parametrize("reason", ["timeout", "server-error", "scheme"])
def test_where_web_archives_are_not_asked_nothing_is_said_of_them(reason: str) -> None:
    assert "archives" not in str(of(reason, Facts(asked=("wayback",), archives=False)))


def entry(kind: str = "capture", **fields: Any) -> Entry:
    return Entry(1, kind, "a" * 32, "2026-11-22T00:00:00.000000Z", "b" * 32, fields)


def test_facts_come_from_the_visit_and_from_what_is_in_force_for_its_host() -> None:
    rules = {"*.mil.ru": HostRule(cookies="mil.txt", recover=False), "eng.mil.ru": HostRule(proxy="")}
    config = Config(network=Network(proxy="http://127.0.0.1:3128", tls="strict"), host=rules)
    visit = entry(request_url="https://eng.mil.ru/x", signals=["status 403"])
    known = facts(visit, config, "mil.ru")
    assert (known.domain, known.host, known.signals) == ("mil.ru", "eng.mil.ru", ("status 403",))
    assert (known.rule.proxy, known.rule.cookies, known.rule.tls) == ("", "mil.txt", "strict")
    assert known.archives, "that they are not asked was said"
    other = facts(entry(source="http://vk.com/"), config, "vk.com")
    assert (other.rule.proxy, other.rule.cookies, other.archives) == ("http://127.0.0.1:3128", None, True)
    assert not facts(visit, Config(recover=Recover(archives=())), "mil.ru").archives
    assert facts(visit, Config(recover=Recover((), {"theirs": "https://a.example/"})), "mil.ru").archives


def test_of_imports_the_newest_counts() -> None:
    asked = [{"archive": "wayback", "found": 0, "error": None}, {"archive": "arquivo", "found": 0, "error": "down"}]
    later = [{"archive": "wayback", "found": 0, "error": None}, {"archive": "arquivo", "found": 0, "error": None}]
    first = with_archives(MIL, [entry("import", asked=asked)])
    assert (first.asked, first.unanswered) == (("wayback",), ("arquivo",))
    both = with_archives(MIL, [entry("import", asked=asked), entry("import", asked=later)])
    assert (both.asked, both.unanswered) == (("wayback", "arquivo"), ())


@pytest.mark.parametrize("value", [None, "text", 5, {"a": 1}, [None, {"b": 2}], [[]]])
def test_entries_of_any_shape_are_read(value: Any) -> None:
    """An archive may be somebody else's."""
    known = facts(
        entry(signals=value, request_url=value, asked=value), Config(), "", imports=[entry("import", asked=value)]
    )
    assert all(isinstance(signal, str) for signal in known.signals)
    assert advice.of("error", known).why
