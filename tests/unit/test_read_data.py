"""Data: JSON, CSV, YAML, notebooks, bibliographies, shortcuts."""

from __future__ import annotations

import json
import plistlib
import re
import time

import pytest

from preserve.documents import read_document
from preserve.documents.readers.doi import target
from preserve.documents.readers.transcript import Transcript
from preserve.errors import DocumentError

ALL = frozenset({"code", "comment", "asset"})


def cites(text: str | bytes, name: str, kind: str = ""):
    data = text.encode() if isinstance(text, str) else text
    document = read_document(name, data=data, extras=ALL)
    assert not kind or document.format == kind
    lines = re.split(r"\r\n?|\n", data.decode("utf-8").removeprefix("\ufeff"))
    for c in document.citations:
        assert lines[c.place.line - 1][c.place.column - 1 :].startswith(c.written), c
    return document.citations


def placed(citations):
    return [(c.place.cell or c.place.pointer, c.role, c.url or c.written, c.anchor) for c in citations]


# What tells where an escaped text is written


def test_a_transcript_knows_where_its_bytes_are_written():
    source = rb"ab\u0041cd\n|ef"
    text = Transcript(source)
    text.copy(0, 2)
    text.put(b"A", 2, 8)
    text.copy(8, 10)
    text.put(b"\n", 10, 12)
    text.copy(13, 15)
    assert bytes(text.text) == b"abAcd\nef"
    assert [text.begin(at) for at in range(8)] == [0, 1, 2, 8, 9, 10, 13, 14]
    assert [text.stop(at) for at in range(1, 9)] == [1, 2, 8, 9, 10, 12, 14, 15]
    assert text.spelling(1, 4) == r"b\u0041c"
    assert text.spelling(4, 8) == "d\nef"  # it stands in two places


# JSON: pointer, role, URL, anchor

JSON = [
    ("json", '{"url":"https://a.org/1","title":"One"}', [("/url", "link", "https://a.org/1", "One")]),
    ("json", r'{"t":"see \"https:\/\/a.org\/\u00e9?b\" and www.b.org/c."}', [("/t", "text", "https://a.org/é?b", ""), ("/t", "text", "http://www.b.org/c", "")]),
    ("json", r'{"t":"https://a.org/\ud83d\ude00 x"}', [("/t", "text", "https://a.org/😀", "")]),
    ("json", '{"a/b~c":[0,{"x":["u","http://a.org/"]}]}', [("/a~1b~0c/1/x/1", "link", "http://a.org/", "")]),
    ("json", r'{"h":"<p>a <a href=\"https://a.org/?b&amp;c\">h\u00e4<\/a> http://b.org/<\/p>"}', [("/h", "link", "https://a.org/?b&c", "hä"), ("/h", "text", "http://b.org/", "")]),
    ("json", r'{"m":"see [it](https://a.org/b\\_c) ok"}', [("/m", "link", "https://a.org/b_c", "it")]),
    ("json", '{"name":"N","media":{"urls":[{"url":"http://a.org/"}]}}', [("/media/urls/0/url", "link", "http://a.org/", "N")]),
    ("json", '{"href":"/rel","url":"x y","src":"img/a.png","id":"a/b"}', [("/href", "link", "/rel", ""), ("/src", "link", "img/a.png", "")]),
    ("json", '{"@context":"https://schema.org","http://k.org/":1}', [("/@context", "asset", "https://schema.org", ""), ("/http:~1~1k.org~1", "link", "http://k.org/", "")]),
    ("json", '{"a":"he said "see http://a.org/x,y" ok","b":"http://b.org/"}', [(None, "text", "http://a.org/x,y", ""), ("/b", "link", "http://b.org/", "")]),
    ("json", '{"a":["http://a.org/","http://cut.org/', [("/a/0", "link", "http://a.org/", ""), ("/a/1", "link", "http://cut.org/", "")]),
    ("json", 'window.YTD.tweets.part0 = [{"full_text":"F","urls":[{"expanded_url":"http://a.org/"}]}]', [("/0/urls/0/expanded_url", "link", "http://a.org/", "F")]),
    ("jsonl", '{"url":"http://a.org/","title":"A"}\n{"url":"http://b.org/","title":"B"}\n', [("/url", "link", "http://a.org/", "A"), ("/url", "link", "http://b.org/", "B")]),
    ("json", '{"type":"FeatureCollection","features":[{"geometry":{"coordinates":[1.5,2.5]},"properties":{"name":"P","url":"http://a.org/"}}]}', [("/features/0/properties/url", "link", "http://a.org/", "P")]),
    ("csl", '[{"type":"book","title":"T &amp; U","DOI":"10.1000/18<2>","URL":"http://a.org/","note":"see http://b.org/."}]',
     [("/0/DOI", "bibliography", "https://doi.org/10.1000/18%3C2%3E", "T &amp; U"), ("/0/URL", "bibliography", "http://a.org/", "T &amp; U"), ("/0/note", "text", "http://b.org/", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "source", "expected"), JSON, ids=[source[:40] for _, source, _ in JSON])
def test_json(kind, source, expected):
    assert placed(cites(source, "x.txt", kind)) == expected
    spread = source.replace('{"', '{\n\r\n "') if "window" not in source and kind != "jsonl" else source
    assert placed(cites(spread, "x.json")) == expected


def test_a_doi_is_told_from_a_link():
    doi, url, _ = cites(JSON[-1][1], "x.json")
    assert (doi.confidence, doi.changes, doi.written) == ("likely", ("scheme-assumed",), "10.1000/18<2>")
    assert url.confidence == "certain"
    assert (
        target("doi: 10.1000/182") == "https://doi.org/10.1000/182"
        and not target("10.1000")
        and not target("x10.1000/1")
    )


TELEGRAM = json.dumps(
    {
        "name": "Chat",
        "messages": [
            {
                "id": 1,
                "text": ["See ", {"type": "text_link", "text": "the map", "href": "https://a.org/?b=1"}, ", then ", {"type": "link", "text": "https://c.org/é"}, ". ", {"type": "link", "text": "d.org/x"}, " too."],
                "text_entities": [{"type": "text_link", "text": "the map", "href": "https://a.org/?b=1"}],
            },
            {"id": 2, "text": "plain http://e.org/", "text_entities": [{"type": "link", "text": "http://e.org/"}]},
        ],
    },
    indent=1,
)  # fmt: skip


def test_telegrams_json():
    citations = cites(TELEGRAM, "result.json", "json")
    assert placed(citations) == [
        ("/messages/0/text/1/href", "link", "https://a.org/?b=1", "the map"),
        ("/messages/0/text/3/text", "link", "https://c.org/é", "https://c.org/é"),
        ("/messages/0/text/5/text", "bare-domain", "http://d.org/x", ""),
        ("/messages/1/text", "text", "http://e.org/", ""),
    ]
    assert citations[0].context == citations[1].context == "See the map, then https://c.org/é."
    assert citations[2].context == "d.org/x too."


# CSV

CSV = [
    ("x.csv", 'title,url,note\n"A ""q""",http://a.org/1,"see http://b.org/x, and\nwww.c.org/y"\n',
     [("B2", "link", "http://a.org/1", 'A "q"'), ("C2", "text", "http://b.org/x", ""), ("C2", "text", "http://www.c.org/y", "")]),
    ("x.csv", 'n,l\nB,"=HYPERLINK(""http://a.org/?b=1"",""label"")"\nC,"=IMAGE(""http://a.org/i.png"")"\n', [("B2", "link", "http://a.org/?b=1", "label"), ("B3", "image", "http://a.org/i.png", "")]),
    ("x.csv", "Name;Link\r\nÜ;http://a.org/1;2\r\n\r\nÖ;http://b.org/\r\n", [("B2", "link", "http://a.org/1", "Ü"), ("B4", "link", "http://b.org/", "Ö")]),
    ("x.csv", "\ufeffname|link\nx|http://a.org/a,b;c\n", [("B2", "link", "http://a.org/a,b;c", "x")]),
    ("x.csv", "n,a;b\nx,http://a.org/;y\n", [("B2", "link", "http://a.org/;y", "")]),  # the comma where both cut alike
    ("x.tsv", "name\tlink\nx\thttp://a.org/\n", [("B2", "link", "http://a.org/", "x")]),
    ("x.csv", "sep=;\nhttp://a.org/;b,c\n", [("A1", "link", "http://a.org/", "")]),
    ("x.csv", "http://a.org/\nexample.org/b\nwww.c.org\n", [("A1", "link", "http://a.org/", ""), ("A2", "bare-domain", "http://example.org/b", ""), ("A3", "text", "http://www.c.org", "")]),
    ("x.csv", 'a,b\n"<a href=""http://a.org/?b&amp;c"">t</a>",[m](http://b.org/)\n', [("A2", "link", "http://a.org/?b&c", "t"), ("B2", "link", "http://b.org/", "m")]),
    ("x.csv", "," * 27 + "http://a.org/\n", [("AB1", "link", "http://a.org/", "")]),
    ("x.csv", 'title,DOI\nT,10.1000/5\n"unclosed,http://a.org/\nx', [("B2", "bibliography", "https://doi.org/10.1000/5", "T"), ("A3", "text", "http://a.org/", "")]),
    ("x.bin", "name,link\nx,http://a.org/\ny,http://b.org/\n", [("B2", "link", "http://a.org/", "x"), ("B3", "link", "http://b.org/", "y")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "source", "expected"), CSV, ids=[source[:30] for _, source, _ in CSV])
def test_csv(name, source, expected):
    assert placed(cites(source, name)) == expected


def test_a_cell_is_told_by_its_row():
    link, text, _ = cites(CSV[0][1], "x.csv")
    assert link.context == 'title: A "q"; url: http://a.org/1; note: see http://b.org/x, and www.c.org/y'
    assert (link.confidence, text.confidence) == ("certain", "likely")
    assert text.context == "see http://b.org/x, and www.c.org/y"


# YAML

YAML = """# see http://comment.org/x
title: One
url: https://a.org/é?x=1
q: "https://b.org/\\u00e9 and \\"http://c.org/d\\" fold
  more http://e.org/"
s: 'it''s http://f.org/''x'
b: |
  line http://g.org/1  # no comment
f: >-
  folded
  http://h.org/

list:
  - http://i.org/1   # http://comment2.org
  - {name: N, href: /rel, t: [a, "http://j.org/"]}
d: &a !!python/object/apply:os.system [*a, http://k.org/]
h: <a href="http://l.org/?a&amp;b">m</a>
---
url: http://m.org/
"""


def test_yaml():
    citations = cites(YAML, "x.yaml", "yaml")
    assert placed(citations) == [
        (None, "comment", "http://comment.org/x", ""),
        ("/url", "link", "https://a.org/é?x=1", "One"),
        ("/q", "text", "https://b.org/é", ""),
        ("/q", "text", "http://c.org/d", ""),
        ("/q", "text", "http://e.org/", ""),
        ("/s", "text", "http://f.org/'x", ""),
        ("/b", "text", "http://g.org/1", ""),
        ("/f", "text", "http://h.org/", ""),
        ("/list/0", "link", "http://i.org/1", "One"),
        (None, "comment", "http://comment2.org", ""),
        ("/list/1/href", "link", "/rel", "N"),
        ("/list/1/t/1", "link", "http://j.org/", "N"),
        ("/d/1", "link", "http://k.org/", "One"),
        ("/h", "link", "http://l.org/?a&b", "m"),
        ("/url", "link", "http://m.org/", ""),
    ]
    assert citations[2].written == "https://b.org/\\u00e9" and citations[5].written == "http://f.org/''x"


def test_what_is_no_yaml_any_more_is_running_text():
    citations = cites("url: http://a.org/\nb: [ broken\nc: http://b.org/x\n", "x.yaml")
    assert placed(citations) == [("/url", "link", "http://a.org/", ""), (None, "text", "http://b.org/x", "")]
    assert placed(cites("\x07: http://a.org/\n".replace("\x07", "@"), "x.yaml")) == [
        (None, "text", "http://a.org/", "")
    ]


# Notebooks

NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": ["# T\n", "see [a](http://a.org/x\\_y) and\n", "http://b.org/é."]},
        {
            "cell_type": "code",
            "metadata": {"u": "http://meta.org/"},
            "outputs": [
                {"data": {"text/html": ['<a href="http://o.org/?a&amp;b">o</a>'], "text/plain": ["http://no.org"], "image/png": "AA//www.no.org"}},
                {"name": "stdout", "text": ["printed http://p.org/\n"]},
            ],
            "source": "get('http://code.org/')",
        },
        {"cell_type": "raw", "source": ["http://raw.org/"]},
    ],
    "nbformat": 4,
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("ascii", [True, False])
def test_notebooks(indent, ascii):
    citations = cites(json.dumps(NOTEBOOK, indent=indent, ensure_ascii=ascii), "x.bin", "ipynb")
    assert placed(citations) == [
        ("/cells/0", "link", "http://a.org/x_y", "a"),
        ("/cells/0", "text", "http://b.org/é", ""),
        ("/cells/1/metadata/u", "asset", "http://meta.org/", ""),
        ("/cells/1", "link", "http://o.org/?a&b", "o"),
        ("/cells/1", "text", "http://p.org/", ""),
        ("/cells/1", "code", "http://code.org/", ""),
        ("/cells/2", "link", "http://raw.org/", ""),
    ]


# Bibliographies

BIBTEX = r"""Intro http://c.org/0
@string{base = "http://s.org/"}
@comment{x http://c.org/1}
@article{key1, title = {The {B}ig \"o One}, url = {http://a.org/x\_y\%20z{\textasciitilde}k}, doi = {10.1000/a_b},
  howpublished = {\url{http://b.org/a_b} and \href{http://d.org/\%7E}{some {text}}}, note = "See http://e.org/\_x, accessed",
  eprint = {2101.00001}, archivePrefix={arXiv} }
@misc(k3, url = {http://g.org/}, eprint = {hep-th/9901001})
@online{k4, title={unclosed, url = {http://f.org/}
@online{k5, url = "http://h.org/a{_}b", doi = {https://doi.org/10.1/x} }
"""


def test_bibtex():
    citations = cites(BIBTEX, "x.bin", "bibtex")
    assert [(c.place.line, c.role, c.url, c.anchor) for c in citations] == [
        (1, "comment", "http://c.org/0", ""),
        (2, "definition", "http://s.org/", ""),
        (3, "comment", "http://c.org/1", ""),
        (4, "bibliography", "http://a.org/x_y%20z~k", "The Big o One"),
        (4, "bibliography", "https://doi.org/10.1000/a_b", "The Big o One"),
        (5, "bibliography", "http://b.org/a_b", "The Big o One"),
        (5, "bibliography", "http://d.org/%7E", "some text"),
        (5, "bibliography", "http://e.org/_x", "The Big o One"),
        (6, "bibliography", "https://arxiv.org/abs/2101.00001", "The Big o One"),
        (7, "bibliography", "http://g.org/", ""),
        (7, "bibliography", "https://arxiv.org/abs/hep-th/9901001", ""),
        (8, "bibliography", "http://f.org/", "unclosed, url = http://f.org/"),
        (9, "bibliography", "http://h.org/a_b", ""),
        (9, "bibliography", "https://doi.org/10.1/x", ""),
    ]
    assert citations[3].written == r"http://a.org/x\_y\%20z{\textasciitilde}k" and citations[3].changes == (
        "unescaped",
    )


def test_the_rest_of_a_broken_entry_is_no_comment():
    source = (
        "@misc{k, title {broken}, url = {http://a.org/}}\nhttp://b.org/ between\n@misc{l, title={x}}\nhttp://c.org/"
    )
    assert [(c.role, c.url) for c in cites(source, "x.bib")] == [
        ("bibliography", "http://a.org/"),
        ("bibliography", "http://b.org/"),
        ("comment", "http://c.org/"),
    ]


def test_strings_of_a_bibliography_are_put_together():
    source = '@string{base = "http://s.org/"}\n@misc{k, url = base # {path}, title=T}'
    (_, one) = read_document("x.bib", data=source.encode()).citations
    assert (one.url, one.place.line, one.place.column) == ("http://s.org/path", 2, 16)
    bomb = '@string{a="' + "x" * 10_000 + '"}\n@misc{k, url = ' + "a#" * 100_000 + "a}"
    with pytest.raises(DocumentError, match="grow without end"):
        read_document("x.bib", data=bomb.encode())


RIS = "TY  - JOUR\r\nTI  - Title É\r\nUR  - http://a.org/x;y; https://b.org/z\r\nDO  - 10.1000/xyz\r\nN1  - see www.n.org/1\r\n  and http://m.org/.\r\nL1  - file:///C:/x.pdf\r\nER  - \r\n\r\nTY  - JOUR\r\nUR  - http://c.org/\r\nER  - "


def test_ris():
    assert [(c.place.line, c.role, c.url, c.anchor) for c in cites(RIS, "x.bin", "ris")] == [
        (3, "bibliography", "http://a.org/x;y", "Title É"),
        (3, "bibliography", "https://b.org/z", "Title É"),
        (4, "bibliography", "https://doi.org/10.1000/xyz", "Title É"),
        (5, "bibliography", "http://www.n.org/1", "Title É"),
        (6, "bibliography", "http://m.org/", "Title É"),
        (7, "bibliography", "file:///C:/x.pdf", "Title É"),
        (11, "bibliography", "http://c.org/", ""),
    ]


# Shortcuts

PLIST = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0"><dict><key>URL</key><string>{}</string></dict></plist>'
SHORTCUTS = [
    ("url", "[InternetShortcut]\r\nURL=https://a.org/?x=1\r\nIconFile=http://no.org/f.ico\r\n", [("link", "https://a.org/?x=1", "")]),
    ("url", "[{000214A0-0000-0000-C000-000000000046}]\r\nProp3=19,2\r\n[InternetShortcut]\r\nIDList=\r\nURL=https://a.org/\r\n", [("link", "https://a.org/", "")]),
    ("url", "[DEFAULT]\r\nBASEURL=http://b.org/\r\n[InternetShortcut]\r\nURL=http://a.org/\r\n", [("link", "http://b.org/", ""), ("link", "http://a.org/", "")]),
    ("url", "[Desktop Entry]\nType=Link\nName=N\nURL[$e]=https://a.org/b\\\\c\nIcon=x\n", [("link", "https://a.org/b\\c", "N")]),
    ("webloc", PLIST.format("https://a.org/?x=1&amp;y"), [("link", "https://a.org/?x=1&y", "https://a.org/?x=1&y")]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "source", "expected"), SHORTCUTS)
def test_shortcuts(kind, source, expected):
    citations = cites(source, "x.webloc" if kind == "webloc" else "x.url", kind)
    assert [(c.role, c.url, c.anchor) for c in citations] == expected
    if not source.startswith("[DEFAULT"):
        assert cites(source, "x.bin", kind)


def test_binary_property_lists():
    data = plistlib.dumps(
        {"URL": "https://a.org/é?x", "more": [{"u/v": "see http://b.org/, ok"}, 1, b"x"]}, fmt=plistlib.FMT_BINARY
    )
    for name in ("x.webloc", "x.bin"):
        document = read_document(name, data=data)
        assert document.format == "bplist"
        assert [(c.place.pointer, c.role, c.url) for c in document.citations] == [
            ("/URL", "link", "https://a.org/é?x"),
            ("/more/0/u~1v", "text", "http://b.org/"),
        ]
    for bad in (data[:40], b"bplist00", b"bplist00" + b"\xff" * 64):
        with pytest.raises(DocumentError, match="property list is damaged"):
            read_document("x", data=bad)


def test_a_property_list_that_holds_itself_a_thousand_times_over():
    inner: list[object] = ["http://a.org/"]
    for _ in range(60):
        inner = [inner] * 50
    data = plistlib.dumps(inner, fmt=plistlib.FMT_BINARY)
    assert len(read_document("x", data=data).citations) == 1


# What is made to take long

HOSTILE = {
    "x.json": [b'["' + b"[" * 200_000, b'{"a":' * 100_000, b'{"a":"' + b"\\" * 200_000, b'{"a":' + b'"' * 200_000, b'{"text":["http://x.org/",' * 5000],
    "x.csv": [b"a,b\n" + b'"' * 200_000, b"a,b\n" + b'"a,' * 100_000, b"," * 100_000, b'a,b\n=HYPERLINK("' * 80_000],
    "x.yaml": [b"a: " + b"[" * 200_000, b"{a: " * 100_000, b"- " * 200_000, b'a: "' + b'x\\" ' * 100_000 + b'"', b"#" * 200_000 + b"://", b"? " * 200_000],
    "x.bib": [b"@a{b, c=" + b"{" * 200_000, b"@a{" * 50_000, b"@a{x={\n" * 20_000, b"@a{b,c={" + b"\\url{" * 200_000, b"@a" + b" " * 200_000, b"@a{b,c={" + b"\\href{a}" * 20_000],
    "x.ris": [b"TY  - JOUR\nUR  - " + b";" * 200_000, b"TY  - JOUR\nUR  - " + b" " * 200_000 + b"x"],
    "x.url": [b"[InternetShortcut]\n" + b"URL" * 100_000, b"[InternetShortcut]\nURL=" + b" " * 200_000],
    "x.ipynb": [b'{"cells":[{"source":["' + b"[" * 100_000],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "data"),
    [(n, d) for n, ds in HOSTILE.items() for d in ds],
    ids=lambda v: v if isinstance(v, str) else v[:12].decode(),
)
def test_hostile_documents_are_read_in_time(name, data):
    started = time.process_time()
    read_document(name, data=data, extras=ALL)
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "name", ["x.json", "x.csv", "x.yaml", "x.bib", "x.ris", "x.url", "x.ipynb", "x.jsonl", "x.tsv"]
)
def test_bytes_that_are_no_utf8_and_nothing_at_all(name):
    assert read_document(name, data=b"").citations == ()
    document = read_document(name, data=b'{"a": "caf\xe9 http://x.org/ caf\xe9 na\xefve"}\n')
    assert [c.url for c in document.citations] in (["http://x.org/"], [])
