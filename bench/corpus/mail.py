"""Mail: plain, quoted-printable, base64 in old code pages, HTML beside text, attachments, mails within mails, mailboxes,
saved web pages. Lines are those of the decoded body, parts are numbered as IMAP does."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.policy import SMTP

from bench.corpus.matter import ARABIC, CHINESE, ENGLISH, PERSIAN, RUSSIAN, TOPICS, UKRAINIAN, Topic
from bench.corpus.pages import body
from bench.corpus.prose import _fits, _markdown, _plain
from bench.corpus.shelf import Expected, Shelf, container, unmark

_DATE = "Fri, 02 Oct 2015 08:15:00 +0300"


def build(shelf: Shelf) -> None:
    encoded = (
        ("plain", ENGLISH, "us-ascii", "7bit"), ("qp", RUSSIAN, "utf-8", "quoted-printable"),
        ("base64", RUSSIAN, "cp1251", "base64"), ("koi8", RUSSIAN, "koi8-r", "base64"),
        ("8bit", UKRAINIAN, "utf-8", "8bit"), ("cp1256", ARABIC, "cp1256", "quoted-printable"),
        ("base64", CHINESE, "gb18030", "base64"), ("qp", PERSIAN, "utf-8", "quoted-printable"),
    )  # fmt: skip
    for producer, topic, charset, transfer in encoded:
        text, expected = unmark(_text(topic, charset))
        message = _message(topic)
        message.set_content(text, charset=charset, cte=transfer)
        shelf.put(f"eml/{producer}-{topic.name}.eml", message.as_bytes(policy=SMTP), expected)
    for topic in TOPICS:
        data, expected = _alternative(topic)
        shelf.put(f"eml/alternative-{topic.name}.eml", data, expected)
    for name, one in (("nested", _nested), ("attached", _attached), ("corners", _corners), ("flowed", _flowed)):
        shelf.put(f"eml/hand-{name}.eml", *one())
    shelf.put("eml/browser-page.mhtml", *_saved())
    _mailboxes(shelf)


def _text(topic: Topic, charset: str = "utf-8") -> str:
    sentences = [_plain(item) for item in topic.items if _fits(item, charset)]
    return "\n\n".join(filter(None, sentences)) + "\n-- \nDesk, desk@example.org, node.js 1.2.3\n"


def _message(topic: Topic) -> EmailMessage:
    message = EmailMessage(SMTP)
    message["Received"] = "from mx.example.org (mx.example.org [192.0.2.1]) by mail.example.net with ESMTP; " + _DATE
    message["Message-ID"] = f"<{topic.name}.20151002@mail.example.org>"
    message["Date"] = _DATE
    message["From"] = "Desk <desk@example.org>"
    message["To"] = "archive@example.net"
    message["Subject"] = topic.title
    return message


def _alternative(topic: Topic) -> tuple[bytes, list[Expected]]:
    plain, first = unmark(_text(topic), part="1")
    page, second = unmark(f"<html><body>\n{body(topic)}\n</body></html>\n", part="2")
    message = _message(topic)
    message.set_content(plain)
    message.add_alternative(page, subtype="html")
    return _bounded(message, topic.name), [*first, *second]


def _bounded(message: EmailMessage, name: str) -> bytes:
    """With boundaries that are the same in every build."""
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        if part.get_content_maintype() == "multipart":
            part.set_boundary(f"----=_Part_{number}_{name}")
    return message.as_bytes(policy=SMTP)


def _nested() -> tuple[bytes, list[Expected]]:
    inner_data, inner = _alternative(RUSSIAN)
    from email import message_from_bytes
    from email.policy import default

    text, expected = unmark("Forwarded, see ⟦https://example.org/outer⟧.\n", part="1")
    message = _message(ENGLISH)
    message.set_content(text)
    message.add_attachment(message_from_bytes(inner_data, policy=default))
    return _bounded(message, "nested"), [*expected, *(replace(one, part=None) for one in inner)]


def _attached() -> tuple[bytes, list[Expected]]:
    text, expected = unmark("The notes are attached; ⟦https://example.org/cover⟧\n", part="1")
    notes, more = unmark("# Notes\n\n" + "\n\n".join(map(_markdown, UKRAINIAN.items)) + "\n")
    table, rows = unmark("id,source\n1,⟦https://example.org/attached?x=1⟧\n")
    inner, deep = unmark("See [it](⟦https://example.org/in-zip¦a=it⟧).\n")
    message = _message(ENGLISH)
    message.set_content(text)
    message.add_attachment(notes.encode(), maintype="text", subtype="markdown", filename="notes.md")
    message.add_attachment(table, subtype="csv", filename="table.csv")
    message.add_attachment(
        container([("a/notes.md", inner.encode())]), maintype="application", subtype="zip", filename="all.zip"
    )
    message.add_attachment(
        b"\x89PNG\r\n\x1a\nhttps://code.example/bytes", maintype="image", subtype="png", filename="x.png"
    )
    return _bounded(message, "attached"), [*expected, *more, *rows, *deep]


def _corners() -> tuple[bytes, list[Expected]]:
    raw = r"""From: =?utf-8?B?0KDQtdC00LDQutGG0LjRjw==?= <desk@example.org>
To: archive@example.net
Subject: =?utf-8?Q?See_https=3A//example.org/subject_=D1=82=D1=83=D1=82?=
Date: Fri, 02 Oct 2015 08:15:00 +0300
Message-ID: <corners@mail.example.org>
List-Unsubscribe: <https://example.org/unsubscribe?x=1>, <mailto:leave@example.org>
MIME-Version: 1.0
Content-Type: multipart/related; boundary="https://boundary.example/=_1"

A preamble that no one sees.
--https://boundary.example/=_1
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>Long <a href=3D"https://example.org/long/path/that/goes/on/and/on/until/th=
e/line/is/full?x=3D1&amp;y=3D2">link</a>, <img src=3D"cid:image1@example"> <i=
mg src=3D"https://pixel.example.org/open.gif?id=3D7" width=3D1 height=3D1></p>
--https://boundary.example/=_1
Content-Type: image/png
Content-ID: <image1@example>
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--https://boundary.example/=_1--
"""
    expected = [
        Expected("https://example.org/subject", role="header"),
        Expected("https://example.org/unsubscribe?x=1", optional=True),
        Expected("https://example.org/long/path/that/goes/on/and/on/until/the/line/is/full?x=1&y=2", "link", "link", line=1, part="1"),
        Expected("https://pixel.example.org/open.gif?id=7", role="image", line=1, part="1"),
    ]  # fmt: skip
    return raw.replace("\n", "\r\n").encode(), expected


def _flowed() -> tuple[bytes, list[Expected]]:
    raw = """From: desk@example.org
To: archive@example.net
Subject: Broken over lines
Date: Fri, 02 Oct 2015 08:15:00 +0300
Content-Type: text/plain; charset=utf-8

On Friday the desk wrote:
> The list is at https://example.org/quoted?a=1 and here:
>> https://example.org/deeper
It was moved to https://example.org/reports/2015/october/second/a-long-name-of/
the-page.html which is kept at <https://web.archive.org/web/20151002000000/
http://example.org/kept> since then.
Last: <https://example.org/angle>.
"""
    expected = [
        Expected("https://example.org/quoted?a=1", line=2),
        Expected("https://example.org/deeper", line=3),
        Expected("https://example.org/reports/2015/october/second/a-long-name-of/the-page.html", line=4),
        Expected("https://web.archive.org/web/20151002000000/http://example.org/kept", line=5),
        Expected("https://example.org/angle", line=7),
    ]
    return raw.encode(), expected


def _saved() -> tuple[bytes, list[Expected]]:
    page = MIMEBase("text", "html", charset="utf-8")
    text, expected = unmark(f"<html><body>\n{body(ENGLISH)}\n</body></html>\n")
    page.set_payload(text.encode())
    head = (
        "From: <Saved by Blink>\nSnapshot-Content-Location: https://example.org/saved\nSubject: Saved\n"
        "Date: Fri, 2 Oct 2015 08:15:00 -0000\nMIME-Version: 1.0\nContent-Type: multipart/related;\n"
        '\ttype="text/html";\n\tboundary="----MultipartBoundary--abc----"\n\n\n------MultipartBoundary--abc----\n'
        "Content-Type: text/html\nContent-ID: <frame-1@mhtml.blink>\nContent-Transfer-Encoding: binary\n"
        "Content-Location: https://example.org/saved\n\n"
    )
    style = (
        "\n------MultipartBoundary--abc----\nContent-Type: text/css\nContent-Transfer-Encoding: quoted-printable\n"
        "Content-Location: https://asset.example/site.css\n\nbody { background: url(https://asset.example/bg.png) }\n"
        "------MultipartBoundary--abc------\n"
    )
    own = [Expected("https://example.org/saved", optional=True)] * 2 + [
        Expected("https://asset.example/site.css", optional=True)
    ]
    return (head + text + style).replace("\n", "\r\n").encode(), [*(replace(one, part=None) for one in expected), *own]


def _mailboxes(shelf: Shelf) -> None:
    for name, topics in (("english", (ENGLISH,)), ("mixed", (RUSSIAN, ARABIC)), ("all", TOPICS)):
        lines, expected = [], []
        for topic in topics:
            text, found = unmark("From the desk:\n\n" + _text(topic))
            message = _message(topic)
            message.set_content(text, cte="quoted-printable" if len(topics) > 1 else "8bit")
            content = message.as_bytes().replace(b"\nFrom ", b"\n>From ")
            lines.append(b"From desk@example.org Fri Oct  2 08:15:00 2015\n" + content.replace(b"\r\n", b"\n"))
            expected += [replace(one, line=None, column=None) if len(topics) == 1 else one for one in found]
        shelf.put(f"mbox/archive-{name}.mbox", b"\n".join(lines) + b"\n", expected)
    for topic in (UKRAINIAN, PERSIAN, CHINESE):
        data, expected = _alternative(topic)
        other, more = _alternative(ENGLISH)
        both = b"".join(
            b"From - Fri Oct  2 08:15:00 2015\n" + one.replace(b"\r\n", b"\n") + b"\n" for one in (data, other)
        )
        shelf.put(f"mbox/client-{topic.name}.mbox", both, [replace(one, part=None) for one in (*expected, *more)])
