"""The mixed corpus: every format, of several producers, with what a careful person lists in each document.

The documents and the truth are built by `bench.corpus`; `python -m bench.extraction FAMILY` tells every difference.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress

import pytest

from bench.corpus.shelf import DOCUMENTS, truth
from bench.extraction import families, score
from preserve import sources
from preserve.documents import read_document
from preserve.documents.formats import FORMATS
from preserve.errors import DocumentError

SWEEP = bool(os.environ.get("SWEEP"))
LEGACY = frozenset({"doc", "xls", "ppt"})  # read through a word processor: seconds a document
FAMILIES = families()
SCORED = sorted(FAMILIES if SWEEP else FAMILIES.keys() - LEGACY)


@pytest.mark.parametrize("family", SCORED)
def test_what_a_careful_person_lists_is_found_where_it_stands(family):
    found = score(family, FAMILIES[family])
    said = "\n".join(found.said[:40])
    assert found.recall >= 0.99, said
    assert found.precision >= 0.99, said
    assert found.place >= 0.99, said
    assert found.anchor >= 0.95, said


def test_every_format_is_in_the_corpus():
    assert {path.name for path in DOCUMENTS.iterdir() if path.is_dir()} == FORMATS.keys() | {"misnamed"}


def test_the_truth_is_large_and_names_documents_that_exist():
    expected = [one for one in truth() if not one.optional]
    assert len(expected) > 5000
    assert all((DOCUMENTS / one.document).is_file() for one in expected)


@pytest.mark.parametrize("family", sorted(name for name, one in FORMATS.items() if one.kind == "text"))
def test_the_truth_tells_lines_and_columns_at_which_the_url_is_written(family):
    """Of what is UTF-8: the truth is checked against the documents, not against what reads them."""
    checked = 0
    for name, expected in FAMILIES[family].items():
        try:
            lines = re.split(r"\r\n|\r|\n", (DOCUMENTS / name).read_bytes().decode())
        except UnicodeDecodeError:
            continue
        lines[0] = lines[0].removeprefix("\ufeff")
        for one in expected:
            if one.line and one.column:
                assert lines[one.line - 1][one.column - 1 :].startswith(one.written or one.url), one
                checked += 1
    assert checked or family == "script"


@pytest.mark.parametrize("family", SCORED)
def test_the_plan_is_the_same_when_the_same_is_read_again(family):
    """Each place is written in words that are told from a person's: else they would be kept beside the new ones."""
    documents = []
    for name in FAMILIES[family]:
        with suppress(DocumentError):
            documents.append(read_document(DOCUMENTS / name, name=name))
    first = sources.merge("", documents)
    assert sources.merge(first, documents) == first
    file = sources.parse(first)
    assert not file.problems and all(line.ours and line.theirs is None for line in file.lines if line.url)
