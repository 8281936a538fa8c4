"""Mail, mailboxes and saved pages: every part, at the place where its decoded text has it."""

from __future__ import annotations

import base64
import codecs
import email.policy
import io
import mailbox
import quopri
import time
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from preserve.documents import read_document
from preserve.documents.read import Document
from preserve.documents.readers import mail, mime
from preserve.errors import DocumentError

HEAD = b"From: desk@example.org\nDate: Fri, 02 Oct 2015 08:15:00 +0300\nMIME-Version: 1.0\n"


def document(data: bytes, name: str = "a.eml", **options) -> Document:
    return read_document(name, data=data, **options)


def short(found: Document) -> list[tuple[str | None, int | None, int | None, str, str]]:
    return [(c.place.part, c.place.line, c.place.column, c.role, c.url or c.written) for c in found.citations]


def message(kind: bytes, body: bytes, transfer: bytes = b"8bit", head: bytes = HEAD) -> bytes:
    return head + b"Content-Type: " + kind + b"\nContent-Transfer-Encoding: " + transfer + b"\n\n" + body


def several(kind: bytes, *parts: bytes, boundary: bytes = b"b") -> bytes:
    """Parts with their fields, put together."""
    inner = b"".join(b"--" + boundary + b"\n" + part + b"\n" for part in parts)
    return b"Content-Type: " + kind + b'; boundary="' + boundary + b'"\n\n' + inner + b"--" + boundary + b"--\n"


# Header fields

FIELDS = [
    (b"Subject: see https://x.org/a.", [("Subject", "https://x.org/a", "likely")]),
    (b"Subject: see example.org/a", [("Subject", "http://example.org/a", "likely")]),
    (b"Subject: =?utf-8?Q?=D1=81=D0=BC._https=3A//x.org/=D0=B0?=", [("Subject", "https://x.org/а", "likely")]),
    (b"Subject: =?UTF-8?B?aHR0cHM6Ly94Lm9y?=\n =?utf-8?b?Zy9h?=", [("Subject", "https://x.org/a", "likely")]),
    (b"Subject: =?windows-1251?Q?=F1=EC. https://x.org/=E0?=", [("Subject", "https://x.org/а", "likely")]),
    (b"Subject: =?iso-8859-1*en?q?https://x.org/=e9?=", [("Subject", "https://x.org/é", "likely")]),
    (b"Subject: =?utf-8?Q?https=3A//x.org/=D0?= =?utf-8?Q?=B0?=", [("Subject", "https://x.org/а", "likely")]),
    (b"Subject: =?nonsense?q?https://x.org/a?= =?utf-8?b?!?=", [("Subject", "https://x.org/a", "likely")]),
    (b"Subject: \xf1\xec. https://x.org/\xe0\nContent-Type: text/plain; charset=cp1251", [("Subject", "https://x.org/а", "likely")]),
    (b"Subject: https://x.org/\xe9", [("Subject", "https://x.org/é", "likely")]),
    (b"From: example.org <a@example.org>\nTo: x.org/a", []),
    (b"List-Unsubscribe: <mailto:a@x.org>, <https://x.org/u?a=1>",
     [("List-Unsubscribe", "mailto:a@x.org", "certain"), ("List-Unsubscribe", "https://x.org/u?a=1", "certain")]),
    (b"Archived-At: <https://x.org/a\r\n b/c>", [("Archived-At", "https://x.org/ab/c", "certain")]),
    (b"X-Report: at https://x.org/a, <https://x.org/b>", [("X-Report", "https://x.org/a", "likely"), ("X-Report", "https://x.org/b", "certain")]),
    (b"x-folded: see\n\thttps://x.org/a", [("x-folded", "https://x.org/a", "likely")]),
    (b"Content-Type: multipart/mixed; boundary=\"https://x.org/b\"", []),
    (b"Content-Type : text/plain\nX-A:https://x.org/a", [("X-A", "https://x.org/a", "likely")]),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "expected"), FIELDS, ids=[str(fields) for fields, _ in FIELDS])
def test_fields(fields, expected):
    found = document(HEAD + fields + b"\n\nHello\n").citations
    assert [(c.place.part, c.url, c.confidence) for c in found] == expected
    assert all(c.role == "header" and c.place.line is None for c in found)


def test_a_field_that_was_folded_inside_a_url_says_so():
    (cited,) = document(HEAD + b"Archived-At: <https://x.org/a\n b>\n\n").citations
    assert (cited.written, cited.url, cited.changes) == ("https://x.org/a b", "https://x.org/ab", ("joined-lines",))


# Bodies

TEXT = "Отчёт:\n  см. https://x.org/путь?а=1 и\n> https://x.org/b\n"
EXPECTED = [("1", 2, 7, "text", "https://x.org/путь?а=1"), ("1", 3, 3, "text", "https://x.org/b")]
BODIES = [
    (b'text/plain; charset="utf-8"', TEXT.encode(), b"8bit"),
    (b"text/plain; charset=utf-8", base64.encodebytes(TEXT.encode()), b"BASE64"),
    (b"text/plain; charset=utf-8", quopri.encodestring(TEXT.encode()), b"Quoted-Printable"),
    (b"text/plain; charset=utf-8", TEXT.encode().replace(b"\n", b"\r\n"), b"binary"),
    (b"TEXT/PLAIN; Charset=KOI8-R", TEXT.encode("koi8-r"), b"8bit"),
    (b"text/plain; charset=windows-1251", base64.encodebytes(TEXT.encode("cp1251")), b"base64"),
    (b"text/plain; charset*=us-ascii'en'utf-8", TEXT.encode(), b""),
    (b"text/plain; charset=us-ascii", TEXT.encode(), b"7bit"),  # it is not
    (b"text/plain; charset=iso-8859-1", TEXT.encode(), b"8bit"),  # nor is this
    (b"text/plain; charset=unknown-8bit", TEXT.encode("cp1251"), b"8bit"),
    (b"text/plain; charset=utf-16", TEXT.encode("utf-16"), b"binary"),
    (b"text/plain; charset=utf-8", codecs.BOM_UTF8 + TEXT.encode(), b"8bit"),
]


@pytest.mark.parametrize(("kind", "body", "transfer"), BODIES, ids=[f"{row[0]} {row[2]}" for row in BODIES])
def test_bodies(kind, body, transfer):
    assert short(document(message(kind, body, transfer))) == EXPECTED


def test_a_text_in_utf8_is_not_taken_for_what_it_says_it_is():
    (cited,) = document(message(b"text/plain; charset=iso-8859-1", "https://x.org/é".encode())).citations
    assert cited.url == "https://x.org/é"


def test_a_text_in_an_undeclared_charset_is_guessed():
    found = short(document(message(b"text/plain", TEXT.encode("koi8-r") * 3)))
    assert found[:2] == EXPECTED and len(found) == 6


@pytest.mark.parametrize(
    "kind", [b"nonsense", b"text", b";", b"text/plain charset=utf-8", b'text/;;;"', b"=?utf-8?q?text/plain?="]
)
def test_a_type_that_is_none_is_text(kind):
    assert document(message(kind, b"https://x.org/a\n")).citations[0].url == "https://x.org/a"


CHARSETS = ["punycode", "idna", "unicode_escape", "base64", "rot13", "a\0b", "utf-8\0", "x" * 5000, "undefined", "mbcs"]


@pytest.mark.parametrize("charset", CHARSETS)
def test_no_charset_breaks_the_reader(charset):
    body = b"https://x.org/a-b\n" * 2
    found = document(message(b'text/plain; charset="' + charset.encode() + b'"', body))
    assert [c.url for c in found.citations] == ["https://x.org/a-b"] * 2


def test_base64_is_read_through_what_stands_between():
    halves = base64.b64encode(b"see https://x.or") + b"\n" + base64.b64encode(b"g/a and https://x.org/b")
    found = document(message(b"text/plain", b"!" + halves.replace(b"=\n", b"=\n--\n") + b"=\x00\n", b"base64"))
    assert [c.url for c in found.citations] == ["https://x.org/a", "https://x.org/b"]
    assert mime.unbase64(b"QQ==QUI=QUJD=A==QUJDRA") == b"AABABCABCD"


def test_an_encoding_that_nobody_knows_is_told():
    found = document(message(b"text/plain", b"https://x.org/a\n", b"x-uuencode"))
    assert found.warnings == ("a.eml: (1): is encoded as x-uuencode, which I do not know",) and found.unread
    assert [c.url for c in found.citations] == ["https://x.org/a"]


FLOWED = [
    # Without DelSp the space is text: nothing is joined.
    (b"text/plain; format=flowed", b"see https://x.org/a \nb\n", [(1, 5, "https://x.org/a", ())]),
    (b"text/plain; format=flowed; delsp=yes", b"see https://x.org/a \nb/c \nd.\n", [(1, 5, "https://x.org/ab/cd", ("joined-lines",))]),
    (b"text/plain; Format=Flowed; DelSp=Yes", b"> see https://x.org/a \r\n> b\r\n> https://x.org/c\r\n",
     [(1, 7, "https://x.org/ab", ("joined-lines",)), (3, 3, "https://x.org/c", ())]),
    (b"text/plain; format=flowed; delsp=yes", b"long \nlines https://x.org/a\n-- \nhttps://x.org/b\n",
     [(2, 7, "https://x.org/a", ()), (4, 1, "https://x.org/b", ())]),
    (b"text/plain; format=flowed; delsp=yes", b"https://x.org/a \n\nb\n", [(1, 1, "https://x.org/a", ())]),
    (b"text/calendar", b"BEGIN:VEVENT\r\nURL:https://x.org/meet\r\n ing/1\r\nEND:VEVENT\r\n", [(2, 5, "https://x.org/meeting/1", ("joined-lines",))]),
    (b"text/vcard", b"URL:https://x.org/a\nNOTE:x\n", [(1, 5, "https://x.org/a", ())]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "body", "expected"), FLOWED)
def test_broken_lines(kind, body, expected):
    found = document(message(kind, body)).citations
    assert [(c.place.line, c.place.column, c.url, c.changes) for c in found] == expected
    (shown,) = document(message(kind, body), show=True).stretches
    assert [shown.text[start:end] for start, end, _ in shown.marks] == [c.written for c in found]
    lines = body.decode().replace("\r\n", "\n").split("\n")
    assert all(lines[c.place.line - 1][c.place.column - 1 :].startswith(c.written[:10]) for c in found)


def test_urls_that_were_broken_where_the_line_was_full_are_guessed():
    text = b"> It was moved to https://x.org/reports/2015/october/second/a-long-name/\n> of/the-page.html which is kept there.\n"
    (cited,) = document(message(b"text/plain", text)).citations
    assert (cited.place.line, cited.place.column, cited.confidence) == (1, 19, "guess")
    assert cited.url == "https://x.org/reports/2015/october/second/a-long-name/of/the-page.html"
    assert cited.changes == ("joined-lines",)


# Parts

ALTERNATIVE = several(
    b"multipart/alternative",
    b"\nsee https://x.org/a\n",
    b'Content-Type: text/html; charset=utf-8\n\n<p>\n  see <a href="https://x.org/a">\xd0\xb0</a></p>',
    boundary=b"in",
)
PARTS = [
    (ALTERNATIVE, [("1", 1, 5, "text", "https://x.org/a"), ("2", 2, 16, "link", "https://x.org/a")]),
    (several(b"multipart/mixed", ALTERNATIVE, b"\nhttps://x.org/b"),
     [("1.1", 1, 5, "text", "https://x.org/a"), ("1.2", 2, 16, "link", "https://x.org/a"), ("2", 1, 1, "text", "https://x.org/b")]),
    (several(b"multipart/mixed", b"\na", b"Content-Type: message/rfc822\n\nSubject: https://x.org/s\n\nhttps://x.org/b"),
     [("2 Subject", None, None, "header", "https://x.org/s"), ("2.1", 1, 1, "text", "https://x.org/b")]),
    (several(b"multipart/mixed", b"Content-Type: message/rfc822\n\nSubject: https://x.org/s\n" + ALTERNATIVE),
     [("1 Subject", None, None, "header", "https://x.org/s"), ("1.1", 1, 5, "text", "https://x.org/a"), ("1.2", 2, 16, "link", "https://x.org/a")]),
    (several(b"multipart/digest", b"\nSubject: https://x.org/s\n\nhttps://x.org/b"),
     [("1 Subject", None, None, "header", "https://x.org/s"), ("1.1", 1, 1, "text", "https://x.org/b")]),
    (several(b"multipart/mixed", b'Content-Type: text/csv; name="a.csv"\n\nid,url\n1,https://x.org/a'), [("1 a.csv", 2, 3, "link", "https://x.org/a")]),
    (several(b"multipart/mixed", b"Content-Disposition: attachment; filename*=utf-8''%D0%B0.md\n\n[a](https://x.org/a)"),
     [("1 а.md", 1, 5, "link", "https://x.org/a")]),
    (several(b"multipart/mixed", b"Content-Disposition: attachment; filename*1*=%2Emd; filename*0=a\n\n[a](https://x.org/a)"),
     [("1 a.md", 1, 5, "link", "https://x.org/a")]),
    (several(b"multipart/mixed", b'Content-Type: text/plain; name="=?utf-8?b?0LAubWQ=?="\n\n[a](https://x.org/a)'), [("1 а.md", 1, 5, "link", "https://x.org/a")]),
    (several(b"multipart/mixed", b'Content-Disposition: attachment; filename="..\\\\..\\\\x/\xe2\x80\xaea.md"\n\n[a](https://x.org/a)'),
     [("1 \\u202ea.md", 1, 5, "link", "https://x.org/a")]),
    (several(b"multipart/mixed", b"Content-Type: message/external-body; access-type=URL;\n URL=\"https://x.org/big.pdf\"\n\nContent-Type: application/pdf\n\n"),
     [("1 Content-Type", None, None, "header", "https://x.org/big.pdf")]),
    (several(b"multipart/report", b"\na", b"Content-Type: message/delivery-status\n\nDiagnostic-Code: smtp; 550 see https://x.org/a\n"),
     [("2", 1, 32, "text", "https://x.org/a")]),
    (several(b"multipart/signed", b"\nhttps://x.org/a", b"Content-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\nhttps://x.org/no\n"),
     [("1", 1, 1, "text", "https://x.org/a")]),
    (several(b"multipart/mixed", b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=", b"Content-Type: image/jp2\n\n\0\1\2https://x.org/no"), []),
    (several(b"multipart/mixed", b"Content-Type: image/png; name=a.md\n\n[a](https://x.org/a)"), [("1 a.md", 1, 5, "link", "https://x.org/a")]),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "expected"), PARTS)
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_parts(parts, expected, newline):
    found = document((HEAD + parts).replace(b"\n", newline))
    assert short(found) == expected and found.warnings == ()


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_the_line_break_before_a_boundary_belongs_to_it(newline):
    data = (HEAD + several(b"multipart/mixed", b"\na\n\n", b"\nb")).replace(b"\n", newline)
    assert [part.body for part in mime.walk(data)] == [b"", b"a" + 2 * newline, b"b"]


def test_text_between_the_parts_is_no_text():
    data = several(b"multipart/mixed", b"\nhttps://x.org/a", boundary=b"b").replace(
        b"\n\n--b", b"\n\nhttps://x.org/no\n--b", 1
    )
    assert [c.url for c in document(HEAD + data + b"https://x.org/no\n").citations] == ["https://x.org/a"]


def test_documents_within_are_read_with_their_own_places():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("in/a.md", "\n[a](https://x.org/a)")
    part = b'Content-Type: application/zip; name="all.zip"\nContent-Transfer-Encoding: base64\n\n'
    found = document(HEAD + several(b"multipart/mixed", part + base64.encodebytes(packed.getvalue())))
    assert short(found) == [("1 all.zip!in/a.md", 2, 5, "link", "https://x.org/a")]


def test_a_message_that_was_encoded_against_the_rules_is_read():
    inner = base64.encodebytes(HEAD + b"Subject: https://x.org/s\n\nhttps://x.org/a")
    found = document(
        HEAD
        + several(b"multipart/mixed", b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + inner)
    )
    assert short(found) == [
        ("1!Subject", None, None, "header", "https://x.org/s"),
        ("1!1", 1, 1, "text", "https://x.org/a"),
    ]


CLOSED = [
    (several(b"multipart/encrypted", b"Content-Type: application/pgp-encrypted\n\nVersion: 1", b"Content-Type: application/octet-stream\n\nhttps://x.org/no"), "is encrypted"),
    (b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nhttps://x.org/no", "(1 smime.p7m): is encrypted (S/MIME)"),
    (b"Content-Type: application/x-pkcs7-mime; smime-type=signed-data\n\nhttps://x.org/no", "(1): is wrapped in its signature (S/MIME), which I cannot read"),
    (b"Content-Type: application/ms-tnef\n\nx", "(1): is what Outlook packs attachments into (TNEF), which I cannot read"),
    (b"Content-Type: application/octet-stream; name=WINMAIL.DAT\n\nx", "(1 WINMAIL.DAT): is what Outlook packs attachments into (TNEF), which I cannot read"),
    (b"\n-----BEGIN PGP MESSAGE-----\n\nhQEMA", "(1): has text that is encrypted (OpenPGP)"),
    (b"Content-Type: message/partial; id=a; number=1\n\nx", "(1): is one piece of a message that was sent in several"),
    (b"Content-Type: application/octet-stream; name=a.bin\n\n\0\1\2\3\0\0\0\0\1", "(1 a.bin): holds binary data, not text"),
]  # fmt: skip


@pytest.mark.parametrize(("rest", "warning"), CLOSED)
def test_what_cannot_be_read_is_told(rest, warning):
    found = document(HEAD + rest)
    assert found.warnings == (f"a.eml: {warning}",) and found.unread and not found.citations


# Saved pages

SAVED = several(
    b"multipart/related",
    b"Content-Type: text/html\nContent-Location: https://x.org/dir/page\n\n<a href=a>a</a><a href=/b>b</a><img src=cid:1>",
    b"Content-Type: image/png\nContent-Location: https://x.org/dir/p.png\n\n\x89PNG\r\n\x1a\n",
    b"Content-Type: text/css\nContent-Location: https://x.org/dir/s.css\n\na { background: url(https://x.org/bg) }",
    b"Content-Type: text/html\nContent-Location: cid:frame\n\n<base href=c/><a href=d>d</a>",
)


def test_a_saved_page_stands_where_it_was_saved_from():
    found = document(HEAD + b"Snapshot-Content-Location: https://x.org/dir/page\n" + SAVED, "a.mht")
    assert [(c.place.part, c.role, c.url) for c in found.citations] == [
        ("Snapshot-Content-Location", "header", "https://x.org/dir/page"),
        ("1 Content-Location", "header", "https://x.org/dir/page"),
        ("1", "link", "https://x.org/dir/a"),
        ("1", "link", "https://x.org/b"),
        ("1", "image", "cid:1"),
        ("4", "link", "https://x.org/dir/c/d"),
    ]
    assert found.format == "eml" and not found.warnings
    more = document(HEAD + SAVED, "a.mht", extras=frozenset({"asset", "code"}))
    assert {("2 Content-Location", "asset"), ("3 Content-Location", "asset"), ("3", "code")} <= {
        (c.place.part, c.role) for c in more.citations
    }


# Broken and hostile

BROKEN = [
    ("no end", several(b"multipart/mixed", b"\nhttps://x.org/a")[:-6], ["https://x.org/a"], "has no end; more may be missing"),
    ("no parts", b"Content-Type: multipart/mixed; boundary=no\n\nhttps://x.org/a\n--b\n", ["https://x.org/a"], "(1): says that it has parts, and none begins"),
    ("no boundary", b"Content-Type: multipart/mixed\n\nhttps://x.org/a\n", ["https://x.org/a"], ""),
    ("no empty line", several(b"multipart/mixed", b"https://x.org/a"), ["https://x.org/a"], ""),
    ("same boundary", several(b"multipart/mixed", several(b"multipart/mixed", b"\nhttps://x.org/a"), b"\nhttps://x.org/b"), ["https://x.org/a", "https://x.org/b"], ""),
    ("inner not closed", several(b"multipart/mixed", several(b"multipart/mixed", b"\nhttps://x.org/a", boundary=b"in")[:-7], b"\nhttps://x.org/b"), ["https://x.org/a", "https://x.org/b"], ""),
    ("empty multipart", several(b"multipart/mixed", several(b"multipart/mixed", boundary=b"in"), b"\nhttps://x.org/b"), ["https://x.org/b"], ""),
    ("white space", several(b"multipart/mixed", b"\nhttps://x.org/a").replace(b"--b\n", b"--b \t\n"), ["https://x.org/a"], ""),
    ("not at a line's start", several(b"multipart/mixed", b"\na --b\n https://x.org/a"), ["https://x.org/a"], ""),
    ("longer boundary", several(b"multipart/mixed", b"\n--bb\nhttps://x.org/a"), ["https://x.org/a"], ""),
    ("no text", b"Content-Type: text/plain\n", [], ""),
]  # fmt: skip


@pytest.mark.parametrize(("data", "urls", "warning"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_broken_parts(data, urls, warning):
    found = document(HEAD + data)
    assert [c.url for c in found.citations] == urls
    assert [w.removeprefix("a.eml: ") for w in found.warnings] == [warning] * bool(warning)
    assert found.unread == bool(warning)


MB = 1 << 20
HOSTILE = {
    "multiparts in each other": b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(10_000)),
    "messages in each other": b"Content-Type: message/rfc822\n\n" * 10_000,
    "fields": b"X: y\n" * 100_000,
    "a long field": b"Subject: " + b"a" * 4 * MB,
    "a folded field": b"Subject: " + b"a\n " * MB,
    "encoded words": b"Subject: " + b"=?x?q?=80?= =?y?b?gA==?=" * 100_000,
    "half words": b"Subject: " + b"=?a?q?" * MB,
    "angles": b"X: " + b"<" * 4 * MB,
    "parameters": b"Content-Type: text/plain" + b';a="\\' * MB,
    "sections": b"Content-Type: text/plain" + b";a*9=1;a*=2" * 4000,
    "no boundaries": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"\n--" * MB,
    "boundaries": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * MB,
    "padding": b"Content-Transfer-Encoding: base64\n\n" + b"A=" * MB,
    "soft breaks": b"Content-Type: text/plain; format=flowed; delsp=yes\n\n" + b" \n" * MB,
}  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_nothing_takes_long(data):
    begun = time.process_time()
    document(HEAD + data)
    assert time.process_time() - begun < 8


def test_limits_are_told():
    def warned(data: bytes) -> str:
        found = document(HEAD + data)
        assert found.unread
        return "\n".join(found.warnings)

    assert "is nested in more than 100 others" in warned(HOSTILE["multiparts in each other"])
    assert "is nested in more than 100 others" in warned(HOSTILE["messages in each other"])
    assert "has more than 20,000 header fields" in warned(HOSTILE["fields"])
    assert "has more than 10,000 parts" in warned(HOSTILE["boundaries"])


def test_a_message_that_is_too_large_is_read_from_its_beginning(monkeypatch):
    monkeypatch.setattr(mail, "MAX_MESSAGE", 1000)
    found = document(HEAD + b"\nhttps://x.org/a\n" + b"x\n" * 1000 + b"https://x.org/b\n")
    assert [c.url for c in found.citations] == ["https://x.org/a"] and found.unread
    assert found.warnings == ("a.eml: is larger than 0 MiB; only its beginning is read",)


def test_cut_anywhere_it_is_read_as_far_as_it_goes():
    data = HEAD + several(
        b"multipart/mixed", ALTERNATIVE, b"Content-Type: message/rfc822\n\n" + HEAD + b"\nhttps://x.org/b"
    )
    for end in range(len(HEAD), len(data)):
        document(data[:end])


# Mailboxes

ONE = HEAD + b"Subject: a\n\nhttps://x.org/%d\n"
SEPARATORS = {
    "mboxrd": b"From desk@example.org Fri Oct  2 08:15:00 2015\n",
    "Thunderbird": b"From - Fri Oct  2 08:15:00 2015\n",
    "Thunderbird since": b"From \n",
    "Gmail": b"From 1500000000000000000@xxx Fri Oct 02 08:15:00 +0000 2015\n",
    "Eudora": b"From ???@??? Fri Oct 02 08:15:00 2015\n",
}


@pytest.mark.parametrize("separator", SEPARATORS.values(), ids=SEPARATORS)
@pytest.mark.parametrize("name", ["a.mbox", "INBOX", "a.txt"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_mailboxes(separator, name, newline):
    data = b"\n".join(separator + ONE % n for n in (1, 2, 3)).replace(b"\n", newline)
    found = document(data, name)
    assert (found.format, found.warnings) == ("mbox", ())
    assert short(found) == [(f"message {n}!1", 1, 1, "text", f"https://x.org/{n}") for n in (1, 2, 3)]


def test_a_line_in_a_text_begins_no_message():
    text = b"\nFrom the desk\nNote: https://x.org/a\n>From https://x.org/b\n>>From https://x.org/c\nFrom a 2015\n\nb"
    data = SEPARATORS["mboxrd"] + HEAD + b"Content-Length: 3\n\n" + text + b"\n" + SEPARATORS["mboxrd"] + ONE % 1
    assert short(document(data, "a.mbox")) == [
        ("message 1!1", 3, 7, "text", "https://x.org/a"),
        ("message 1!1", 4, 6, "text", "https://x.org/b"),
        ("message 1!1", 5, 7, "text", "https://x.org/c"),
        ("message 2!1", 1, 1, "text", "https://x.org/1"),
    ]


@pytest.mark.parametrize("size", [1, 7, 100, 1 << 20])
def test_mailboxes_are_read_in_pieces(monkeypatch, size):
    from preserve.documents.readers import mbox

    monkeypatch.setattr(mbox, "_READ", size)
    data = b"\n".join(SEPARATORS["mboxrd"] + ONE % n + b"x\n" * 1500 for n in range(5))
    cited = document(data, "a.mbox").citations
    assert [(c.place.part, c.url) for c in cited] == [(f"message {n + 1}!1", f"https://x.org/{n}") for n in range(5)]


def test_a_message_of_a_mailbox_that_is_too_large_does_not_hide_the_next(monkeypatch):
    from preserve.documents.readers import mbox

    monkeypatch.setattr(mbox, "MAX_MESSAGE", 10_000)
    monkeypatch.setattr(mbox, "_READ", 4000)
    large = ONE % 1 + b"x\n" * 50_000 + b"https://x.org/no\n"
    data = b"\n".join(SEPARATORS["mboxrd"] + one for one in (large, ONE % 2))
    found = document(data, "a.mbox")
    assert [c.url for c in found.citations] == ["https://x.org/1", "https://x.org/2"]
    assert len(found.warnings) == 1 and found.warnings[0].startswith("a.mbox: (message 1): is larger than")


def test_a_mailbox_as_the_standard_library_writes_it(tmp_path: Path):
    box = mailbox.mbox(tmp_path / "box")
    for number in (1, 2):
        one = EmailMessage(policy=email.policy.SMTP)
        one["Subject"] = f"см. https://x.org/s{number}"
        one.set_content(f"From here\n\nhttps://x.org/{number} и ещё\n")
        one.add_attachment("[a](https://x.org/a)", filename="заметки.md")
        box.add(one)
    box.close()
    assert short(read_document(tmp_path / "box")) == [
        cited
        for n in (1, 2)
        for cited in (
            (f"message {n}!Subject", None, None, "header", f"https://x.org/s{n}"),
            (f"message {n}!1", 3, 1, "text", f"https://x.org/{n}"),
            (f"message {n}!2 заметки.md", 1, 5, "link", "https://x.org/a"),
        )
    ]


# What is mail

MAIL = [
    ("a.eml", b"Subject: a\nTo: b@example.org\n\nhttps://x.org/a"),
    ("a.txt", HEAD + b"\nhttps://x.org/a"),
    ("a.bin", codecs.BOM_UTF8 + HEAD + b"\nhttps://x.org/a"),
    ("a", b"Bcc:\nFrom: a@example.org\nSubject: b\n\nhttps://x.org/a"),
    ("a.emlx", b"%d      \n" % len(ONE) + ONE.replace(b"%d", b"a") + b"<?xml version='1.0'?><plist>https://x.org/no</plist>"),
    ("a.emlx.txt", b"%d\n" % len(ONE) + ONE.replace(b"%d", b"a")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data"), MAIL, ids=[name for name, _ in MAIL])
def test_mail_is_told_by_its_content(name, data):
    found = document(data, name)
    assert (found.format, short(found)) == ("eml", [("1", 1, 1, "text", "https://x.org/a")])


@pytest.mark.parametrize("data", [b"Note: a\nSource: https://x.org/a\n", b"# a\nFrom: b\n", b"5\n6\nFrom: a\n"])
def test_a_text_with_colons_is_no_mail(data):
    assert document(data, "a.txt").format in ("text", "markdown")


def test_binary_data_is_no_mail():
    with pytest.raises(DocumentError, match="binary"):
        document(bytes(range(256)) * 4)
