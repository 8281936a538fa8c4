"""The walls of the house, read off the source: who imports whom, who writes, who connects, who speaks, who catches all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import preserve

ROOT = Path(preserve.__file__).parent
TREES = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_bytes()) for path in sorted(ROOT.rglob("*.py"))}
# A package imports from the layers below its own, and from itself.
LAYERS = (
    {"__main__"}, {"cli"}, {"runner", "verify", "retrieve"}, {"capture", "documents", "sources"},
    {"network", "warc", "archive", "catalog"}, {"proof"}, {"model", "errors", "config", "__init__"},
)  # fmt: skip
VOICE = {"terminal", "progress"}  # what stays on the screen, and what moves; beside the layers, for commands only
EXCEPTIONS = {
    ("sources", "documents"): "sources.txt is written from what the readers find",
    ("config", "errors"): "the lowest layer is one",
}
# Outside of the archive: files that belong to the person, and that no commit depends on.
WRITERS = {
    "archive/fsio.py": "the one hand on the disk",
    "archive/signer.py": "the private key, which must not be in the archive",
    "sources.py": "sources.txt",
    "retrieve/output.py": "what `get -o` was asked for",
    "cli/init.py": "preserve.toml and sources.txt, made if absent",
    "capture/video/worker.py": "the pipe to the program, and /dev/null in place of its own output",
    "documents/readers/legacy.py": "an old Office file for LibreOffice, in a folder that is removed again",
    "cli/doctor.py": "a trial whether links can be made, in a folder that is removed again",
}
WRITING = {
    "fsync", "fdatasync", "rename", "renames", "replace", "link", "symlink", "unlink", "remove", "rmdir", "mkdir",
    "makedirs", "truncate", "ftruncate", "chmod", "fchmod", "write_text", "write_bytes", "touch", "symlink_to",
    "hardlink_to", "rmtree", "copyfile", "move", "mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryFile",
}  # fmt: skip
CONNECTING = {"socket", "ssl", "httpx", "urllib.request", "http.client", "requests", "smtplib", "ftplib"}
CONNECTORS = {
    "cli/doctor.py": "names the TLS library, and serves its own self-test on the loopback",
    "capture/video/handler.py": "names urllib's Request, in which a cookie jar wants to be asked; it sends nothing",
    "documents/pool.py": "a pair of sockets to the process that reads documents",
    "documents/worker.py": "the other end of it",
}
# Beside the two of the program: foreign code, 1,800 extractors; and parsers, on documents made to break them.
BORDERS = {"cli/main.py", "runner/local.py", "capture/video/engine.py", "documents/worker.py"}
VERIFY_MAY = (
    "preserve.model", "preserve.errors", "preserve.warc.walk", "preserve.warc.read", "preserve.archive.layout",
)  # fmt: skip
PARENTS = {"preserve.warc", "preserve.archive"}  # `from preserve.warc import walk` names both


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module, `from a import b` as both a and a.b, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, "relative imports hide the direction"
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def package(module: str) -> str:
    """cli/run.py and preserve.cli.run -> cli."""
    return module.removeprefix("preserve.").replace(".py", "").replace("/", ".").split(".")[0]


def ours(tree: ast.AST) -> set[str]:
    found = {package(module) for module in imports(tree) if module.startswith("preserve.")}
    return found & set().union(*LAYERS, VOICE)


def level(name: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if name in layer)


def calls(tree: ast.AST) -> Iterator[tuple[str, str, ast.Call]]:
    """(what the method belongs to, its name, the call); functions belong to ""."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            holder = node.func.value
            yield holder.id if isinstance(holder, ast.Name) else "?", node.func.attr, node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield "", node.func.id, node


def test_imports_go_one_way() -> None:
    wrong = {
        (file, name)
        for file, tree in TREES.items()
        if (me := package(file)) not in VOICE
        for name in ours(tree) - {me} - VOICE
        if level(me) >= level(name) and (me, name) not in EXCEPTIONS
    }
    assert not wrong


def test_what_judges_and_what_a_site_asks_for_touch_nothing() -> None:
    """Values in, values out."""
    forbidden = {"asyncio", "httpx", "os", "pathlib", "preserve.network.session", "socket", "subprocess", "threading"}
    rooms = ("capture/judging/", "capture/sites/")
    wrong = {
        (file, name)
        for file, tree in TREES.items()
        if file.startswith(rooms)
        for name in imports(tree)
        if name in forbidden or name.startswith(("preserve.archive", "preserve.capture.recorder"))
    }
    assert not wrong


def test_only_commands_speak() -> None:
    users = {package(file) for file, tree in TREES.items() if VOICE & ours(tree)}
    assert users - VOICE == {"cli"}
    assert {level(name) for word in VOICE for name in ours(TREES[f"{word}.py"]) - VOICE} == {level("model")}
    speakers = {
        file
        for file, tree in TREES.items()
        for holder, name, _ in calls(tree)
        if (holder, name) in {("", "print"), ("click", "echo"), ("click", "secho"), ("logging", "getLogger")}
        or (name == "write" and holder in ("stdout", "stderr"))
    }
    assert not speakers


def test_only_one_hand_writes() -> None:
    writers = {file for file, tree in TREES.items() for call in calls(tree) if _writes(*call)}
    assert writers == WRITERS.keys()


def _writes(holder: str, name: str, call: ast.Call) -> bool:
    if name in ("open", "fdopen"):
        mode = next((ast.literal_eval(word.value) for word in call.keywords if word.arg == "mode"), None)
        texts = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        return bool(set("wax+") & set(mode or next((text for text in texts if isinstance(text, str)), "")))
    if name in ("replace", "remove", "move", "link", "truncate", "chmod"):  # texts, lists and our own have these too
        return holder in ("os", "shutil", "pathlib")
    return name in WRITING


def test_only_the_network_package_connects() -> None:
    connectors = {file for file, tree in TREES.items() if CONNECTING & set(imports(tree))}
    connectors |= {file for file, tree in TREES.items() for _, name, _ in calls(tree) if name in _OPENERS}
    outside = {file for file in connectors if package(file) not in ("network", "session")}
    assert outside <= CONNECTORS.keys()


_OPENERS = {"create_connection", "open_connection", "create_server", "start_server", "getaddrinfo", "urlopen"}


def test_nothing_foreseen_is_caught_with_everything_else() -> None:
    broad = {
        file
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _catches_all(node)
    }
    assert broad == BORDERS


def _catches_all(handler: ast.ExceptHandler) -> bool:
    """`except:` and `except Exception`; BaseException only where it does not end with raising it again."""
    names = (
        {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else {"Exception"}
    )
    again = isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
    return "Exception" in names or ("BaseException" in names and not again)


def test_verify_shares_no_code_with_what_it_judges() -> None:
    for file, tree in TREES.items():
        if package(file) == "verify":
            for module in imports(tree):
                if module.startswith("preserve.") and not module.startswith("preserve.verify"):
                    assert module.startswith(VERIFY_MAY) or module in PARENTS, (file, module)
