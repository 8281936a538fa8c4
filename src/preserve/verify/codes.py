"""What verify can say: every finding code, its severity and its meaning. docs/VERIFY.md explains each for people."""

from __future__ import annotations

from collections.abc import Mapping

from preserve.model import Finding

DAMAGE, WARNING, INFO = "damage", "warning", "info"

CODES: Mapping[str, tuple[str, str]] = {
    # the manifest
    "manifest-missing": (DAMAGE, "the manifest, or a segment of it, is missing or cannot be read"),
    "segment-length": (DAMAGE, "a segment that is not the last does not hold 16,384 lines"),
    "line-form": (DAMAGE, "a line is not one JSON object in the only form allowed"),
    "line-torn": (DAMAGE, "bytes after the last line that are not the beginning of an entry"),
    "line-unfinished": (WARNING, "an entry that was being written when the machine stopped, never committed"),
    "entry-version": (DAMAGE, "an entry of a version that this program does not know"),
    "entry-seq": (DAMAGE, "entries are missing, repeated or in another order"),
    "entry-id": (DAMAGE, "two entries have the same id"),
    "entry-shape": (DAMAGE, "a key of an entry is missing or of the wrong kind"),
    "entry-path": (DAMAGE, "an entry names a path that leaves the archive or is no path of the format"),
    "entry-unknown": (INFO, "an entry of a type that this program does not know"),
    "genesis": (DAMAGE, "the first entry does not found the archive, or a later one claims to"),
    "key-mismatch": (DAMAGE, "a key file or archive.json does not agree with the first entry"),
    # checkpoints
    "note-form": (DAMAGE, "a checkpoint is not a signed note in the only form allowed"),
    "note-signature": (DAMAGE, "a checkpoint is not signed by the key of the first entry"),
    "note-root": (DAMAGE, "the entries are not those that were signed"),
    "note-ahead": (DAMAGE, "a checkpoint covers more entries than there are"),
    "note-missing": (DAMAGE, "a checkpoint that an entry names is not there"),
    "checkpoint-entry": (DAMAGE, "a checkpoint entry does not follow from its note"),
    "note-without-entry": (WARNING, "a checkpoint was written, its entry not yet"),
    "uncovered": (WARNING, "entries that no checkpoint covers yet: a change in them cannot be seen"),
    "against-rollback": (DAMAGE, "the archive has fewer entries than the checkpoint that was kept elsewhere"),
    "against-fork": (DAMAGE, "the archive is not a continuation of the checkpoint that was kept elsewhere"),
    "against-foreign": (DAMAGE, "the checkpoint kept elsewhere is not signed by the key of this archive"),
    # files
    "file-missing": (DAMAGE, "a file that an entry names is not there"),
    "file-kind": (DAMAGE, "a link, folder or device stands where a file belongs"),
    "file-size": (DAMAGE, "a file does not have the size that an entry states"),
    "file-hash": (DAMAGE, "the bytes of a file are not those that an entry states"),
    "file-unreadable": (DAMAGE, "the system could not read a file"),
    "stranger": (WARNING, "a file that neither the format nor an entry names"),
    "download-unfinished": (INFO, "streams of a film that did not come to their end: the next run goes on with them"),
    "tmp-leftover": (WARNING, "work in hand, or left behind by a run that was stopped"),
    # WARC files
    "records-overlap": (DAMAGE, "two entries claim the same bytes of a WARC file"),
    "record-hash": (DAMAGE, "the stored bytes of a record are not those that its entry states"),
    "record-malformed": (DAMAGE, "a record is stored as its entry states, but is no valid WARC record"),
    "record-disagrees": (DAMAGE, "the header of a record says something else than its entry"),
    "record-digest": (DAMAGE, "the block or payload of a record does not have the digest stated"),
    "revisit-target": (DAMAGE, "the record that a revisit refers to is not the one held"),
    "gap-damaged": (DAMAGE, "bytes between the records of a WARC file are no records"),
    "warcinfo-missing": (DAMAGE, "a WARC file does not begin with a warcinfo record"),
    "seal-records": (DAMAGE, "a sealed WARC file holds another number of records than its seal states"),
    "record-orphan": (WARNING, "a whole record that no entry names: of a visit that was never committed"),
    "warc-unfinished": (WARNING, "bytes after the last committed record of a file that is being written"),
    "warc-unsealed": (WARNING, "a WARC file is closed but not sealed, or sealed but still named .open"),
    # copies from web archives
    "import-capture": (DAMAGE, "the capture that an import names is not there"),
    "memento-record": (DAMAGE, "the answer that an import names does not hold the copy that it describes"),
    "memento-digest": (DAMAGE, "a copy does not have the digest that its entry says was checked"),
    # media files and their wire ledgers
    "ledger-record": (DAMAGE, "the ledger of a media file is missing, not what its entry states, or no ledger"),
    "ledger-gap": (DAMAGE, "the chunks of a ledger do not tile the media file"),
    "chunk-hash": (DAMAGE, "a part of a media file is not what its ledger says was received"),
}


def found(code: str, where: str, detail: str) -> Finding:
    """The finding, with the severity that belongs to its code."""
    return Finding(code, CODES[code][0], where, detail)
