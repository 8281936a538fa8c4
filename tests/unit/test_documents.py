"""From a document to its citations: every one of them, with its place."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from preserve.documents import read_document
from preserve.documents.read import MAX_TEXT
from preserve.errors import DocumentError
from preserve.model import Citation

PROJECT = Path(__file__).parents[2]
SEED = PROJECT.parent / "shared/seed/russian-involvement-background.txt"
SAMPLE = PROJECT / "documents/russian-air-operation.md"
EVERYTHING = frozenset({"code", "comment"})


def cites(text: str | bytes, name: str = "report.md", **options) -> tuple[Citation, ...]:
    data = text.encode() if isinstance(text, str) else text
    return read_document(name, data=data, **options).citations


def short(citations) -> list[tuple[int, str, str]]:
    return [(c.place.line, c.role, c.url or c.written) for c in citations]


def assert_places(text: str, citations) -> None:
    """What is written stands where the citation says."""
    lines = re.split(r"\r\n|\r|\n", text)
    for c in citations:
        assert lines[c.place.line - 1][c.place.column - 1 :].startswith(c.written), c


# The two reports


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        pytest.param(
            SEED,
            [6, 12, 14, 16, 16, 18, 20, 20, 20, 20, 20, 25, 25, 25, 27, 29],
            marks=pytest.mark.skipif(not SEED.exists(), reason="the report is not part of the project"),
        ),
        (SAMPLE, [6, 18, 21, 24, 26, 29, 31, 32, 34, 35, 36, 41, 43, 44, 47, 51]),
    ],
)
def test_a_real_report_has_sixteen_citations_of_twelve_urls_and_three_images(path, lines):
    document = read_document(path)
    assert (document.format, document.encoding) == ("markdown", "utf-8")
    assert [c.place.line for c in document.citations] == lines
    absolute = [c for c in document.citations if c.url]
    assert len(absolute) == 13 and len({c.key for c in absolute}) == 12
    relative = [(c.role, c.written[:16]) for c in document.citations if not c.url]
    assert relative == [
        ("front-matter", "/assets/russian/"),
        ("image", "/assets/russian/"),
        ("image", "/assets/russian/"),
    ]
    assert_places(path.read_text(), document.citations)
    assert all(c.anchor and c.anchor in c.context for c in document.citations[1:])
    assert {c.url for c in absolute if "egNews" in c.url} == {
        "http://eng.mil.ru/en/news_page/country/more.htm?id=12059172@egNews",
        "https://function.mil.ru/news_page/intrel/more.htm?id=12121964%40egNews",
    }
    assert document.warnings == (f"{path}: 3 relative URL(s) without a base; give --base-url",)


def test_the_sample_report_cites_what_the_real_one_cites():
    if not SEED.exists():
        pytest.skip("the report is not part of the project")
    seed, sample = read_document(SEED), read_document(SAMPLE)
    assert {c.written for c in seed.citations} == {c.written for c in sample.citations}
    sentences = [s.strip() for s in re.split(r"[.\n]", SEED.read_text()) if len(s.split()) > 5]
    assert not [s for s in sentences if s in SAMPLE.read_text()]


def test_site_relative_links_are_resolved_under_the_base():
    document = read_document(SAMPLE, base_url="https://example.org/ru/")
    image = document.citations[0]
    assert image.url == "https://example.org/assets/russian/RussianMoDdocumentationofoperation.PNG"
    assert image.fetchable and image.changes == ("resolved",) and document.warnings == ()


# Markdown

MARKDOWN = [
    ("[a](http://x.org/a)", [(1, "link", "http://x.org/a")]),
    ('[a](<http://x.org/a b> "t")', [(1, "link", "http://x.org/a%20b")]),
    (r"[a](http://x.org/a\_b?c&amp;d)", [(1, "link", "http://x.org/a_b?c&d")]),
    ("[a](http://x.org/a_(b))", [(1, "link", "http://x.org/a_(b)")]),
    ("[long\nanchor](http://x.org/a)", [(2, "link", "http://x.org/a")]),
    ("[a\\](b](http://x.org/a)", [(1, "link", "http://x.org/a")]),
    ("![a](/a.png)", [(1, "image", "/a.png")]),
    ("[![a](/a.png)](http://x.org)", [(1, "image", "/a.png"), (1, "link", "http://x.org")]),
    ("<http://x.org/?a&b>", [(1, "autolink", "http://x.org/?a&b")]),
    ("<a@x.org>", [(1, "autolink", "mailto:a@x.org")]),
    ("[a][R]\n\n[r]: http://x.org/a", [(1, "reference", "http://x.org/a"), (3, "definition", "http://x.org/a")]),
    ("[r] and [r][]\n\n[r]: <http://x.org> 't'", [(1, "reference", "http://x.org")] * 2 + [(3, "definition", "http://x.org")]),
    ("x\n\n[unused]: http://x.org/a", [(3, "definition", "http://x.org/a")]),
    ("[r]: http://x.org/1\n[R]: http://x.org/2", [(1, "definition", "http://x.org/1"), (2, "text", "http://x.org/2")]),
    ("a[^1]\n\n[^1]: see http://x.org/a", [(3, "footnote", "http://x.org/a")]),
    ("a\n\n[^orphan]: [b](http://x.org/a)", [(3, "footnote", "http://x.org/a")]),
    ("see http://x.org/_a_/b_(c_d)_e.", [(1, "text", "http://x.org/_a_/b_(c_d)_e")]),
    ("**http://x.org/a** _see http://x.org/b_", [(1, "text", "http://x.org/a"), (1, "text", "http://x.org/b")]),
    ("|a|b|\n|-|-|\n|http://x.org/a|http://x.org/b|", [(3, "text", "http://x.org/a"), (3, "text", "http://x.org/b")]),
    ("`http://x.org/a`\n\n    http://x.org/b\n\n```\nhttp://x.org/c\n```", []),
    ("<!-- http://x.org/a -->\n\n<!--\n[a](http://x.org/b)\n-->", []),
    ("a <a href='http://x.org/a'>b</a> http://x.org/c", [(1, "link", "http://x.org/a"), (1, "text", "http://x.org/c")]),
    ("a <a href='http://x.org/a'>http://y.org</a>", [(1, "link", "http://x.org/a")]),
    ("a <a href='http://x.org/a'>b [c](http://x.org/c)", [(1, "link", "http://x.org/a"), (1, "link", "http://x.org/c")]),
    ("a\n\n<div>\n<img src=/a.png>\nhttp://x.org/b\n</div>", [(4, "image", "/a.png"), (5, "text", "http://x.org/b")]),
    ("> see [a](http://x.org/a)\n> http://x.org/b", [(1, "link", "http://x.org/a"), (2, "text", "http://x.org/b")]),
    ("- a\n  - [b]\n\n    [b]: http://x.org/b", [(2, "reference", "http://x.org/b"), (4, "definition", "http://x.org/b")]),
    ("[a](#b) [c]() [d](tel:1)", [(1, "link", "#b"), (1, "link", "tel:1")]),
    ("---\nurl: https://x.org/a\n---\n\ntext http://x.org/b", [(2, "front-matter", "https://x.org/a"), (5, "text", "http://x.org/b")]),
    ("---\na: [/b.png, 'c/d.jpg']\nhttps://x.org: v\ne: {f: see https://x.org/e.}\n---\n",
     [(2, "front-matter", "/b.png"), (2, "front-matter", "c/d.jpg"), (4, "front-matter", "https://x.org/e")]),
    ("---\na: >\n  folded\n  https://x.org/a\nb: 1/2.5\nc: post.html\n---\n", [(4, "front-matter", "https://x.org/a"), (6, "front-matter", "post.html")]),
    ("+++\na = 'https://x.org/a'\n[b]\nc = ['/c.png']\n+++\n", [(2, "front-matter", "https://x.org/a"), (4, "front-matter", "/c.png")]),
    ("---\n: [ broken https://x.org/a\n---\n", []),
    ("---\na: [ broken https://x.org/a\n---\n", [(2, "front-matter", "https://x.org/a")]),
    ("---\na: &a [*a]\nb: !!python/object/apply:os.system [https://x.org/a]\n---\n", [(3, "front-matter", "https://x.org/a")]),
    ("---\n\nA rule, http://x.org/a\n\n---\n", [(3, "text", "http://x.org/a")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MARKDOWN, ids=[text for text, _ in MARKDOWN])
def test_markdown(text, expected):
    if ": [ broken" in text and not expected:
        expected = [(2, "text", "https://x.org/a")]  # no key: the line above is a thematic break
    citations = cites(text)
    assert short(citations) == expected
    assert_places(text, [c for c in citations if c.role != "reference"])


def test_code_and_comments_are_cited_when_asked_for():
    text = "`http://x.org/a`\n\n```\nhttp://x.org/b\n```\n\n<!-- http://x.org/c -->\n"
    expected = [(1, "code", "http://x.org/a"), (4, "code", "http://x.org/b"), (7, "comment", "http://x.org/c")]
    assert short(cites(text, extras=EVERYTHING)) == expected
    assert short(cites(text, extras=frozenset({"code"}))) == expected[:2]


def test_anchor_and_sentence_read_as_a_person_reads_them():
    text = "First one. Then *see* the [**big** `map`](http://x.org/a), [not](http://y.org/) small. Last one.\n\nOther."
    one, other = cites(text)
    assert (one.anchor, other.anchor) == ("big map", "not")
    assert one.context == other.context == "Then see the big map, not small."


def test_the_sentence_never_exceeds_its_limit_and_keeps_the_anchor():
    (one,) = cites("word " * 500 + "[here](http://x.org/a) " + "word " * 500)
    assert len(one.context) <= 300 and " here " in one.context


# HTML

HTML = [
    ('<a href="http://x.org/?a&amp;b&copy=1">t</a>', [(1, "link", "http://x.org/?a&b&copy=1")]),
    ("<p>a\n<A HREF=http://x.org/a>t</A>", [(2, "link", "http://x.org/a")]),
    ("<a\n title='<a href=x>'\n href='/a'>t</a>", [(3, "link", "/a")]),
    ("<a href=http://x.org/1 href=http://x.org/2>t</a>", [(1, "link", "http://x.org/1")]),
    ("<p><img src=/a.png srcset='/b.png 1x, /c,d.png 2x,/e.png'>", [(1, "image", u) for u in ("/a.png", "/b.png", "/c,d.png", "/e.png")]),
    ("<p><iframe src=//x.org/a></iframe>", [(1, "embed", "https://x.org/a")]),
    ("<p><video src=/v.mp4 poster=/p.jpg><source src=/w.webm></video>", [(1, "embed", "/v.mp4"), (1, "image", "/p.jpg"), (1, "embed", "/w.webm")]),
    ("<p><embed src=/a.swf><object data=/b.pdf></object>", [(1, "embed", "/a.swf"), (1, "embed", "/b.pdf")]),
    ("<blockquote cite='http://x.org/a'>q</blockquote>", [(1, "cite", "http://x.org/a")]),
    ("<html><base href='http://x.org/b/'><a href=c>t</a>", [(1, "link", "http://x.org/b/c")]),
    ("<p>see http://x.org/?a&amp;b, <b>www.x.org</b>", [(1, "text", "http://x.org/?a&b"), (1, "text", "http://www.x.org")]),
    ("<p>\n\nhttp://x.org/<wbr>a<b>b</b>c", [(3, "text", "http://x.org/abc")]),
    ("<p>&#104;ttp://x.org/a", [(1, "text", "http://x.org/a")]),
    ("<p><a href=http://x.org/a>http://x.org/…</a>", [(1, "link", "http://x.org/a")]),
    ("<p><script>'http://x.org/a'; '<a href=/b>'</script><style>a{b:url(http://x.org)}</style>", []),
    ("<p><!-- http://x.org/a <a href=/b> --><code>http://x.org/c</code>", []),
    ("<p><noscript><img src=/a.png></noscript>", [(1, "image", "/a.png")]),
    ("<p><a href=' http://x.org/a\n'>t</a>", [(1, "link", "http://x.org/a")]),
    ("<p><a href=''>t</a><a>u</a><a name=x>v</a>", []),
    ("<p>\uf8f00:12\uf8f1http://x.org/a<br><a preserve-at=1 href=/b>c</a>", [(1, "text", "http://x.org/a"), (1, "link", "/b")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), HTML, ids=[text for text, _ in HTML])
def test_html(text, expected):
    citations = cites(text, "page.html")
    assert short(citations) == expected
    assert_places(text, [c for c in citations if "&#104" not in text and "<wbr>" not in text and c.place.line == 1])


def test_html_anchor_and_sentence_are_those_of_the_visible_text():
    text = "<h1>T</h1><p>One. See <b>the <a href=/a>big <i>map</i></a></b> here. Two.<p><a href=/b><img src=/c alt=Alt>"
    first, second, third = cites(text, "page.html")
    assert (first.anchor, first.context) == ("big map", "See the big map here.")
    assert (second.anchor, third.anchor) == ("", "Alt")


def test_html_places_are_those_of_the_source_on_every_line():
    text = "<html>\r\n" + "".join(
        f"<p>é&eacute; <a class='é' href='/{n}'>x</a> http://x.org/{n}\r\n" for n in range(500)
    )
    citations = cites(text, "page.html")
    assert len(citations) == 1000
    assert_places(text, citations)


def test_host_names_without_a_scheme_are_found_where_they_stand():
    text = "<p title='vk.com/no'>see <b>vk.com/wall-1_2</b>, минобороны.рф/а &amp; x [dot] org\n<i>or</i> vdc-sy.info</p><code>a.com/b</code>"
    citations = cites(text, "a.html")
    assert [(c.role, c.confidence, c.url) for c in citations] == [
        ("bare-domain", "likely", "http://vk.com/wall-1_2"),
        ("bare-domain", "likely", "http://минобороны.рф/а"),
        ("bare-domain", "guess", "http://x.org"),
        ("bare-domain", "guess", "http://vdc-sy.info"),
    ]
    assert_places(text, citations)


def test_what_a_comment_says_is_shown_as_it_is():
    (one,) = cites("<!-- <a href='/x' class=y> https://x.org/a -->", "a.html", extras=EVERYTHING)
    assert one.context == "<a href='/x' class=y> https://x.org/a"


# Plain text


def test_plain_text():
    text = "[12.01.18, 10:00] Ana: http://x.org/a\r\nWWW.x.org/b,\r    http://x.org/c\n"
    citations = cites(text, "chat.txt")
    assert short(citations) == [
        (1, "text", "http://x.org/a"),
        (2, "text", "http://WWW.x.org/b"),
        (3, "text", "http://x.org/c"),
    ]
    assert_places(text, citations)
    assert {c.format for c in citations} == {"whatsapp"}


@pytest.mark.parametrize(("url", "role"), [
    ("mailto:a@x.org", "link"), ("tel:1", "link"), ("javascript:a()", "link"), ("data:,a", "image"), ("#x", "link"),
])  # fmt: skip
def test_what_nobody_can_be_asked_for_is_cited_but_no_source(url, role):
    (one,) = cites(f"[a]({url})" if role == "link" else f"![a]({url})")
    assert (one.role, one.url, one.key, one.fetchable) == (role, url, "", False)


# What a document is


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.txt", "---\ntitle: x\n---\ntext", "markdown"),
        ("a.txt", "see [a](http://x.org)", "markdown"),
        ("a.txt", "one\n\n## Two\n", "markdown"),
        ("a.txt", '["Quoted", he said](http://x.org)', "markdown"),
        ("a.txt", "see http://x.org", "text"),
        ("a.txt", "# comment\nhttp://x.org\n", "text"),
        ("a.md", "see http://x.org", "markdown"),
        ("a.md", "<!DOCTYPE html><p>", "html"),
        ("a.md", "<p align=center>x</p>", "markdown"),
        ("a", "<!-- c -->\n<html lang=en>", "html"),
        ("a.txt", "<div>x</div>", "html"),
        ("a.html", "just text", "html"),
        ("a.xhtml", "<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C' 'u'><html/>", "html"),
        ("bookmarks", "<!DOCTYPE NETSCAPE-Bookmark-file-1>", "html"),
        ("empty", "", "text"),
    ],
)
def test_the_content_decides_before_the_name(name, text, expected):
    assert read_document(name, data=text.encode()).format == expected


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....word/document.xml", "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"\x89PNG\r\n\x1a\n\x00", "a picture"),
        (b"\x00\x00\x00\x18ftypmp42", "a film"),
        (b"RIFF\x00\x00\x00\x00WAVE", "sound"),
        (b"MZ\x90\x00", "a program"),
        (b"text\x00text http://x.org", "binary"),
        (bytes(range(256)) * 4, "binary"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(data, said):
    with pytest.raises(DocumentError) as refused:
        read_document("report.txt", data=data)
    assert said in refused.value.message and "report.txt" in refused.value.message and refused.value.hint


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for name, said in [
        ("fifo", "not a regular file"),
        (".", "a folder"),
        ("none", "no file"),
        ("a\0b", "cannot be read"),
    ]:
        with pytest.raises(DocumentError, match=said):
            read_document(f"{tmp_path}/{name}")
    with pytest.raises(DocumentError, match="not a regular file"):
        read_document("/dev/zero")


def test_a_document_beyond_the_limit_is_refused(monkeypatch):
    assert MAX_TEXT >= 50_000_000
    monkeypatch.setattr("preserve.documents.read.MAX_TEXT", 10)
    with pytest.raises(DocumentError, match="larger than"):
        cites("http://x.org/a")


def test_more_citations_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr("preserve.documents.read.MAX_CITATIONS", 3)
    with pytest.raises(DocumentError, match="more than 3"):
        cites("http://x.org/a " * 4)


RUSSIAN = "Смотри видео на сайте министерства: http://x.org/а и ещё одно. Я не знаю, чьё: http://x.org/b\n" * 4


@pytest.mark.parametrize(
    ("encoding", "mark", "said"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("utf-16-le", b"\xff\xfe", "utf-16"),
        ("utf-16-be", b"\xfe\xff", "utf-16"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("utf-32-le", b"\xff\xfe\0\0", "utf-32"),
        ("cp1251", b"", "cp1251"),
        ("koi8-r", b"", "koi8_r"),
    ],
)
def test_every_encoding_gives_the_same_citations(encoding, mark, said):
    document = read_document("a.txt", data=mark + RUSSIAN.encode(encoding))
    assert document.encoding == said
    assert [(c.place, c.url) for c in document.citations] == [(c.place, c.url) for c in cites(RUSSIAN, "a.txt")]
    assert len(document.citations) == 8


def test_a_declared_charset_is_believed_when_the_bytes_are_no_utf8():
    page = "<html><meta charset=windows-1251><p>Сирия <a href='http://x.org/я'>Хомс</a>"
    (one,) = cites(page.encode("cp1251"), "a.html")
    assert (one.url, one.anchor) == ("http://x.org/я", "Хомс")
    (one,) = cites(page.encode(), "a.html")
    assert (one.url, one.anchor) == ("http://x.org/я", "Хомс")


def test_one_bad_byte_does_not_change_the_encoding():
    document = read_document("a.txt", data=RUSSIAN.encode() + b"\xff http://x.org/c")
    assert document.encoding == "utf-8, damaged"
    assert [c.url for c in document.citations[:2]] == ["http://x.org/а", "http://x.org/b"]


# Hostile input

HOSTILE = {
    "nested-div.html": b"<div>" * 150_000 + b"<a href=http://x.org/a>b",
    "nested-a.html": b"<a href=/b>" * 30_000 + b"<a href=http://x.org/a>b",
    "comment.html": b"<p><a href=http://x.org/a>b</a>" + b"<!--" * 200_000,
    "quotes.html": b"<p><a href=http://x.org/a>b</a>" + b"<a href=\"<a href='" * 50_000,
    "attributes.html": b"<a " + b"b=c " * 100_000 + b"href=http://x.org/a>b",
    "srcset.html": b"<img srcset='" + b"a 1x," * 50_000 + b"'><a href=http://x.org/a>b",
    "data.html": b"<img src='data:image/png;base64," + b"A" * 3_000_000 + b"'><a href=http://x.org/a>b",
    "brackets.md": b"[" * 300_000 + b"](http://x.org/a)",
    "images.md": b"![" * 10_000 + b"a" + b"](http://x.org/a)" * 10_000,
    "quotes.md": b">" * 50_000 + b" http://x.org/a",
    "stars.md": b"*a_ " * 100_000 + b"http://x.org/a",
    "backticks.md": b"".join(b"`" * n + b" " for n in range(1000)) + b"http://x.org/a",
    "html.md": b"<a href=http://x.org/a>b</a> " * 3_000,
    "yaml.md": b"---\na: " + b"[" * 50_000 + b"\n---\nhttp://x.org/a",
    "yaml-bomb.md": b"---\na: &a [x, x]\n" + b"".join(b"k%d: &k%d [*a, *a]\n" % (n, n) for n in range(999)) + b"---\nhttp://x.org/a",
    "toml.md": b"+++\na = " + b"[" * 50_000 + b"\n+++\nhttp://x.org/a",
    "definitions.md": b"".join(b"[a%d]: http://x.org/a\n" % n for n in range(20_000)),
    "table.md": b"|a" * 10_000 + b"\n" + b"|-" * 10_000 + b"\n" + b"|http://x.org/a" * 10_000,
    "one-line.txt": b"word http://x.org/a " * 15_000,
    "newlines.txt": b"\n" * 2_000_000 + b"http://x.org/a",
    "returns.txt": b"\r" * 500_000 + b"http://x.org/a",
    "openers.txt": b"http://x.org/a " + b"(" * 500_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_read_in_bounded_time(name):
    before = time.process_time()
    citations = cites(HOSTILE[name], name)
    assert time.process_time() - before < 30  # a quadratic step takes minutes
    assert "http://x.org/a" in {c.url for c in citations}


def test_what_is_too_long_is_cut_and_said():
    (one,) = cites("[a](http://x.org/" + "a" * 1_000_000 + ")")
    assert (one.url, one.fetchable, one.changes, len(one.written)) == ("", False, ("too-long",), 16_384)


def test_the_same_bytes_give_the_same_citations_in_the_order_of_the_text():
    text = "\n\n".join(text for text, _ in MARKDOWN if not text.startswith(("---", "+++")))
    assert cites(text) == cites(text)
    places = [(c.place.line, c.place.column) for c in cites(text)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "tag", [b'<p preserve-at="zz" at-="1" cite="http://x.org/b">', b"<a/>", b"<img/src=http://x.org/b>", b"<base/>"]
)
def test_tags_of_html_are_located_however_they_are_closed_and_whatever_they_bring(tag):
    document = read_document("x.html", data=b"<html><body>" + tag + b'<a href="http://x.org/a"/>c')
    assert "http://x.org/a" in [citation.url for citation in document.citations]
