"""Office files from before 2007 (.doc, .xls, .ppt): LibreOffice converts them, and the result is read.

LibreOffice reads and writes only files. So this is the one reader that writes to the disk: a folder that no other user
can enter, with a profile made for one conversion, and both are gone afterwards, even where this process is killed. The
profile runs no macro, updates no link, and sends every request to a port where nobody listens. It is also the one
reader that runs a program; docs/decisions/0012 says why.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, BinaryIO

from preserve.documents.mention import Block, Nest
from preserve.documents.readers import ole
from preserve.documents.text import running
from preserve.documents.url import MAX_URL, identity
from preserve.errors import DocumentError
from preserve.model import Place

LIMIT = 180  # seconds; 50 MiB take one minute on a slow machine. Well below the silence that pool.py bears
MAX_INPUT = 512 * 1024**2  # bytes; a workbook could not have more than 65,536 rows a sheet
MAX_OUTPUT = 1024**3  # bytes of each file that is written
MEMORY = 4 * 1024**3  # bytes of address space; it starts with half a gigabyte

_PROGRAMS = ("soffice", "libreoffice")
_FORMATS = {"doc": "docx", "xls": "xlsx", "ppt": "pptx"}
# In units of 512 and 1024 bytes. Where a system does not know one of them, the others hold.
_LIMITED = (
    f"ulimit -c 0; ulimit -t {LIMIT}; ulimit -f {MAX_OUTPUT // 512}; ulimit -S -v {MEMORY // 1024}; "
    'exec "$@" </dev/null >/dev/null 2>&1'
)
# It is told the group of the program. The end of its input means that we are done, or dead: it ends what still runs and
# takes the folder away, once more where something wrote into it until then.
_GUARD = (
    'while read -r group; do last=$group; done; kill -s KILL -- "-$last" 2>/dev/null; '
    'rm -rf -- "$1" 2>/dev/null || { sleep 1; rm -rf -- "$1"; }'
)
_PROFILE = (
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),  # only from trusted places, and none is
    ("Office.Writer/Content/Update", "Link", "0"),  # never
    ("Office.Calc/Content/Update", "Link", "1"),  # never: it counts otherwise
    ("Office.Java/VirtualMachine", "Enable", "false"),
    ("Inet/Settings", "ooInetProxyType", "2"),  # this one, always
    ("Inet/Settings", "ooInetNoProxy", ""),
    *(
        ("Inet/Settings", f"ooInet{scheme}Proxy{what}", value)
        for scheme in ("HTTP", "HTTPS", "FTP")
        for what, value in (("Name", "127.0.0.1"), ("Port", "9"))  # the port "discard": nobody listens
    ),
)
_ITEM = '<item oor:path="/org.openoffice.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
# In UTF-16: every character of a URL that is one byte, or any that is two.
_URL = re.compile(rb"h\0t\0t\0p\0(?:s\0)?:\0/\0/\0(?:[!#-;=?-~]\0|.[\x01-\xd7\xe0-\xff]){1,%d}+" % MAX_URL, re.S)
_REGISTRY = '<oor:items xmlns:oor="http://openoffice.org/2001/registry">{}</oor:items>'


def read(file: BinaryIO, nest: Nest) -> Iterator[Block]:
    """What the converted document cites, at the same places."""
    kind = ole.kind(file)
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise DocumentError(
            "The document is an old Office file (.doc, .xls, .ppt), which I cannot read without LibreOffice.",
            "Install LibreOffice, or convert it with: soffice --headless --convert-to docx FILE",
        )
    data = file.read(MAX_INPUT + 1)
    if len(data) > MAX_INPUT:
        raise DocumentError(f"The document is larger than {MAX_INPUT >> 20} MiB.", "Convert it and give me that.")
    cited: set[str | None] = set()
    with _folder() as (folder, guard):
        source = folder / f"document.{kind}"
        source.write_bytes(data)
        result = _converted(program, source, _FORMATS[kind], guard)
        with result.open("rb") as converted:
            for block in nest.read(converted, result.name, Place()):
                mentions = tuple(block.mentions)
                cited.update(identity(mention.target) for mention in mentions)
                yield replace(block, mentions=mentions)
    yield from _dropped(data, cited)


def _dropped(data: bytes, cited: set[str | None]) -> Iterator[Block]:
    """LibreOffice drops the target of a link whose host is written in another script. They are in the file, as UTF-16;
    where, only a reader of its records could say."""
    for found in _URL.finditer(data):
        text = found[0].decode("utf-16-le", "replace").encode("utf-8", "replace")
        for mention in running(text, role="link", bare=False):
            host, key = mention.target.split("/")[2], identity(mention.target)
            if key and key not in cited and not host.isascii():
                cited.add(key)
                yield Block(text, (mention,))


@contextmanager
def _folder() -> Iterator[tuple[Path, IO[bytes]]]:
    """A folder of ours alone, and where its guard listens."""
    folder = tempfile.mkdtemp(prefix="preserve-")
    guard = subprocess.Popen(("/bin/sh", "-c", _GUARD, "sh", folder), stdin=subprocess.PIPE, start_new_session=True)
    try:
        with guard:  # closes its input and waits for it
            assert guard.stdin
            yield Path(folder), guard.stdin
    except OSError as error:
        why = f"The document cannot be converted: {error.strerror or error}."
        raise DocumentError(why, "Check the room in the folder for temporary files.") from None


def _converted(program: str, source: Path, wanted: str, guard: IO[bytes]) -> Path:
    folder = source.parent
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    items = "".join(_ITEM.format(*item) for item in _PROFILE)
    (profile / "registrymodifications.xcu").write_text(_REGISTRY.format(items))
    _run(
        (
            program, f"-env:UserInstallation={profile.parent.as_uri()}", "--headless", "--norestore", "--nolockcheck",
            "--convert-to", wanted, "--outdir", str(folder), str(source),
        ),
        folder,
        guard,
    )  # fmt: skip
    result = folder / f"{source.stem}.{wanted}"
    if not result.is_file():
        raise DocumentError(
            "The document is an old Office file that LibreOffice cannot convert.",
            "It may be damaged or have a password: save it in a new format and give me that.",
        )
    return result


def _run(command: tuple[str, ...], folder: Path, guard: IO[bytes]) -> None:
    """Until it ends, or LIMIT is over; then all that it has started is ended too."""
    process = subprocess.Popen(
        ("/bin/sh", "-c", _LIMITED, "sh", *command),
        cwd=folder,
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8"},
        start_new_session=True,
    )
    guard.write(b"%d\n" % process.pid)
    guard.flush()
    try:
        process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        raise DocumentError(
            f"The document keeps LibreOffice busy for more than {LIMIT} seconds.", "Convert it and give me that."
        ) from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
