"""PowerPoint files (PresentationML, ECMA-376 part 1, clause 19).

Slides in the order in which they are shown, hidden ones too, each with its notes, comments, charts and SmartArt; then
the masters and layouts, whose text and links are on every slide, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from preserve.documents.mention import Block, Nest
from preserve.documents.readers import drawingml
from preserve.documents.readers.ooxml import Parts, related, stem
from preserve.model import Place


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """Paragraph by paragraph, slide by slide."""
    parts = Parts(file, nest, "The presentation")
    main = parts.main("ppt/presentation.xml")
    slides = _order(parts, main)
    for number, part in enumerate(slides, 1):
        yield from _slide(parts, part, Place(slide=number))
    for part in parts.of_type(main, "slide"):
        if part not in slides:  # left in the file, shown nowhere
            yield from _slide(parts, part, Place(part=stem(part)))
    yield from drawingml.within(parts, main, Place())
    for master in parts.of_type(main, "slideMaster", "notesMaster", "handoutMaster"):
        yield from drawingml.read(parts, master, Place(part=stem(master)), "header")
        for layout in parts.of_type(master, "slideLayout"):
            yield from drawingml.read(parts, layout, Place(part=stem(layout)), "header")
    yield from parts.rest()


def _order(parts: Parts, main: str) -> list[str]:
    """The slides as they are shown. A presentation that does not say so cannot be read."""
    relations = parts.relations(main)
    slides: dict[str, None] = {}
    for event in parts.events(main):
        if event.kind == "start" and event.name == "sldId" and (slide := related(event, relations)):
            slides[slide.target] = None
    return list(slides)


def _slide(parts: Parts, part: str, place: Place) -> Iterator[Block]:
    yield from drawingml.read(parts, part, place)
    for kind, role in (("notesSlide", "text"), ("comments", "annotation")):
        for more in parts.of_type(part, kind):
            name = "notes" if kind == "notesSlide" else "comments"
            yield from drawingml.read(parts, more, Place(slide=place.slide, part=name), role)
