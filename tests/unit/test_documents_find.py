"""URLs in running text: where one begins and where the sentence goes on."""

from __future__ import annotations

import time

import pytest

from preserve.documents.find import find

U = "https://x.org/a"


def targets(text: str, **options: bool) -> list[str]:
    return [found.target for found in find(text.encode(), **options)]


@pytest.mark.parametrize("text", [
    f"{U}", f"see {U}.", f"({U})", f"[{U}]", f"<{U}>", f'"{U}"', f"'{U}'", f"“{U}”", f"«{U}»", f"„{U}“", f"{U}, and",
    f"{U}; then", f"{U}!", f"{U}?", f"{U}: this", f"({U}).", f"({U}.)", f"*{U}*", f"**{U}**", f"_{U}_", f"~~{U}~~",
    f"_see {U}_", f"`{U}`", f"VK:{U}", f"источник{U}", f"{U}\u3002后", f"见（{U}）", f"{U}，后", f"راجع {U}،", f"{U}؟",
    f"\u200f{U}\u200f", f"\u2067{U}\u2069 x", f"{U}\u00a0x", f"{U}\u2028x", f"{U}\nhttp", f"{U}\t", f"{U}\x00z",
    f"{U}|", f"{U}) b", f"\\url{{{U}}}", f"{U}\U0001f600"[:-1], f"{U}…"[:-1], f"{U}\\", f"{U}’", f"[1]{U}",
])  # fmt: skip
def test_the_sentence_keeps_its_own_punctuation(text):
    wanted = U if not text.endswith("|") else U + "|"
    assert targets(text) == [wanted]


@pytest.mark.parametrize("url", [
    "https://en.wikipedia.org/wiki/A_(b)", "https://x.org/a_(b_(c))_d", "https://x.org/?a[]=1&b[c]=2", "http://[::1]:80/a",
    "https://www.youtube.com/watch?v=abc_", "https://www.youtube.com/watch?v=abc-", "https://x.org/a,b;c", "https://x.org/~u",
    "https://x.org/@a", "https://x.org/%40a", "https://x.org/a?b=it's", "https://ar.wikipedia.org/wiki/حلب،_سوريا",
    "https://x.org/می\u200cخواهم", "https://web.archive.org/web/2019/http://x.org/a", "http://минобороны.рф/а",
    "https://zh.wikipedia.org/wiki/叙利亚", "https://x.org/a|b", "https://user:pw@x.org:81/", "HTTPS://X.ORG/A",
    "ftp://x.org/a", "ipfs://bafy/a", "magnet:?xt=urn:btih:aa", "https://x.org/a#:~:text=b", "https://x.org/{id}",
    "https://vk.com/wall-3457550_23655", "https://x.org/a//b/", "https://x.org/?", "http://localhost:8080/a",
])  # fmt: skip
def test_a_url_is_found_whole(url):
    wanted = url.rstrip("?")
    assert targets(f"see {url} there") == [wanted]
    assert targets(f"(see {url})") == [wanted]
    assert targets(f"{url}.\n") == [wanted]


@pytest.mark.parametrize(
    ("text", "expected", "confidence", "change"),
    [
        ("www.x.org/a.", "http://www.x.org/a", "likely", "scheme-assumed"),
        ("hxxps://x[.]org/a", "https://x.org/a", "guess", "refanged"),
        ("hXXp[:]//x(.)org", "http://x.org", "guess", "refanged"),
        ("https://x[.]org/a", "https://x.org/a", "guess", "refanged"),
        ("https://x.org/wat…", "https://x.org/wat", "guess", "shortened"),
        ("https://x.org/wat...", "https://x.org/wat", "guess", "shortened"),
        ("https://x.org/a\u200bb", "https://x.org/ab", "likely", "zero-width-removed"),
        ("https://x.org/\u202ea\u202c", "https://x.org/a", "likely", "zero-width-removed"),
    ],
)
def test_what_is_not_taken_as_written_is_said(text, expected, confidence, change):
    (found,) = find(text.encode())
    assert (found.target, found.confidence, found.changes) == (expected, confidence, (change,))


@pytest.mark.parametrize(
    "text",
    ["", "http://", "http://.", "http:// x", "https://…", "a://b", "www.", "www. x", "me@www.x.org", "mailto:a@x.org"],
)
def test_what_is_no_url_is_not_found(text):
    assert targets(text) == []


def test_urls_glued_by_a_comma_are_two():
    assert targets("http://a.org/x,https://b.org/y;http://c.org") == [
        "http://a.org/x",
        "https://b.org/y",
        "http://c.org",
    ]


def test_markup_has_escapes_and_entities_and_plain_text_has_not():
    assert targets(r"http://x.org/a\_b?c=1&amp;d=2&copy=3", markup=True) == ["http://x.org/a_b?c=1&d=2&copy=3"]
    assert targets(r"http://x.org/a\_b") == ["http://x.org/a"]
    assert targets("http://x.org/?c=1&amp;d") == ["http://x.org/?c=1&amp;d"]
    assert targets("&quot;http://x.org/a&quot;", markup=True) == ["http://x.org/a"]


def facts(text: str, **options: bool) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.target, one.confidence, one.changes) for one in find(text.encode(), **options)]


BARE = ("scheme-assumed",)


@pytest.mark.parametrize("name", [
    "vdc-sy.info", "vk.com", "s.l.o.w.io", "x.co.uk", "GOOGLE.COM", "Example.com", "минобороны.рф", "ПРЕЗИДЕНТ.РФ", "müller.de",
    "حلب.سوريا", "中国.中国", "भारत.भारत", "xn--80abmfdmbdfv.xn--p1ai", "𠮷野家.com", "➡.ws", "163.com", "kprm.gov.pl", "t.me",
    "some_user.livejournal.com", "vk.com:443", "duskgytldkxiuqc6.onion", "a--b.com",
])  # fmt: skip
def test_the_name_of_a_host_is_a_guess(name):
    for text in (name, f"see {name}.", f"({name})", f"«{name}»", f"“{name}”, and", f"{name}?", f"**{name}**", f"~~{name}~~",
                 f"- {name}", f"VK:{name}", f"<b>{name}</b>", f"|{name}|", f"\u200f{name}\u200f", f"{name}!", f"{name}'s", f"{name},b"):  # fmt: skip
        assert facts(text, bare=True) == [(f"http://{name}", "guess", BARE)], text
    assert facts(f"see {name}.") == []


@pytest.mark.parametrize("url", [
    "vk.com/wall-1_2", "минобороны.рф/а", "vk.com/", "vk.com?id=1", "vk.com#/a", "vk.com:80/a?b=c#d", "t.me/s/abc", "x.md/a", "agora.md/?a",
    "中国.中国/新闻", "10.am/a", "Vk.Com/durov", "45.9.1.2:8080/gate.php", "45.9.1.2/gate.php", "en.wikipedia.org/wiki/A_(b)",
    "vk.com/away.php?to=https://x.org/a", "archive.org/details/vk.com",
])  # fmt: skip
def test_the_name_of_a_host_with_a_path_or_a_query_is_likely(url):
    for text in (url, f"see {url}.", f"({url})", f"«{url}»", f"Source:{url}", f"_{url}_", f"\u2067{url}\u2069"):
        assert facts(text, bare=True) == [(f"http://{url}", "likely", BARE)], text


@pytest.mark.parametrize("text", [
    "done.It was", "published.This is", "Mr.Smith", "e.g. i.e. a.m. p.m. U.S.A. Ph.D.", "ACME.Inc", "г.Москва", "т.е. и т.д.", "z.B.",
    "node.js", "report.pdf", "v1.2.3", "1.2.3.4", "10.0.0.0/8", "12.03.2022", "9.30.am", "3.in", "a@x.org", "first.me@x.org", "a＠x.org",
    "@handle.bsky.social", "user@host.org/path", "com.example.app", "foo.bar()", "self.id", "this.link", "user.name", "arr.map(x)",
    "readme.md", "find.py", "find.py:12", "run.sh", "a.zip", "clip.mov", "x.pl", "main.rs", "lib.so", "a.cc", "x.java", "index.html",
    "/path/to/file.me", "C:\\dir\\file.me", "#vk.com", "$x.id", "?u=vk.com", "foo.invalid", "localhost", "a.local", "..com", ".com", "com",
    "vk.com:99999", "-", ".", "a..com", "a.-b.com-c", "_vk.com", "vk.com_", "x.com-based", "vk.comа", "a[at]x[.]org", "x.c0m", "a.xn--", "a.xn--zzzzzz99",
])  # fmt: skip
def test_what_is_no_host_is_not_even_a_guess(text):
    assert facts(f"see {text} there", bare=True) == []


def test_hosts_in_texts_without_spaces_end_where_the_script_changes():
    assert targets("来源vk.com/a。见x.org是一个example.com，ссылкаt.me/b", bare=True) == [
        "http://vk.com/a", "http://x.org", "http://example.com", "http://t.me/b",
    ]  # fmt: skip


def test_underscores_around_a_host_are_marks_of_emphasis():
    assert targets("_vk.com_ _t.me/a_ _x.org:80/b_", bare=True) == [
        "http://vk.com",
        "http://t.me/a",
        "http://x.org:80/b",
    ]


def test_hosts_among_urls_are_found_once_each():
    text = "a.com https://b.org/c.com d.com,e.com www.f.org/g.com h.com/https://i.org test.x@http://j.org"
    assert targets(text, bare=True) == [
        "http://a.com", "https://b.org/c.com", "http://d.com", "http://e.com", "http://www.f.org/g.com", "http://h.com/https://i.org",
        "http://j.org",
    ]  # fmt: skip
    assert [one.bare for one in find(text.encode(), bare=True)] == [True, False, True, True, False, True, False]


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("ttps://x.org/a", "https://x.org/a"),
        ("ttp://x.org/a", "http://x.org/a"),
        ("tps://x.org/a", "https://x.org/a"),
        ("http:/x.org/a", "http://x.org/a"),
        ("https//x.org/a", "https://x.org/a"),
        ("//x.org/a", "http://x.org/a"),
    ],
)
def test_a_mutilated_scheme_is_mended(written, target):
    (found,) = find(f"see {written} there".encode(), bare=True)
    assert (found.written, found.target, found.changes) == (written, target, BARE)
    assert targets(f"see {written} there") == []


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("hxxps[:]//x[.]org/a", "https://x.org/a"),
        ("hXXps://x.org/a", "https://x.org/a"),
        ("hxtp://x.org", "http://x.org"),
        ("h**ps://x.org/a", "https://x.org/a"),
        ("meow://x.org/a", "http://x.org/a"),
        ("http[:]//x.org/a", "http://x.org/a"),
        ("http(:)//x.org/a", "http://x.org/a"),
        ("http[://]x.org/a", "http://x.org/a"),
        ("http:[//]x.org/a", "http://x.org/a"),
        ("hxxp:\\\\x.org\\a\\b", "http://x.org/a/b"),
        ("http://x(.)org/a", "http://x.org/a"),
        ("http://x{.}org/a", "http://x.org/a"),
        ("http://x[dot]org/a", "http://x.org/a"),
        ("http://x(DOT)org/a", "http://x.org/a"),
        ("http://x [dot] y [.] org/a", "http://x.y.org/a"),
        ("https://x.org/gate[.]php", "https://x.org/gate.php"),
        ("hxxp://x[.]org[/]a", "http://x.org/a"),
        ("hxxp://x[.]org[:]8080/a", "http://x.org:8080/a"),
    ],
)
def test_defanged_urls_are_refanged_and_stay_guesses(written, target):
    for text in (written, f"see {written}.", f"({written})", f"`{written}`"):
        (found,) = find(text.encode())
        assert (found.written, found.target, found.confidence, found.changes) == (
            written,
            target,
            "guess",
            ("refanged",),
        )


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("x[.]org/a", "http://x.org/a"),
        ("x[.]org", "http://x.org"),
        ("x(.)y.org", "http://x.y.org"),
        ("y.x{.}org", "http://y.x.org"),
        ("x[dot]org/a[.]php", "http://x.org/a.php"),
        ("x [dot] org/a", "http://x.org/a"),
        ("find[.]py", "http://find.py"),
        ("1[.]2[.]3[.]4", "http://1.2.3.4"),
        ("1.2.3[.]4/a", "http://1.2.3.4/a"),
        ("1[.]2[.]3[.]4:80", "http://1.2.3.4:80"),
        ("пример[.]рф/а", "http://пример.рф/а"),
    ],
)
def test_defanged_hosts_are_refanged_too(written, target):
    (found,) = find(f"see ({written}).".encode(), bare=True)
    assert (found.written, found.target, found.confidence) == (written, target, "guess")
    assert found.bare and found.changes == ("refanged", "scheme-assumed")
    assert facts(written) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"https:\/\/x.org\/a?b=1\u0026c=\ud83d\ude00\"}", "https://x.org/a?b=1&c=😀"),
        (r"https:\/\/x.org\/a\nfoo", "https://x.org/a"),
        (r"https:\\/\\/x.org\\/a\\n", "https://x.org/a"),
        (r"https://x.org/a\nhttps", "https://x.org/a"),
        (r"vk.com\/wall-1", "http://vk.com/wall-1"),
    ],
)
def test_urls_are_found_as_json_writes_them(text, expected):
    assert targets(text, bare=True) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://https://x.org/a", ["https://x.org/a"]),
        ("https://t.me/a/1https://t.me/a/2", ["https://t.me/a/1", "https://t.me/a/2"]),
        ("https://x.org/?t=a%20https://y.org", ["https://x.org/?t=a%20https://y.org"]),
        ("https://x.org是。", ["https://x.org"]),
        ("https://www.my中文.com/a", ["https://www.my中文.com/a"]),
        ("👉https://t.me/abc👇🏻", ["https://t.me/abc"]),
        ("https://en.wikipedia.org/wiki/🔥", ["https://en.wikipedia.org/wiki/🔥"]),
        ("http://x.org/_'b'", ["http://x.org/_'b'"]),
        ("http://x.org/a' b", ["http://x.org/a"]),
        ("''http://x.org/a''", ["http://x.org/a"]),
        ("http://example.com_", ["http://example.com"]),
        ("https://x.org/a</a><br>", ["https://x.org/a"]),
        ("[https://x.org/a](https://x.org/a)", ["https://x.org/a", "https://x.org/a"]),
        ("https://x.org/a।", ["https://x.org/a"]),
    ],
)
def test_urls_end_where_they_end(text, expected):
    assert targets(text) == expected


FULL = "The ministry published a statement on its own web site on the next day, see"
LONG = "https://example.org/news/2022/03/24/the-very-long-title-of-the-page"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (f"{FULL}\nand {LONG}-\nof-it.html for more.\n{FULL}", "-\nof-it.html"),
        (f"{FULL}\nand {LONG}/\nof-it.html). And\n{FULL}", "/\nof-it.html"),
        (f"{FULL}\nand {LONG}_\nof. And\n{FULL}", "_\nof"),
        (f"{FULL}\nand {LONG}?\nid=12&b=3, and\n{FULL}", "?\nid=12&b=3"),
        (f"{FULL}\nand {LONG}.\nhtml and\n{FULL}", ".\nhtml"),
        (f"{FULL}\nand {LONG}\n/of-it.html. And\n{FULL}", "\n/of-it.html"),
        (f"{FULL}\nand {LONG}\n?id=1 and\n{FULL}", "\n?id=1"),
        (f"{FULL}\r\nand {LONG}-\r\nof-it.html\r\n{FULL}", "-\r\nof-it.html"),
        (f"{FULL}\nand {LONG} \n   /of-it.html and\n{FULL}", " \n   /of-it.html"),
        (f"> {FULL}\n> and {LONG}-\n> of-it.html\n> {FULL}", "-\n> of-it.html"),
        (f"{FULL}\n1. {LONG}/of-a-\nreport/2022/03/24/with-a-very-long-title/and-another-piece-of-the-\nend.html\n\n2.",
         "/of-a-\nreport/2022/03/24/with-a-very-long-title/and-another-piece-of-the-\nend.html"),
        (f"<{LONG}\n of/it.html> and", "\n of/it.html"),
        (f"{FULL} <URL:{LONG}\nOf it>", "\nOf"),
    ],
)  # fmt: skip
def test_a_url_broken_over_full_lines_is_put_together(text, rest):
    found = next(find(text.encode(), joined=True))
    if text.startswith(f"{FULL} <URL:"):  # two words in the second line: no URL
        assert found.written == LONG and not found.unjoined
        return
    assert found.written == LONG + rest
    assert text.encode()[found.start : found.end].decode() == found.written
    assert found.target == "".join(line.strip(" >") for line in found.written.splitlines())
    assert (found.confidence, found.changes) == ("guess", ("joined-lines",))
    assert found.unjoined == next(find(text.encode())).target and found.target.startswith(found.unjoined)
    assert next(find(text.encode())).changes == ()


def test_a_soft_hyphen_at_the_break_is_dropped_and_a_hyphen_kept():
    (found,) = find(f"{FULL}\nand {LONG}-pa\u00ad\ngination.html\n{FULL}".encode(), joined=True)
    assert found.target == LONG + "-pagination.html"
    assert found.changes == ("joined-lines", "zero-width-removed")


@pytest.mark.parametrize("text", [
    f"{FULL}\nand {LONG}/\nThen it went on.\n{FULL}", f"{FULL}\nand {LONG}/\nand so on\n{FULL}", f"{FULL}\nand {LONG}.\nThe next\n{FULL}",
    f"{FULL}\nand {LONG}.\nthen\n{FULL}", f"{FULL}\nand {LONG}\nof-it.html\n{FULL}", f"{FULL}\nand {LONG}-\n- a bullet\n{FULL}",
    f"{FULL}\nand {LONG}-\n2. a bullet\n{FULL}", f"{FULL}\nand {LONG}-\n• a bullet\n{FULL}", f"{FULL}\nand {LONG}-\nhttps://y.org\n{FULL}",
    f"{FULL}\nand {LONG}-\nwww.y.org\n{FULL}", f"{FULL}\nand {LONG}-\n\nof-it\n{FULL}", f"> {FULL}\n> and {LONG}-\nof-it.html\n> {FULL}",
    f"{FULL}\nand {LONG})\n/of-it\n{FULL}", f"{FULL}\nand {LONG},\n/of-it\n{FULL}", f"{FULL}\nand {LONG}?\nYes.\n{FULL}",
    f"{FULL}\nhttps://x.org/a-\nb.html\n{FULL}", f"{FULL}\nhttps://x.org/a/\nb/c.html\n{FULL}", "https://x.org/\nabc\nhttps://y.org/\ndef",
    f"{FULL}\nand {LONG}/\n", f"{FULL}\nand {LONG}/", f"{FULL}\nand {LONG}-\n[1] note\n{FULL}",
])  # fmt: skip
def test_lines_that_do_not_go_on_are_not_joined(text):
    assert list(find(text.encode(), joined=True)) == list(find(text.encode())) != []


def test_a_url_goes_on_for_so_many_lines_and_no_further():
    (found,) = find(("https://x.org/" + "a" * 60 + "-\n" + ("b" * 70 + "-\n") * 50).encode(), joined=True)
    assert found.written.count("\n") == 7


def test_a_host_without_scheme_is_joined_too():
    (found,) = find(f"{FULL}\nand {LONG[8:]}-of-a-\npage.html\n{FULL}".encode(), bare=True, joined=True)
    assert (found.target, found.changes) == (
        "http://" + LONG[8:] + "-of-a-page.html",
        ("joined-lines", "scheme-assumed"),
    )
    assert found.unjoined == "http://" + LONG[8:] + "-of-a-"


def test_offsets_are_bytes_of_the_source():
    text = "éé http://x.org/é. www.ж.рф"
    for found in find(text.encode()):
        assert text.encode()[found.start : found.end].decode() == found.written


def test_only_the_range_asked_for_is_searched():
    assert [found.target for found in find(b"http://a.org http://b.org http://c.org", 13, 23)] == ["http://b.o"]


@pytest.mark.parametrize("text", [
    "http://x.org/" + "a" * 1_000_000, "http://x.org/" + "%" * 500_000, "http://x.org/" + "(" * 500_000,
    "http://x.org/" + "[" * 500_000, "http://x.org/" + ")" * 500_000, "http://x.org/" + "…" * 300_000,
    "http://)" * 30_000, "http://" * 50_000, "http://x)" * 20_000, "http://x.org/a_" * 20_000, "www." * 50_000,
    "http://x.org/" + "*_~" * 200_000, "://" * 60_000, "hxxp[" * 100_000, "http://x.org/ _" * 10_000, "&amp;" * 200_000,
    "\\" * 800_000, "http://x/ ww" * 15_000,
])  # fmt: skip
def test_no_text_takes_long(text):
    before = time.process_time()
    for markup in (False, True):
        for _ in find(text.encode(), markup=markup):
            pass
    assert time.process_time() - before < 20  # a quadratic step takes minutes


@pytest.mark.parametrize("text", [
    "a." * 100_000, "." * 200_000, "-.-." * 50_000, "com." * 50_000, "www.www." * 20_000, "a.com " * 8_000, "a.com@" * 20_000,
    "[.]" * 60_000, "a[.]" * 50_000, "a [dot] " * 20_000, "1." * 100_000, "1[.]" * 40_000, "ttp://" * 20_000, "中.com" * 8_000,
    "a." + "中" * 60_000, "➡." * 40_000, "_" * 200_000 + ".com", "a" * 200_000 + ".com", ":)" * 40_000, "भ." * 40_000,
    "/\n" * 100_000, "http://x/\n" * 6_000, "http://x.org/a-\n/a-\n" * 3_000, "<http://x.org/a\n" * 6_000, "http://x/-\n" + ">" * 180_000,
    "<http://x.org/a" + "\na" * 60_000, "http://x/-\n" + "\t" * 180_000, ("http://x/-" + " " * 300 + "\n") * 3000,
    "https:\\/\\/x.org" + "\\/" * 80_000, "http:" + "\\" * 180_000, "http:\\\\x" + "\\a" * 80_000, "http://x.org/" + "'" * 180_000,
    ("http://x.org/a" + "🔥" * 3900 + "x ") * 30, "https://x.orghttps://" * 4_000,
])  # fmt: skip
def test_no_text_takes_long_with_hosts_and_joined_lines(text):
    before = time.process_time()
    for joined in (False, True):
        for _ in find(text.encode(), bare=True, joined=joined):
            pass
    assert time.process_time() - before < 10  # a quadratic step takes minutes


def test_an_endless_url_is_one_citation_that_says_so():
    (found, after) = find(b"http://x.org/" + b"a" * 1_000_000 + b" http://y.org")
    assert found.changes == ("too-long",) and found.target == ""
    assert after.target == "http://y.org"
