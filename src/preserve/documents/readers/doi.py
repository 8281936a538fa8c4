"""Digital object identifiers: names, which https://doi.org/ leads to what they name (DOI Handbook, 3.8)."""

from __future__ import annotations

import re
from urllib.parse import quote

_DOI = re.compile(r"(?:doi:\s*)?(10\.\d{4,9}(?:\.\d+)*/\S+)", re.I)
_SAFE = "/:;()@!$&'*,=~"


def target(written: str) -> str:
    """The URL of a DOI, with or without `doi:`; "" of what is none."""
    found = _DOI.fullmatch(written.strip())
    return "https://doi.org/" + quote(found[1], safe=_SAFE) if found else ""
