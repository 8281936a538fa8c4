"""Cookies go where they belong and nowhere else (RFC 6265); those of a person only where the configuration says so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from preserve.config import Config, HostRule
from preserve.errors import ConfigError
from preserve.network import cookies, owncookies
from preserve.network.cookies import Jar
from preserve.network.owncookies import Own

NOW = datetime(2026, 11, 26, tzinfo=UTC)
FROM = "https://www.example.org/news/a?x=1"


def jar(*fields: str, url: str = FROM, own: Own | None = None) -> Jar:
    made = Jar(own, clock=NOW.timestamp) if own else Jar(clock=NOW.timestamp)
    made.take(url, [("Set-Cookie", field) for field in fields])
    return made


# (what a server gives at FROM, where it is asked next, what it is sent)
GIVEN = [
    ("a=1", "https://www.example.org/news/b", "a=1"),
    ("a=1", "https://www.example.org/news", "a=1"),
    ("a=1", "https://www.example.org/newspaper", None),
    ("a=1", "https://www.example.org/", None),
    ("a=1; Path=/", "http://www.example.org/", "a=1"),
    ("a=1; path=x", "https://www.example.org/news/", "a=1"),
    ("a=1; Path=/news/", "https://www.example.org/news", None),
    ("a=1; Path=/", "https://WWW.example.org:8443/", "a=1"),
    ("a=1; Path=/", "https://example.org/", None),
    ("a=1; Path=/", "https://x.www.example.org/", None),
    ("a=1; Path=/; Domain=example.org", "https://example.org/", "a=1"),
    ("a=1; Path=/; Domain=.Example.org", "https://m.example.org/", "a=1"),
    ("a=1; Path=/; Domain=example.org", "https://notexample.org/", None),
    ("a=1; Path=/; Domain=www.example.org", "https://x.www.example.org/", "a=1"),
    ("a=1; Path=/; Domain=x.www.example.org", "https://x.www.example.org/", None),
    ("a=1; Path=/; Domain=other.example", "https://other.example/", None),
    ("a=1; Path=/; Domain=org", "https://other.org/", None),
    ("a=1; Path=/; Domain=", "https://www.example.org/", "a=1"),
    ("a=1; Path=/; Secure", "http://www.example.org/", None),
    ("a=1; Path=/; Secure", "https://www.example.org/", "a=1"),
    ("a=1; Path=/; Max-Age=0", "https://www.example.org/", None),
    ("a=1; Path=/; Max-Age=-9999999999999999", "https://www.example.org/", None),
    ("a=1; Path=/; Max-Age=9999999999999999", "https://www.example.org/", "a=1"),
    ("a=1; Path=/; Max-Age=" + "9" * 5000, "https://www.example.org/", "a=1"),
    ("a=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "https://www.example.org/", "a=1"),
    ("a=1; Path=/; Expires=Thu, 01-Jan-70 00:00:00 GMT", "https://www.example.org/", None),
    ("a=1; Path=/; Expires=Thu Nov 26 00:00:01 2026", "https://www.example.org/", "a=1"),
    ("a=1; Path=/; Expires=tomorrow", "https://www.example.org/", "a=1"),
    ('a="1, 2"; Path=/', "https://www.example.org/", 'a="1, 2"'),
    ("a=b=c; Path=/", "https://www.example.org/", "a=b=c"),
    ("a=; Path=/", "https://www.example.org/", "a="),
    ("a; Path=/", "https://www.example.org/", None),
    ("=1; Path=/", "https://www.example.org/", None),
    ("a=1\x00; Path=/", "https://www.example.org/", None),
    ("a=1\rX: y; Path=/", "https://www.example.org/", None),
    ("a=" + "x" * cookies.MAX_FIELD, "https://www.example.org/news/a", None),
    ("a=1; Path=/", "", None),
    ("a=1; Path=/", "http://[", None),
    ("a=1; Path=/", "file:///www.example.org/", None),
]  # fmt: skip


@pytest.mark.parametrize(("field", "url", "sent"), GIVEN, ids=range(len(GIVEN)))
def test_what_a_server_gives_goes_back_to_it(field: str, url: str, sent: str | None) -> None:
    assert jar(field).header(url) == sent


@pytest.mark.parametrize(
    ("origin", "domain", "target"),
    [
        ("https://a.github.io/", "github.io", "https://b.github.io/"),
        ("https://www.b.co.uk/", "co.uk", "https://www.c.co.uk/"),
        ("http://10.0.0.1/", "0.0.1", "http://9.0.0.1/"),
        ("http://eng.mil.ru/", "ru", "http://vk.ru/"),
        ("https://a.xn--p1ai/", "xn--p1ai", "https://b.xn--p1ai/"),
    ],
)
def test_no_cookie_is_shared_among_strangers(origin: str, domain: str, target: str) -> None:
    given = jar(f"a=1; Path=/; Domain={domain}", url=origin)
    assert given.header(target) is None


@pytest.mark.parametrize("host", ["https://10.0.0.1/", "https://[::1]/", "http://localhost/", "https://github.io/"])
def test_a_host_without_others_below_it_gets_its_own_back(host: str) -> None:
    name = host.split("/")[2].strip("[]")
    assert jar(f"a=1; Domain={name}", url=host).header(host) == "a=1"


def test_the_later_takes_the_place_of_the_earlier_and_longer_paths_come_first() -> None:
    given = jar("a=1; Path=/", "b=2; Path=/news", "a=3; Path=/", "c=4; Path=/; Domain=example.org")
    assert given.header(FROM) == "b=2; a=3; c=4"
    given.take(FROM, [("set-cookie", "a=; Path=/; Max-Age=0")])
    assert given.header(FROM) == "b=2; c=4"


def test_one_host_cannot_delete_the_cookies_of_another() -> None:
    given = jar("a=1; Path=/; Domain=example.org")
    given.take("https://evil.example/", [("Set-Cookie", "a=; Path=/; Domain=example.org; Max-Age=0")])
    assert given.header(FROM) == "a=1"


def test_a_server_cannot_fill_memory_or_head() -> None:
    given = jar(*(f"n{number}={'x' * 1000}; Path=/" for number in range(1000)))
    assert len(given.header(FROM) or "") <= cookies.MAX_HEADER
    assert len(given._taken) == cookies.MAX_COOKIES


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("Wed, 21 Oct 2026 07:28:00 GMT", 2026),
        ("Wednesday, 21-Oct-26 07:28:00 GMT", 2026),
        ("Wed Oct 21 07:28:00 2026", 2026),
        ("21 oct 99 07:28:00", 1999),
        ("Wed, 32 Oct 2026 07:28:00 GMT", None),
        ("Wed, 21 Oct 2026 25:28:00 GMT", None),
        ("Wed, 21 Oct 0026 07:28:00 GMT", 2026),
        ("Wed, 21 Oct 2026", None),
        ("", None),
        ("9" * 100_000, None),
    ],
)
def test_dates(text: str, year: int | None) -> None:
    moment = cookies.moment(text)
    assert (datetime.fromtimestamp(moment, UTC).year if moment is not None else None) == year


# -- those of the configuration ----------------------------------------------------------------------------------------
KEY, OTHER = "own-canary-0123456789", "other-canary-0123456789"
FILE = f"""\
# Netscape HTTP Cookie File
#HttpOnly_.example.org	TRUE	/	TRUE	1893456000	session	{KEY}
www.example.org	FALSE	/	FALSE	0	lang	en
.elsewhere.example	TRUE	/	TRUE	1893456000	session	{OTHER}
"""


def own(tmp_path: Path, text: str | bytes = FILE, **patterns: str) -> Own:
    (tmp_path / "cookies.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    rules = {
        pattern: HostRule(cookies=file) for pattern, file in (patterns or {"www.example.org": "cookies.txt"}).items()
    }
    return Own(Config(folder=tmp_path, host=rules))


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://www.example.org/", f"session={KEY}; lang=en"),
        ("http://www.example.org/", None),
        ("https://m.example.org/", None),  # it belongs there, but no rule names the file
        ("https://example.org/", None),
        ("https://elsewhere.example/", None),
    ],
)
def test_own_cookies_go_over_https_to_hosts_of_their_rule(tmp_path: Path, url: str, sent: str | None) -> None:
    assert Jar(own(tmp_path)).header(url) == sent


def test_what_a_server_gives_in_answer_to_own_cookies_is_such_a_secret_again(tmp_path: Path) -> None:
    given = jar("session=renewed; Path=/; Domain=example.org", url="https://www.example.org/", own=own(tmp_path))
    assert given.header("https://www.example.org/") == "lang=en; session=renewed"
    assert given.header("http://www.example.org/") is None
    assert given.header("https://m.example.org/") is None


def test_a_server_may_end_an_own_cookie_for_the_rest_of_the_visit(tmp_path: Path) -> None:
    files = own(tmp_path)
    given = jar("session=; Path=/; Domain=example.org; Max-Age=0", url="https://www.example.org/", own=files)
    assert given.header("https://www.example.org/") == "lang=en"
    assert KEY in (Jar(files).header("https://www.example.org/") or "")


@pytest.mark.parametrize(
    ("url", "cookie", "passes", "secret"),
    [
        ("https://www.example.org/", f"session={KEY}", f"session={KEY}", True),
        ("https://www.example.org/", f"session={OTHER}; x=1", "x=1", True),
        ("http://www.example.org/", "x=1", None, True),
        ("https://m.example.org/", f"session={KEY}; x=1", "x=1", True),
        ("https://evil.example/", f"session={KEY}", None, True),
        ("http://evil.example/", f"x=1; session={KEY}", None, True),
        ("https://evil.example/", "x=1", "x=1", False),
        ("http://evil.example/", "lang=en", "lang=en", False),  # nobody's key
    ],
)
def test_the_last_door(tmp_path: Path, url: str, cookie: str, passes: str | None, secret: bool) -> None:
    fields, is_secret = own(tmp_path).guarded(url, (("Accept", "*/*"), ("cookie", cookie)))
    assert dict(fields).get("cookie") == passes and dict(fields)["Accept"] == "*/*"
    assert is_secret == secret


def test_yt_dlp_is_given_those_of_the_rule_of_the_film_alone(tmp_path: Path) -> None:
    files = own(tmp_path)
    assert files.plain("www.example.org") == [
        ("session", KEY, ".example.org", "/", True), ("lang", "en", "www.example.org", "/", True),
    ]  # fmt: skip
    assert files.plain("m.example.org") == []


LINES = {
    "a.example\tFALSE\t/\tTRUE\t0\tn\tv": "",
    "a.example\tFALSE\t/\tTRUE\t1893456000.5\tn\tv": "",
    "a.example\tFALSE\t/\tTRUE\t0\tn": "",  # without a value
    "#HttpOnly_a.example\tFALSE\t/\tTRUE\t0\tn\tv": "",
    "парк.example\tFALSE\t/\tTRUE\t0\tn\tv": "",
    "": "",
    "# a comment": "",
    "a.example FALSE / TRUE 0 n v": "1 fields",
    "a.example\tFALSE\t/\tTRUE\t0\tn\tv\tw": "8 fields",
    "a.example\tYES\t/\tTRUE\t0\tn\tv": "second and fourth",
    "a.example\tFALSE\tx\tTRUE\t0\tn\tv": "third",
    "a.example\tFALSE\t/\tTRUE\tsoon\tn\tv": "fifth",
    "a.example\tFALSE\t/\tTRUE\t" + "9" * 5000 + "\tn\tv": "fifth",
    "a b\tFALSE\t/\tTRUE\t0\tn\tv": "first",
    "\tFALSE\t/\tTRUE\t0\tn\tv": "first",
    "a.example\tFALSE\t/\tTRUE\t0\t\tv": "name or value",
    "a.example\tFALSE\t/\tTRUE\t0\tn\tv\x00": "name or value",
    "a.example\tFALSE\t/\tTRUE\t0\tn\tv; x=y": "name or value",
}


@pytest.mark.parametrize("line", LINES)
def test_a_broken_line_is_named_without_what_stands_in_it(tmp_path: Path, line: str) -> None:
    files = own(tmp_path, f"\ufeff{FILE}{line}\r\n")
    notes = [note for note in files.notes(NOW) if "cookies.txt:5:" in note]
    assert len(notes) == bool(LINES[line])
    assert all(LINES[line] in note for note in notes)


def test_bytes_go_back_as_they_stand_in_the_file(tmp_path: Path) -> None:
    value = "имя".encode()
    files = own(tmp_path, b"www.example.org\tFALSE\t/\tTRUE\t0\tn\t" + value + b"\n")
    assert (Jar(files).header("https://www.example.org/") or "").encode("latin-1") == b"n=" + value


@pytest.mark.parametrize("text", [b"", b'[{"name": "session"}]', b"\x00" * 100, b"a" * (owncookies.MAX_FILE + 1)])
def test_what_is_no_cookie_file_is_said_before_anything_is_asked(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(ConfigError, match=r"cookies\.txt"):
        own(tmp_path, text)
    with pytest.raises(ConfigError, match="no such file"):
        Own(Config(folder=tmp_path, host={"a": HostRule(cookies="nowhere.txt")}))


def test_what_expires_is_told_in_one_sentence_for_each_rule(tmp_path: Path) -> None:
    def line(name: str, days: float, host: str = ".example.org") -> str:
        return f"{host}\tTRUE\t/\tTRUE\t{NOW.timestamp() + days * 86400:.0f}\t{name}\t{KEY}\n"

    text = line("old", -1) + line("older", -300) + line("near", 2) + line("far", 300) + line("other", -1, "b.example")
    assert list(own(tmp_path, text).notes(NOW)) == [
        "cookies.txt: cookies for www.example.org have expired (old, older) or expire from 2026-11-28 on (near): export "
        "the file anew"
    ]
    assert list(own(tmp_path, line("far", 300)).notes(NOW)) == []
    notes = list(own(tmp_path, FILE, **{"*.third.example": "cookies.txt"}).notes(NOW))
    assert notes == ["cookies.txt holds no cookie for *.third.example: its sources are visited without"]
    assert not any(KEY in note for note in notes)


def test_nothing_writes_to_the_file(tmp_path: Path) -> None:
    files = own(tmp_path)
    (tmp_path / "cookies.txt").chmod(0o400)
    before = (tmp_path / "cookies.txt").stat()
    jar("session=new; Path=/", url="https://www.example.org/", own=files)
    after = (tmp_path / "cookies.txt").stat()
    assert (tmp_path / "cookies.txt").read_text() == FILE and before.st_mtime_ns == after.st_mtime_ns
