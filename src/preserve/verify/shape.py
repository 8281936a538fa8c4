"""Is an entry of the shape that docs/FORMAT.md section 2 gives its type, and a wire ledger of that of section 4?

Pure; unknown keys and types are kept.
Only what verify, `get` and a person with jq rely on is asked for: kinds of values, hashes, times and paths.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeGuard

from preserve.model import OUTCOMES, Json
from preserve.verify.line import MAX_INTEGER

VERSION = 1
MAX_PATH = 512  # ours have at most 110 characters

Problem = tuple[str, str]  # finding code, detail
Test = Callable[[Any], object]

_HEX32 = re.compile(r"[0-9a-f]{32}")
_HEX64 = re.compile(r"[0-9a-f]{64}").fullmatch
_MEDIA = re.compile(r"media/sha256/([0-9a-f]{2})/(\1[0-9a-f]{62})(?:\..*)?").fullmatch
_TIME = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-6][0-9]\.[0-9]{6}Z"
)
_PATH = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
_DOTS = re.compile(r"(^|/)\.{1,2}(/|$)")


def is_path(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_PATH and _is_path(value)


@lru_cache(maxsize=1024)  # the same WARC file is named by thousands of records
def _is_path(value: str) -> bool:
    return _PATH.fullmatch(value) is not None and _DOTS.search(value) is None


def is_hash(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and _HEX64(value) is not None


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _HEX32.fullmatch(value) is not None


def _is_time(value: object) -> bool:
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


def is_count(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= MAX_INTEGER


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, dict) and list(value) == ["b64"])


def _is_str(value: object) -> bool:
    return isinstance(value, str)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_dict(value: object) -> bool:
    return isinstance(value, dict)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _or_null(test: Test) -> Test:
    return lambda value: value is None or test(value)


def _one_of(*values: str) -> Test:
    return lambda value: isinstance(value, str) and value in values


def _any(_: object) -> bool:
    return True


COMMON: Mapping[str, Test] = {"t": _is_str, "seq": is_count, "id": _is_id, "time": _is_time, "run": _is_id}
TYPES: Mapping[str, Mapping[str, Test]] = {
    "genesis": {"format": is_count, "origin": _is_str, "public_key": _is_str, "software": _any, "files": _is_dict},
    "run": {"event": _one_of("start", "end")},
    "capture": {
        "source": _is_text, "key": _is_text, "citations": _is_list, "outcome": _one_of(*OUTCOMES),
        "reason": _is_str, "hops": _is_list, "records": _is_list, "parts": _is_list, "media": _is_list,
    },
    "import": {
        "source": _is_text, "key": _is_text, "citations": _is_list, "capture": _is_id, "outcome": _one_of(*OUTCOMES),
        "reason": _is_str, "archive": _or_null(_is_str), "memento": _or_null(_is_dict), "asked": _is_list,
        "hops": _is_list, "records": _is_list, "answer": _or_null(_is_str), "parts": _is_list, "media": _is_list,
    },
    "seal": {"file": is_path, "bytes": is_count, "sha256": is_hash, "records": is_count, "why": _is_str},
    "recover": {"file": is_path, "kept": is_count, "torn": _or_null(_is_dict), "why": _is_str},
    "checkpoint": {"size": is_count, "root": is_hash, "note": is_path, "sha256": is_hash},
    "verify": {
        "level": _one_of("quick", "full", "deep"), "sound": _is_bool, "damage": is_count,
        "warnings": is_count, "bytes": is_count, "files": is_count, "records": is_count,
    },
}  # fmt: skip
RECORD: Mapping[str, Test] = {
    "type": _is_str, "id": _is_str, "url": _or_null(_is_text), "date": _is_str, "file": is_path,
    "offset": is_count, "length": is_count, "sha256": is_hash, "payload_sha256": _or_null(is_hash),
    "content_sha256": _or_null(is_hash), "bytes": is_count, "truncated": _or_null(_is_str),
    "refers_to": _or_null(_is_dict),
}  # fmt: skip
REFERS_TO: Mapping[str, Test] = {
    "id": _is_str, "file": is_path, "offset": is_count, "length": is_count, "sha256": is_hash,
}  # fmt: skip
CAPTURE_SINCE: Mapping[str, Test] = {  # keys that older entries do not have
    "films": _is_list, "robots": _or_null(_is_dict), "seen": _or_null(_is_dict), "probe": _or_null(_is_dict),
    "elsewhere": _is_list,
}  # fmt: skip
SEEN: Mapping[str, Test] = {"title": _or_null(_is_text), "words": _or_null(is_count)}
PROBE: Mapping[str, Test] = {"url": _is_text, "record": _or_null(_is_str), "similarity": _or_null(is_count)}
MEMENTO: Mapping[str, Test] = {
    "uri": _is_text, "time": _is_time, "url": _is_text, "status": _or_null(is_count), "mime": _or_null(_is_text),
    "content_sha256": _or_null(is_hash), "content_bytes": _or_null(is_count), "digest": _or_null(_is_str),
    "verified": _or_null(_one_of("sha1")), "wrapped": _or_null(_one_of("warc")), "headers": _is_list,
    "why": _one_of("nearest", "best-later"),
}  # fmt: skip
ASKED: Mapping[str, Test] = {"archive": _is_str, "found": _or_null(is_count), "error": _or_null(_is_text)}
PINNED: Mapping[str, Test] = {"path": is_path, "sha256": is_hash, "bytes": is_count}
GENESIS_FILE: Mapping[str, Test] = {"sha256": is_hash, "bytes": is_count}
WIRE: Mapping[str, Test] = {"media": is_path, "sha256": is_hash, "bytes": is_count, "chunks": _is_list}
CHUNK: Mapping[str, Test] = {
    "url": _is_text, "status": is_count, "range": _or_null(_is_text), "offset": is_count, "length": is_count,
    "sha256": is_hash, "payload_sha256": is_hash, "undone": _is_strings, "response": _is_str,
    "truncated": _or_null(_is_str),
}  # fmt: skip
_PATH_TESTS = frozenset({is_path})


def problems(entry: Mapping[str, Json]) -> Iterator[Problem]:
    """What is wrong with an entry: (finding code, detail). Nothing that follows trusts an entry with problems."""
    if entry.get("v") != VERSION or type(entry["v"]) is not int:
        yield "entry-version", f"version {entry.get('v')!r:.20}; this program knows version {VERSION}"
        return
    yield from check(entry, COMMON, "")
    kind = entry.get("t")
    wanted = TYPES.get(kind) if isinstance(kind, str) else None
    if wanted is None:
        yield "entry-unknown", f"type {kind!r:.40}"
        return
    yield from check(entry, wanted, "")
    yield from _PARTS.get(str(kind), _nothing)(entry)


def check(value: Json, wanted: Mapping[str, Test], where: str) -> Iterator[Problem]:
    """The keys that an object must have, each of its kind; `where` goes before their names."""
    if not isinstance(value, dict):
        yield "entry-shape", f"{where or 'the entry'} is no object"
        return
    for key, test in wanted.items():
        if key not in value:
            yield "entry-shape", f"{where}{key} is missing"
        elif not test(value[key]):
            code = "entry-path" if test in _PATH_TESTS else "entry-shape"
            yield code, f"{where}{key} is {value[key]!r:.80}"


def _plain(record: Json) -> bool:
    """The record of nearly every line, told in one expression; what this does not know the table judges."""
    try:
        return (
            type(record["type"]) is type(record["id"]) is type(record["url"]) is type(record["date"]) is str
            and type(offset := record["offset"]) is type(length := record["length"]) is int
            and type(size := record["bytes"]) is int
            and 0 <= offset <= MAX_INTEGER >= length >= 0
            and 0 <= size <= MAX_INTEGER
            and is_hash(record["sha256"])
            and ((payload := record["payload_sha256"]) is None or is_hash(payload))
            and ((content := record["content_sha256"]) is None or is_hash(content))
            and record["truncated"] is record["refers_to"] is None
            and is_path(record["file"])
        )
    except (KeyError, TypeError):
        return False


def _capture(entry: Mapping[str, Json]) -> Iterator[Problem]:
    yield from check(entry, {key: test for key, test in CAPTURE_SINCE.items() if key in entry}, "")
    for key, wanted in (("seen", SEEN), ("probe", PROBE)):
        if entry.get(key) is not None:
            yield from check(entry[key], wanted, f"{key}.")
    yield from _stored(entry)


def _import(entry: Mapping[str, Json]) -> Iterator[Problem]:
    """What was recovered has a copy, whose it is, and the answer that holds it; what was not has none of them."""
    recovered = entry.get("outcome") == "recovered"
    for key in ("memento", "archive", "answer"):
        if (entry.get(key) is not None) != recovered:
            yield "entry-shape", f"{key} is {entry.get(key)!r:.80}, and the outcome is {entry.get('outcome')!r:.20}"
    if entry.get("memento") is not None:
        yield from check(entry["memento"], MEMENTO, "memento.")
    for number, one in enumerate(_items(entry.get("asked"))):
        yield from check(one, ASKED, f"asked[{number}].")
    yield from _stored(entry)


def _stored(entry: Mapping[str, Json]) -> Iterator[Problem]:
    """The records and media files that an entry names."""
    for number, record in enumerate(_items(entry.get("records"))):
        if _plain(record):
            continue
        where = f"records[{number}]."
        yield from check(record, RECORD, where)
        refers = record.get("refers_to") if isinstance(record, dict) else None
        if refers is not None:
            yield from check(refers, REFERS_TO, f"{where}refers_to.")
    for number, media in enumerate(_items(entry.get("media"))):
        where = f"media[{number}]."
        yield from check(media, PINNED, where)
        if not isinstance(media, dict):
            continue
        if content_named(str(media.get("path"))) != media.get("sha256"):
            yield "entry-path", f"{where}path {media.get('path')!r:.100} does not follow from its sha256"
        if media.get("ledger") is not None:
            yield from check(media["ledger"], REFERS_TO, f"{where}ledger.")


def content_named(path: str) -> str | None:
    """The hash that the name of a media file says; None for what is none."""
    found = _MEDIA(path)
    return found[2] if found else None


def _recover(entry: Mapping[str, Json]) -> Iterator[Problem]:
    if entry.get("torn") is not None:
        yield from check(entry["torn"], PINNED, "torn.")


def _genesis(entry: Mapping[str, Json]) -> Iterator[Problem]:
    files = entry.get("files")
    for path, fact in files.items() if isinstance(files, dict) else ():
        if not is_path(path):
            yield "entry-path", f"files: {path!r:.80}"
        yield from check(fact, GENESIS_FILE, "files.")


def _items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _nothing(_: Mapping[str, Json]) -> Iterator[Problem]:
    return iter(())


_PARTS: Mapping[str, Callable[[Mapping[str, Json]], Iterator[Problem]]] = {
    "capture": _capture,
    "import": _import,
    "recover": _recover,
    "genesis": _genesis,
}
