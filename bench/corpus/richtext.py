"""RTF by hand, as word processors of three decades write it."""

from __future__ import annotations

from bench.corpus.matter import TOPICS, Topic
from bench.corpus.shelf import Expected, Shelf


def build(shelf: Shelf) -> None:
    for topic in TOPICS:
        shelf.put(f"rtf/hand-{topic.name}.rtf", *_document(topic))
    shelf.put("rtf/hand-cp1251.rtf", *_codepage())
    shelf.put("rtf/hand-corners.rtf", *_corners())


def _document(topic: Topic) -> tuple[bytes, list[Expected]]:
    lines, expected = ["{\\rtf1\\ansi\\ansicpg1252\\uc1\\deff0{\\fonttbl{\\f0 Arial;}}"], []
    for item in topic.items:
        here = _field(_unicode(item.url), _unicode(item.anchor)) if item.anchor else _unicode(item.url)
        lines.append(f"\\pard {_unicode(item.before)}{here}{_unicode(item.after)}\\par")
        expected.append(Expected(item.url, item.anchor or None, role="link" if item.anchor else "text"))
    return "\n".join([*lines, "}"]).encode("ascii"), expected


def _field(url: str, shown: str) -> str:
    return f'{{\\field{{\\*\\fldinst{{HYPERLINK "{url}"}}}}{{\\fldrslt{{\\ul\\cf2 {shown}}}}}}}'


def _unicode(text: str) -> str:
    out = []
    for char in text:
        if char in "\\{}":
            out.append("\\" + char)
        elif ord(char) < 128:
            out.append(char)
        else:
            out.append(f"\\u{ord(char) - (65536 if ord(char) > 32767 else 0)}?")
    return "".join(out)


def _codepage() -> tuple[bytes, list[Expected]]:
    def cp(text: str) -> str:
        return "".join(char if ord(char) < 128 else f"\\'{char.encode('cp1251').hex()}" for char in text)

    text = (
        "{\\rtf1\\ansi\\ansicpg1251\\deff0\n"
        f"{cp('Ролик: ')}{_field('https://vk.com/wall-1_2', cp('запись на стене'))}{cp(' и ещё ')}https://example.org/{cp('хомс')}, {cp('там.')}\\par\n"
        f"{_field(cp('https://ru.wikipedia.org/wiki/Хомс'), cp('город'))}\\par\n}}"
    )
    expected = [
        Expected("https://vk.com/wall-1_2", "запись на стене"),
        Expected("https://example.org/хомс"),
        Expected("https://ru.wikipedia.org/wiki/Хомс", "город"),
    ]
    return text.encode("ascii"), expected


def _corners() -> tuple[bytes, list[Expected]]:
    text = r"""{\rtf1\ansi\deff0{\fonttbl{\f0 Arial;}}{\*\generator Word 1.2.3;}
{\info{\title Corners}{\doccomm From https://example.org/property}}
{\*\xmlnstbl {\xmlns1 http://schemas.microsoft.com/office/word/2003/wordml}}
{\header Head https://example.org/header\par}
node.js 1.2.3, map.tif, desk@example.org\par
{\field\flddirty{\*\fldinst { HYPERLINK "https://example.org/field?a=1&b=2" }}{\fldrslt {\b bold} and {\i italic}}}\par
{\field{\*\fldinst { HYPERLINK "https://example.org/page" \\l "part-2"}}{\fldrslt place}}\par
{\field{\*\fldinst { HYPERLINK  \\l "_Toc1"}}{\fldrslt inside}}\par
Split {\b https://exam}{\i ple.org/split} end\par
https://example.org/before\line https://example.org/after\tab https://example.org/tab\par
Escaped https://example.org/\{a\}\~x\par
Claim{\footnote See https://example.org/note}\par
{\*\unknown https://code.example/unknown}
{\pict\pngblip 68747470733a2f2f636f64652e6578616d706c65}
{\field{\*\fldinst HYPERLINK "https://example.org/itself"}{\fldrslt https://example.org/itself}}\par
Wr
apped https://example.org/wr
apped\par
{\trowd\cellx1000\cellx2000 Homs\cell https://example.org/cell\cell\row}
{\field{\*\fldinst INCLUDEPICTURE "https://img.example.org/plume.jpg" \\d}{\fldrslt }}\par
{\*\bkmkstart a}{\*\bkmkend a}\'93https://example.org/quoted\'94\par
}"""
    expected = [
        Expected("https://example.org/property", role="header"),
        Expected("https://example.org/header", role="header"),
        Expected("https://example.org/field?a=1&b=2", "bold and italic"),
        Expected("https://example.org/page#part-2", "place"),
        Expected("https://example.org/split"),
        Expected("https://example.org/before"),
        Expected("https://example.org/after"),
        Expected("https://example.org/tab"),
        Expected("https://example.org/{a}"),
        Expected("https://example.org/note", role="footnote"),
        Expected("https://example.org/itself", "https://example.org/itself"),
        Expected("https://example.org/wrapped"),
        Expected("https://example.org/cell"),
        Expected("https://img.example.org/plume.jpg"),
        Expected("https://example.org/quoted"),
    ]
    return text.encode("ascii"), expected
