"""Light markup, plain text and chats: written by hand, one document a topic and one of corners a format."""

from __future__ import annotations

from collections.abc import Callable

from bench.corpus.matter import ARABIC, CHINESE, ENGLISH, PERSIAN, RUSSIAN, TOPICS, UKRAINIAN, Item, Topic
from bench.corpus.prose_corners import CORNERS
from bench.corpus.shelf import Shelf

Sentence = Callable[[Item], str]


def build(shelf: Shelf) -> None:
    _topics(shelf, "markdown", "md", _markdown, lambda title: f"# {title}\n\n")
    _topics(shelf, "rst", "rst", _rst, lambda title: f"{title}\n{'=' * 2 * len(title)}\n\n")
    _topics(shelf, "asciidoc", "adoc", _asciidoc, lambda title: f"= {title}\n:lang: en\n\n")
    _topics(shelf, "org", "org", _org, lambda title: f"#+TITLE: {title}\n\n* {title}\n\n")
    _topics(shelf, "mediawiki", "wiki", _mediawiki, lambda title: f"== {title} ==\n\n")
    _topics(shelf, "textile", "textile", _textile, lambda title: f"h1. {title}\n\n")
    _topics(shelf, "latex", "tex", _latex, _preamble, "\n\\end{document}\n")
    _topics(shelf, "text", "txt", _plain, lambda title: f"{title}\n\n")
    for name, marked in CORNERS.items():
        shelf.text(name, marked)
    _encodings(shelf)
    _chats(shelf)


def _topics(
    shelf: Shelf, format: str, suffix: str, sentence: Sentence, head: Callable[[str], str], foot: str = ""
) -> None:
    for topic in TOPICS:
        body = "\n\n".join(filter(None, map(sentence, topic.items)))
        shelf.text(f"{format}/hand-{topic.name}.{suffix}", head(topic.title) + body + "\n" + foot)


def _bare(item: Item, role: str = "text") -> str:
    return f"{item.before}⟦{item.url}¦r={role}⟧{item.after}"


def _markdown(item: Item) -> str:
    return _bare(item) if not item.anchor else f"{item.before}[{item.anchor}](⟦{item.url}¦a={item.anchor}¦r=link⟧){item.after}"  # fmt: skip


def _rst(item: Item) -> str:
    """Inline markup begins and ends at a space or punctuation, or at an escaped space."""
    if not item.anchor:
        return _bare(item)
    left = "" if item.before[-1:] in (" ", "") else "\\ "
    right = "" if item.after[:1] in (" ", ".", ",") else "\\ "
    return f"{item.before}{left}`{item.anchor} <⟦{item.url}¦a={item.anchor}¦r=link⟧>`__{right}{item.after}"


def _asciidoc(item: Item) -> str:
    if not item.anchor:
        return _bare(item)
    here = f"⟦{item.url}¦a={item.anchor}¦r=link⟧"
    if "[" in item.url or "'" in item.url:
        return f"{item.before}link:++{here}++[{item.anchor}]{item.after}"
    return f"{item.before}{'' if item.before[-1:] == ' ' else 'link:'}{here}[{item.anchor}]{item.after}"


def _org(item: Item) -> str:
    if not item.anchor:
        return _bare(item)
    written = item.url.replace("[", "\\[").replace("]", "\\]")
    return f"{item.before}[[⟦{written}¦u={item.url}¦a={item.anchor}¦r=link⟧][{item.anchor}]]{item.after}"


def _mediawiki(item: Item) -> str:
    if "[" in item.url:  # cannot be written there
        return ""
    return _bare(item) if not item.anchor else f"{item.before}[⟦{item.url}¦a={item.anchor}¦r=link⟧ {item.anchor}]{item.after}"  # fmt: skip


def _textile(item: Item) -> str:
    if "[" in item.url or item.url.endswith("?"):  # implementations differ
        return ""
    if not item.anchor:
        return _bare(item)
    link = f'"{item.anchor}":⟦{item.url}¦a={item.anchor}¦r=link⟧'
    alone = item.before[-1:] in (" ", "") and item.after[:1] in (" ", ".")
    return f"{item.before}{link if alone else f'[{link}]'}{item.after}"


def _latex(item: Item) -> str:
    if not item.anchor:
        return f"{item.before}\\url{{⟦{item.url}¦r=link⟧}}{item.after}"
    written = item.url.replace("%", "\\%").replace("#", "\\#").replace("&", "\\&")
    return f"{item.before}\\href{{⟦{written}¦u={item.url}¦a={item.anchor}¦r=link⟧}}{{{item.anchor}}}{item.after}"


def _preamble(title: str) -> str:
    return f"\\documentclass{{article}}\n\\usepackage{{hyperref}}\n\\title{{{title}}}\n\\begin{{document}}\n\\maketitle\n\n"


def _plain(item: Item) -> str:
    if item.url.endswith("?"):  # in a sentence it would be its question mark
        return ""
    if not item.anchor:
        return _bare(item)
    return f"{item.before}{item.anchor} (⟦{item.url}¦r=text⟧){item.after}"


# Plain text in all encodings

_ENCODED: tuple[tuple[Topic, str, bytes], ...] = (
    (RUSSIAN, "cp1251", b""),
    (UKRAINIAN, "cp1251", b""),
    (RUSSIAN, "koi8-r", b""),
    (ARABIC, "cp1256", b""),
    (RUSSIAN, "utf-16-le", b""),
    (ENGLISH, "utf-16-le", b"\xff\xfe"),
    (ARABIC, "utf-16-be", b"\xfe\xff"),
    (RUSSIAN, "utf-16-be", b""),
    (PERSIAN, "utf-8", b"\xef\xbb\xbf"),
    (CHINESE, "utf-16-le", b"\xff\xfe"),
)


def _encodings(shelf: Shelf) -> None:
    for topic, encoding, mark in _ENCODED:
        items = [item for item in topic.items if _fits(item, encoding)]
        text = topic.title + "\n\n" + "\n\n".join(filter(None, map(_plain, items))) + "\n"
        name = f"text/{encoding}{'-bom' if mark else ''}-{topic.name}.txt"
        shelf.text(name, text, encoding, mark, "\r\n" if mark else "\n")


def _fits(item: Item, encoding: str) -> bool:
    try:
        (item.before + item.anchor + item.after + item.url).encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


# Chats


def _chats(shelf: Shelf) -> None:
    for topic in (ENGLISH, RUSSIAN, ARABIC, UKRAINIAN):
        android = ["12/03/2018, 10:14 - Messages and calls are end-to-end encrypted. Tap to learn more."]
        apple = ["[12.03.18, 10:14:02] Desk: \u200eMessages and calls are end-to-end encrypted."]
        for number, item in enumerate(topic.items):
            android.append(f"12/03/2018, 10:{15 + number} - Desk: {_plain(item)}")
            apple.append(f"[12.03.18, 10:{15 + number}:22] Field office: {_plain(item)}")
        android += [
            "12/03/2018, 10:50 - Desk: <Media omitted>",
            "12/03/2018, 10:51 - Desk: \u200eIMG-20180312-WA0003.jpg (file attached)",
            "12/03/2018, 10:52 - +963 000 000 000: ⟦https://t.me/example_channel/9⟧\n⟦https://t.me/example_channel/10⟧",
            "second line of that, see ⟦vk.com/wall-1_5¦u=http://vk.com/wall-1_5¦r=bare-domain⟧",
        ]
        apple += [
            "\u200e[12.03.18, 10:51:00] Desk: \u200eimage omitted",
            "\u200e[12.03.18, 10:51:40] Desk: \u200e<attached: 00000031-PHOTO-2018-03-12.jpg>",
            "[12.03.18, 10:52:00] Desk: \u2068⟦https://t.me/example_channel/9⟧\u2069 and *⟦https://t.me/example_channel/10⟧*",
        ]
        shelf.text(f"whatsapp/android-{topic.name}.txt", "\n".join(android) + "\n")
        shelf.text(f"whatsapp/apple-{topic.name}.txt", "\n".join(apple) + "\n", newline="\r\n")
