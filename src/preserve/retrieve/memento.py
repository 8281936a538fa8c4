"""What an import says of the copy that a web archive gave: facts for people and programs, and the way to its content.

The entry is ours, what stands in it is remote: every text in the answers is not yet safe, and may have any type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from preserve.capture import wrapped
from preserve.catalog.advice import ARCHIVES
from preserve.errors import FormatError, NotHeldError
from preserve.model import Entry, Json
from preserve.network.decode import DecodeError, codings
from preserve.network.message import Head, framing
from preserve.retrieve.reading import text

LIMITS = (
    "These bytes are the copy of a third party: we received them from that web archive, not from the source. "
    "Time, address and original headers are what the web archive says of them."
)


def of(entry: Entry) -> Mapping[str, Json] | None:
    """The memento of an import; None for a capture, and where the archives were asked in vain."""
    found = entry.get("memento")
    return found if entry.type == "import" and isinstance(found, dict) else None


def archive_name(entry: Entry) -> str:
    """As people call it."""
    name = text(entry.get("archive"))
    return ARCHIVES.get(name, name) or "a web archive"


def archived(entry: Entry) -> str:
    """When the copy was archived, as the manifest writes it; "" for what is none."""
    return text((of(entry) or {}).get("time"))


def is_wrapped(entry: Entry) -> bool:
    """Whether the answer's body is a WARC record of the web archive."""
    return (of(entry) or {}).get("wrapped") == "warc"


def is_checked(entry: Entry) -> bool:
    """Whether the bytes have the digest that the web archive itself gives."""
    return bool((of(entry) or {}).get("verified"))


def custody(entry: Entry) -> Json:
    """Who says what of the bytes of an import; None for a capture, whose bytes came from the source."""
    memento = of(entry)
    if memento is None:
        return None
    names = ("uri", "time", "url", "status", "mime", "headers", "digest", "verified", "wrapped", "why")
    return {
        "archive": entry.get("archive"),
        "name": archive_name(entry),
        "memento": {name: memento.get(name) for name in names},
        "fetched": entry.get("started"),
        "instead_of": entry.get("capture"),
        "limits": LIMITS,
    }


def content(entry: Entry, head: Head, body: Iterator[bytes]) -> tuple[tuple[str, ...], Iterator[bytes]]:
    """From the web archive's answer to the content of the original (docs/FORMAT.md section 2): what was done, and the
    bytes. Raises NotHeldError, and while the bytes flow FormatError and DecodeError, where it cannot be had."""
    chunked = framing("GET", head).kind == "chunked"
    try:
        if not is_wrapped(entry):
            applied = codings(", ".join(head.values("content-encoding"))) or codings(_original_coding(entry))
            return wrapped.undone(body, chunked=chunked, applied=applied)
        served, blocks = wrapped.undone(body, chunked=chunked, applied=())
        steps, inner = wrapped.content(wrapped.unwrap(blocks))
    except (FormatError, DecodeError) as error:
        raise cannot_be_had(error.message) from None
    opened = ("the WARC record of the web archive in it decompressed", "its WARC header and HTTP head left off")
    return (*served, *opened, *steps), inner


def _original_coding(entry: Entry) -> str:
    """The content coding in the head of the original, as the web archive gives it: it may serve the packed bytes
    without a word of its own."""
    fields = (of(entry) or {}).get("headers")
    pairs = (
        [field for field in fields if isinstance(field, list) and len(field) == 2] if isinstance(fields, list) else []
    )
    return ", ".join(text(value) for name, value in pairs if text(name).lower() == "content-encoding")


def cannot_be_had(why: str) -> NotHeldError:
    return NotHeldError(f"the content cannot be had: {why}", "--raw gives what was received")
