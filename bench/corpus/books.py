"""EPUB by hand: chapters in one folder, notes, a table of contents, a source in the metadata."""

from __future__ import annotations

from bench.corpus.matter import TOPICS, Topic
from bench.corpus.pages import body
from bench.corpus.shelf import ANY_RELATIVE, Expected, Shelf, container, unmark

_CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def build(shelf: Shelf) -> None:
    for number, topic in enumerate(TOPICS):
        shelf.put(f"epub/hand-{topic.name}.epub", *_book((topic, TOPICS[(number + 1) % len(TOPICS)])))


def _book(topics: tuple[Topic, ...]) -> tuple[bytes, list[Expected]]:
    members, expected = [], [ANY_RELATIVE]
    for number, topic in enumerate(topics, 1):
        name = f"OEBPS/text/chapter-{number}.xhtml"
        text, found = unmark(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml">\n<head><title>{topic.title}</title>'
            f'<link rel="stylesheet" href="../style.css"/></head>\n<body>\n{body(topic)}\n'
            '<p><a href="chapter-2.xhtml">next</a></p>\n</body>\n</html>\n',
            part=name,
        )
        members.append((name, text.encode()))
        expected += found
    items = "".join(
        f'<item id="c{n}" href="text/chapter-{n}.xhtml" media-type="application/xhtml+xml"/>'
        for n in range(1, len(topics) + 1)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(1, len(topics) + 1))
    opf = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"><metadata '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:isbn:0</dc:identifier><dc:title>{topics[0].title}</dc:title>'
        "<dc:source>https://example.org/book-source</dc:source><dc:language>en</dc:language></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    expected.append(Expected("https://example.org/book-source", role="header"))
    style = b"@import url(https://asset.example/book.css);"
    first = [
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", _CONTAINER.encode()),
        ("OEBPS/content.opf", opf.encode()),
    ]
    return container([*first, *members, ("OEBPS/style.css", style)]), expected
