"""Scripts and style sheets: what they name is code."""

from __future__ import annotations

from collections.abc import Iterator

from preserve.documents.mention import Mention
from preserve.documents.text import running


def read(data: bytes) -> Iterator[Mention]:
    return running(data, role="code", bare=False)
