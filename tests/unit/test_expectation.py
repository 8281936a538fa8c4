from __future__ import annotations

from collections.abc import Sequence

import pytest

from preserve.capture.judging.expectation import against_citations, against_previous, seen
from preserve.capture.judging.look import Look
from preserve.model import Citation, Place

STORY = (
    "The harbour office counted forty-one ships on Saturday and wrote their names into the book that lies open at the "
    "gate. Two of them carried grain, one carried timber, and the others waited at anchor because of the fog over the bay."
)
RUSSIAN = (
    "В субботу портовая служба насчитала сорок одно судно и внесла их названия в книгу, которая лежит у ворот. Два судна "
    "пришли с зерном, одно с лесом, остальные ждали на рейде, потому что лоцманы не выходили в густой туман над заливом. "
    "Жители улицы подтверждают сказанное и показывают снимки причала."
)
ARABIC = (
    "أحصى مكتب المرفأ يوم السبت إحدى وأربعين سفينة ودون أسماءها في الكتاب المفتوح عند البوابة. حملت سفينتان القمح وحملت "
    "أخرى الخشب أما الباقي فانتظر في عرض البحر لأن المرشدين لم يخرجوا في الضباب وأكد سكان الشارع الأعلى ذلك وقدموا صورة "
    "للرصيف والرافعة والشاحنة الواقفة بجانبه"
)


def page(text: str, title: str = "Ships") -> Look:
    return Look("https://x.org/a", 200, "text/html", "html", 1000, title=title, text=text, words=len(text.split()))


def cited(anchor: str = "", context: str = "", url: str = "https://x.org/a") -> Citation:
    return Citation(
        "report.md", "0" * 64, "markdown", Place(line=12), "link", url, url, url, anchor=anchor, context=context
    )


STRANGER = "rockets struck the covered market around noon, killing several vegetable sellers"
HINTS: dict[str, tuple[str, Sequence[Citation], bool]] = {
    "the same words": (STORY, [cited("ships", "The office counted forty-one ships at the gate in the fog")], False),
    "one of them": (STORY, [cited(STRANGER, "and the ships")], False),
    "an inflected word": (RUSSIAN, [cited("", "Ракеты упали на крытый рынок около полудня, погибли торговцы овощами, судна видели")], False),
    "none of them": (STORY, [cited("", STRANGER)], True),
    "none of them in Russian": (RUSSIAN, [cited("", "Ракеты упали на крытый рынок около полудня, погибли торговцы овощами")], True),
    "none of them in Arabic": (ARABIC, [cited("", "سقطت صواريخ على السوق المغطى وقتل باعة خضار كثيرون هناك")], True),
    "another script": (RUSSIAN, [cited("", STRANGER)], False),
    "too few words": (STORY, [cited("covered market", "rockets struck")], False),
    "only the address": (STORY, [cited("https://x.org/rockets-struck-covered-market-killing-sellers", "", "https://x.org/rockets-struck-covered-market-killing-sellers")], False),
    "only common words": (STORY, [cited("", "There they could have been more than that which this would also have been")], False),
    "one of two passages": (STORY, [cited("", STRANGER), cited("", "ships at the gate of the harbour office in thick fog")], False),
    "a page of few words": ("Ships came.", [cited("", STRANGER)], False),
    "no citation": (STORY, [], False),
}  # fmt: skip


@pytest.mark.parametrize("name", HINTS)
def test_a_page_and_the_passage_that_cites_it(name: str) -> None:
    text, citations, expected = HINTS[name]
    signals = against_citations(page(text), citations)
    assert bool(signals) is expected
    assert all("report.md:12" in one for one in signals)


PAST: dict[str, tuple[object, tuple[str, ...]]] = {
    "nothing is known": (None, ()),
    "nonsense": ({"title": 5, "words": "many"}, ()),
    "a list": ([1], ()),
    "the same": ({"title": "Ships", "words": 40}, ()),
    "spelled otherwise": ({"title": "  SHIPS ", "words": 40}, ()),
    "a counter": ({"title": "(12) Ships", "words": 40}, ()),
    "no title before": ({"title": "", "words": 40}, ()),
    "longer than it was": ({"title": "Ships", "words": 5}, ()),
    "a little shorter": ({"title": "Ships", "words": 99}, ()),
    "much shorter": ({"title": "Ships", "words": 110}, ("the text shrank from 110 to 42 words",)),
    "another title": ({"title": "Boats", "words": 40}, ("the title changed from 'Boats' to 'Ships'",)),
}


@pytest.mark.parametrize("name", PAST)
def test_a_page_and_what_it_was(name: str) -> None:
    before, expected = PAST[name]
    assert against_previous(page(STORY), before) == expected


def test_of_few_words_nothing_is_said() -> None:
    assert against_previous(page("one"), {"title": "Ships", "words": 19}) == ()


def test_what_is_kept_is_enough_to_compare() -> None:
    look = page(STORY, "a" * 400)
    assert seen(look) == {"title": "a" * 300, "words": 42}
    assert against_previous(look, seen(look)) == ()
