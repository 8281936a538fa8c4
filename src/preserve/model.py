"""The words of the project as values: frozen, without I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

Json = Any  # a JSON value; entries are checked for shape where they are read


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds, the only time format of the manifest."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a citation stands; what its format does not have is None. All count from 1, columns in characters."""

    line: int | None = None
    column: int | None = None
    page: int | None = None
    cell: str | None = None  # B7
    sheet: str | None = None
    slide: int | None = None
    paragraph: int | None = None
    part: str | None = None  # what holds it: a member of a ZIP, a header or part of a mail, the footnotes of a DOCX
    pointer: str | None = None  # JSON pointer, RFC 6901

    def fields(self) -> dict[str, int | str | None]:
        """As JSON has it: line, column, page and cell always, the others where the format has them."""
        always = {"line": self.line, "column": self.column, "page": self.page, "cell": self.cell}
        more = {
            "sheet": self.sheet, "slide": self.slide, "paragraph": self.paragraph, "part": self.part,
            "pointer": self.pointer,
        }  # fmt: skip
        return {**always, **{name: value for name, value in more.items() if value is not None}}

    def within(self, outer: Place) -> Place:
        """This place in a document that itself stands at `outer`: parts are joined by `!`, the rest is the inner one's
        where it says anything."""
        part = f"{outer.part}!{self.part}" if outer.part and self.part else self.part or outer.part
        return Place(
            self.line if self.line is not None else outer.line,
            self.column if self.line is not None else outer.column,
            self.page if self.page is not None else outer.page,
            self.cell if self.cell is not None else outer.cell,
            self.sheet if self.sheet is not None else outer.sheet,
            self.slide if self.slide is not None else outer.slide,
            self.paragraph if self.paragraph is not None else outer.paragraph,
            part,
            self.pointer if self.pointer is not None else outer.pointer,
        )

    def text(self, *, column: bool = False) -> str:
        """In few words, for people: `:12`, `p.3`, `Sheet1!B7`, `slide 2`, `(footnotes) ¶3`, `(1.2) :12`."""
        at = ""
        if self.cell is not None:
            at = f"{self.sheet}!{self.cell}" if self.sheet else self.cell
        elif self.page is not None:
            at = f"p.{self.page}"
        elif self.slide is not None:
            at = f"slide {self.slide}"
        elif self.paragraph is not None:
            at = f"¶{self.paragraph}"
        elif self.line is not None:
            at = f":{self.line}" + (f":{self.column}" if column and self.column is not None else "")
        return f"({self.part}) {at}".rstrip() if self.part else at


@dataclass(frozen=True, slots=True)
class Derived:
    """Another URL to which a citation's own spelling leads."""

    url: str
    key: str
    relation: str  # archived-original, archived-raw, wrapper-target, amp-original, unjoined


@dataclass(frozen=True, slots=True)
class Citation:
    """One occurrence of a URL in one document; occurrences are never merged."""

    document: str  # the path as given
    sha256: str  # of the document's bytes
    format: str  # as sniffed: markdown, html, pdf, docx, ...
    place: Place
    role: str  # see documents.mention.ROLES
    written: str  # exactly as in the document
    url: str  # absolute, as it will be fetched; "" when unresolved
    key: str  # identity of the source: WHATWG serialisation without fragment; "" when unresolved
    anchor: str = ""
    context: str = ""  # the sentence around it, at most 300 characters
    confidence: str = "certain"  # certain, likely, guess
    changes: tuple[str, ...] = ()  # from written to url: see documents.mention.CHANGES
    fetchable: bool = True  # http and https with a host
    base: str = ""  # what a relative URL was resolved under
    derived: tuple[Derived, ...] = ()

    @property
    def planned(self) -> bool:
        """Whether it asks to preserve a source without a person's word."""
        return self.fetchable and bool(self.key) and self.confidence != "guess"


@dataclass(frozen=True, slots=True)
class Source:
    """One distinct URL to preserve and the citations it serves."""

    url: str
    key: str
    citations: tuple[Citation, ...] = ()


OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "captured": ("ok", "unchanged", "partial"),
    "recovered": ("memento",),
    "blocked": (
        "login-wall", "age-gate", "members-only", "private", "geo-blocked", "bot-challenge",
        "rate-limited", "consent-wall", "forbidden",
    ),
    "lost": ("gone", "removed", "soft-404", "parked", "dns-dead", "redirected-away", "empty"),
    "failed": (
        "offline", "unreachable", "timeout", "tls-invalid", "truncated", "server-error", "redirect-loop",
        "malformed", "corrupt", "limit", "no-media", "not-live-yet", "live-now", "error",
    ),
    "refused": ("private-address", "scheme", "policy", "robots"),
}  # fmt: skip
OUTCOME_OF = {reason: outcome for outcome, reasons in OUTCOMES.items() for reason in reasons}
HELD = frozenset({"captured", "recovered"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one visit; `signals` led to it."""

    outcome: str
    reason: str
    signals: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.reason not in OUTCOMES[self.outcome]:
            raise ValueError(f"{self.outcome}/{self.reason} is not an outcome")

    @property
    def held(self) -> bool:
        return self.outcome in HELD


@dataclass(frozen=True, slots=True)
class Limits:
    """What one exchange and one visit may cost. Seconds and bytes."""

    body: int = 2 * 1024**3
    time: float = 600.0
    redirects: int = 20
    requisites: int = 500


@dataclass(frozen=True, slots=True)
class Tls:
    version: str  # TLSv1.3
    cipher: str  # IANA name
    verified: str | None  # system, ca_file; None when no rung of trust held
    error: str | None  # why the verification failed
    chain: tuple[bytes, ...]  # DER, leaf first

    @property
    def leaf(self) -> bytes | None:
        return self.chain[0] if self.chain else None


@dataclass(frozen=True, slots=True)
class Connection:
    """Facts of the stream that carried an exchange."""

    host: str
    port: int
    ip: str | None  # None when a proxy resolved the name
    resolved: tuple[str, ...]  # every answer of the resolver, in its order
    proxy: str | None  # scheme and host of the proxy, without credentials
    tls: Tls | None


class Blocks(Protocol):
    """Bytes of any size that can be read again and again without holding them in memory."""

    @property
    def size(self) -> int: ...

    def blocks(self) -> Iterator[bytes]: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP request and its response, exactly as on the wire (above TLS)."""

    url: str
    method: str
    started: datetime
    ended: datetime
    connection: Connection
    request: bytes  # as sent
    interim: bytes  # heads of 1xx answers, as received
    head: bytes  # status line and header fields with the empty line; b"" when nothing came
    status: int | None  # None when the status line is malformed
    headers: tuple[tuple[str, str], ...]  # latin-1 reading of the head, for decisions only
    body: Blocks  # after the head, as received, chunk framing included
    chunked: bool
    block_sha256: str  # head + body
    payload_sha256: str  # body; "" where whoever keeps it hashes it
    truncated: str | None = None  # length, time, disconnect
    flaws: tuple[str, ...] = ()  # what the answer did against the rules
    surplus: int = 0  # bytes after the end of the message: not part of it, only counted
    error: str = ""  # why it ended early, for people

    def header(self, name: str) -> str | None:
        """The first field of that name, stripped."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the manifest. `fields` holds everything but the common keys."""

    seq: int
    type: str
    id: str
    time: str
    run: str
    fields: Mapping[str, Json] = field(default_factory=dict)

    def get(self, key: str, default: Json = None) -> Json:
        return self.fields.get(key, default)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing verify has to say. `where` names the file, line, offset or record."""

    code: str
    severity: str  # damage, warning, info
    where: str
    detail: str
