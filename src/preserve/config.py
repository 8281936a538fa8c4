"""preserve.toml -> Config. Flag > PRESERVE_* > file > default; every value remembers where it came from.

The dataclasses below are the whole schema: a section is a dataclass, a key is a field, its type is the field's
type. An unknown key is an error with the nearest known one, so that a slip of the pen never changes what is kept.
"""

from __future__ import annotations

import dataclasses
import difflib
import fnmatch
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

from preserve.errors import ConfigError

FILE = "preserve.toml"
DEBUG = "PRESERVE_DEBUG"  # not a setting: shows where an internal error came from
_SIZES = {
    "": 1,
    "b": 1,
    "kib": 1 << 10,
    "mib": 1 << 20,
    "gib": 1 << 30,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
}
ROBOTS = ("record", "obey", "ignore")  # what a verdict of robots.txt means: noted, followed, not asked for
ARCHIVES = ("wayback", "commoncrawl", "arquivo")  # web archives whose ways are known
_SPANS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


def size(text: str) -> int:
    """`2GiB`, `500 MB`, `4096` -> bytes."""
    return int(_measure(text, _SIZES, "a size such as 2GiB"))


def span(text: str) -> float:
    """`10m`, `1.5h`, `500ms`, `1d` -> seconds."""
    return _measure(text, _SPANS, "a time such as 10m")


def secret_reference(text: object) -> str:
    """`env:NAME` or `file:PATH`: where a secret stands. A secret itself is not accepted, and not repeated."""
    kind, _, rest = str(text).partition(":")
    named = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", rest) if kind == "env" else kind == "file" and rest
    if text != "" and not named:
        raise ValueError("say where the secret stands: env:NAME or file:PATH")
    return str(text)


def _timemaps(table: dict[str, object]) -> dict[str, str]:
    """Name of a web archive -> where its TimeMaps are: the original's URL is put behind it, or in place of {url}."""
    for name, url in table.items():
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,39}", name) or name in ARCHIVES:
            raise ValueError(f"{name!r} is no name for a further web archive: lower-case letters, digits, - and .")
        if not str(url).startswith(("https://", "http://")):
            raise ValueError(f"{name}: {url!r} is no address of TimeMaps")
    return {name: str(url) for name, url in table.items()}


def _known(word: str, words: tuple[str, ...] | None) -> str:
    if words and word not in words:
        near = difflib.get_close_matches(word, words, n=1)
        raise ValueError(f"{word!r} is none of {', '.join(words)}" + (f": did you mean {near[0]}?" if near else ""))
    return word


def _measure(text: str, units: Mapping[str, float], wanted: str) -> float:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text.lower())
    if not match or match[2] not in units:
        raise ValueError(f"{text!r} is not {wanted}")
    return float(match[1]) * units[match[2]]


@dataclass(frozen=True, slots=True)
class Network:
    proxy: str = ""
    ca_file: str = ""
    resolve: dict[str, str] = field(default_factory=dict)
    allow_private: bool = False
    bind: str = ""
    user_agent: str = ""
    tls: str = field(default="record", metadata={"choices": ("record", "strict")})


@dataclass(frozen=True, slots=True)
class LimitsSection:
    body: int = field(default=2 << 30, metadata={"read": size})
    time: float = field(default=600.0, metadata={"read": span})
    redirects: int = 20
    requisites: int = 500


@dataclass(frozen=True, slots=True)
class Politeness:
    delay: float = 1.0
    concurrency: int = field(default=1, metadata={"least": 1})
    robots: str = field(default="record", metadata={"choices": ROBOTS})
    probe: bool = True


@dataclass(frozen=True, slots=True)
class Retry:
    tries: int = 5
    max_wait: float = field(default=60.0, metadata={"read": span})
    retry_after_max: float = field(default=900.0, metadata={"read": span})


@dataclass(frozen=True, slots=True)
class Video:
    enabled: bool = True
    max_height: int = 0
    access_copy: bool = True
    subtitles: bool = True
    comments: int = 0
    live: bool = False
    playlists: bool = False
    media_in_warc: str = field(default="head", metadata={"choices": ("head", "full")})
    size: int = field(default=16 << 30, metadata={"read": size})


@dataclass(frozen=True, slots=True)
class Recapture:
    every: float = field(default=86400.0, metadata={"read": span})


@dataclass(frozen=True, slots=True)
class Recover:
    archives: tuple[str, ...] = field(default=ARCHIVES, metadata={"each": ARCHIVES})
    timemaps: dict[str, str] = field(default_factory=dict, metadata={"read": _timemaps})
    wayback_keys: str = field(default="", metadata={"read": secret_reference})


@dataclass(frozen=True, slots=True)
class Key:
    file: str = "~/.config/preserve/key.pem"


@dataclass(frozen=True, slots=True)
class HostRule:
    """What is different for the hosts of one pattern; None: as everywhere."""

    proxy: str | None = None
    cookies: str | None = None
    ca_file: str | None = None
    tls: str | None = field(default=None, metadata={"choices": ("record", "strict")})
    delay: float | None = None
    concurrency: int | None = field(default=None, metadata={"least": 1})
    user_agent: str | None = None
    robots: str | None = field(default=None, metadata={"choices": ROBOTS})
    recover: bool | None = None


@dataclass(frozen=True, slots=True)
class Config:
    documents: tuple[str, ...] = ("documents/**/*",)
    sources: str = "sources.txt"
    archive: str = "archive"
    base_url: str = ""
    base_urls: dict[str, str] = field(default_factory=dict)
    network: Network = field(default_factory=Network)
    limits: LimitsSection = field(default_factory=LimitsSection)
    politeness: Politeness = field(default_factory=Politeness)
    retry: Retry = field(default_factory=Retry)
    video: Video = field(default_factory=Video)
    recapture: Recapture = field(default_factory=Recapture)
    recover: Recover = field(default_factory=Recover)
    key: Key = field(default_factory=Key)
    host: dict[str, HostRule] = field(default_factory=dict)
    folder: Path = field(default_factory=Path, metadata={"internal": True})
    origins: dict[str, str] = field(default_factory=dict, metadata={"internal": True})

    def path(self, text: str) -> Path:
        """A file that a setting names, relative to the working folder."""
        return self.folder / Path(text).expanduser()

    @property
    def archive_path(self) -> Path:
        return self.folder / self.archive

    @property
    def sources_path(self) -> Path:
        return self.folder / self.sources

    @property
    def key_path(self) -> Path:
        return self.path(self.key.file)

    def for_host(self, host: str) -> HostRule:
        """The rules of every pattern that fits, later ones over earlier ones. `*.vk.com` fits vk.com, too."""
        found: dict[str, Any] = {}
        name = host.lower()
        for pattern, rule in self.host.items():
            if fnmatch.fnmatchcase(name, pattern.lower()) or pattern.lower() == f"*.{name}":
                found |= {name: value for name, value in _items(rule) if value is not None}
        return HostRule(**found)

    def base_for(self, document: str) -> str:
        """The published address against which a document's relative links resolve."""
        return next((u for glob, u in self.base_urls.items() if fnmatch.fnmatch(document, glob)), self.base_url)


def load(folder: Path, file: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Read the configuration of a working folder.

    Raises ConfigError, naming the file and the key, for anything that is not understood.
    """
    path = file or folder / FILE
    environ = os.environ if environ is None else environ
    table = _read(path, required=file is not None)
    origins: dict[str, str] = {}
    values = _section(Config, table, "", str(path), origins)
    config = Config(**values, folder=folder, origins=origins)
    return _from_environment(config, environ)


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if required:
            raise ConfigError(f"{path} does not exist", "check the path given with --config") from None
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", "it must be TOML in UTF-8") from None


def _items(section: Any) -> list[tuple[str, Any]]:
    return [(f.name, getattr(section, f.name)) for f in dataclasses.fields(section) if not f.metadata.get("internal")]


def _section(kind: type, table: dict[str, Any], prefix: str, where: str, origins: dict[str, str]) -> dict[str, Any]:
    known = {f.name: f for f in dataclasses.fields(kind) if not f.metadata.get("internal")}
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name not in known:
            raise _unknown(prefix + name, list(known), prefix, where)
        values[name] = _value(known[name], value, prefix + name, where, origins)
    return values


def _unknown(name: str, known: list[str], prefix: str, where: str) -> ConfigError:
    near = difflib.get_close_matches(name.removeprefix(prefix), known, n=1)
    hint = f"did you mean {prefix}{near[0]}?" if near else f"known here: {', '.join(known)}"
    return ConfigError(f"{where}: unknown key {name}", hint)


_SECTIONS = {
    "Network": Network,
    "LimitsSection": LimitsSection,
    "Politeness": Politeness,
    "Retry": Retry,
    "Video": Video,
    "Recapture": Recapture,
    "Recover": Recover,
    "Key": Key,
}


def _value(spec: dataclasses.Field[Any], value: Any, name: str, where: str, origins: dict[str, str]) -> Any:
    kind = str(spec.type)
    if kind in _SECTIONS or kind == "dict[str, HostRule]":
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: {name} is a section", f"write [{name}] and its keys below")
        if kind in _SECTIONS:
            section = _SECTIONS[kind]
            return section(**_section(section, value, name + ".", where, origins))
        for pattern, rule in value.items():
            if not isinstance(rule, dict):
                raise ConfigError(
                    f'{where}: {name}."{pattern}" is a section', f'write [{name}."{pattern}"] and its keys'
                )
        return {
            pattern: HostRule(**_section(HostRule, rule, f'{name}."{pattern}".', where, origins))
            for pattern, rule in value.items()
        }
    origins[name] = where
    try:
        return _scalar(spec, kind, value)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{where}: {name}: {error}") from None


def _scalar(spec: dataclasses.Field[Any], kind: str, value: Any) -> Any:
    choices = spec.metadata.get("choices")
    if choices and value not in choices:
        raise ValueError(f"{value!r} is none of {', '.join(choices)}")
    if "read" in spec.metadata and isinstance(value, dict if kind.startswith("dict") else str):
        return spec.metadata["read"](value)
    if kind.startswith("dict[str, str]") and isinstance(value, dict):
        return {str(key): str(item) for key, item in value.items()}
    if kind.startswith("tuple[str") and isinstance(value, list):
        return tuple(_known(str(item), spec.metadata.get("each")) for item in value)
    if kind.startswith("bool") and isinstance(value, bool):
        return value
    if kind.startswith("str") and isinstance(value, str):
        return value
    least = spec.metadata.get("least", 0)
    if kind.startswith("int") and isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    if kind.startswith("float") and isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < inf:
        return float(value)
    wanted = _WANTED.get(kind.split(" ")[0].split("[")[0], kind)
    raise TypeError(f"{value!r} is not {wanted if least == 0 else f'a whole number from {least}'}")


_WANTED = {
    "str": "a text in quotes",
    "int": "a whole number from 0",
    "float": "a number from 0",
    "bool": "true or false",
    "tuple": "a list of texts",
    "dict": "a table",
}


def _from_environment(config: Config, environ: Mapping[str, str]) -> Config:
    for name, value in environ.items():
        if name.startswith("PRESERVE_") and name != DEBUG:
            config = override(config, _dotted(name), value, f"environment {name}")
    return config


def _dotted(name: str) -> str:
    """PRESERVE_NETWORK_USER_AGENT -> network.user_agent; PRESERVE_BASE_URL -> base_url."""
    rest = name.removeprefix("PRESERVE_").lower()
    section, _, key = rest.partition("_")
    return f"{section}.{key}" if key and section in _section_names() else rest


def _section_names() -> set[str]:
    return {f.name for f in dataclasses.fields(Config) if str(f.type) in _SECTIONS}


def override(config: Config, name: str, text: str, origin: str) -> Config:
    """One value from a flag or the environment, given as text. Raises ConfigError."""
    section, _, key = name.rpartition(".")
    holder = getattr(config, section) if section in _section_names() else config
    specs = {f.name: f for f in dataclasses.fields(holder) if not f.metadata.get("internal")}
    if (section and holder is config) or key not in specs or str(specs[key].type) in _SECTIONS:
        raise _unknown(name, list(specs), section + "." if section else "", origin)
    spec = specs[key]
    try:
        value = _scalar(spec, str(spec.type), _from_text(str(spec.type), text))
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{origin}: {error}") from None
    changes: dict[str, Any] = {key: value}
    if section:
        changes = {section: dataclasses.replace(holder, **changes)}
    return dataclasses.replace(config, **changes, origins={**config.origins, name: origin})


def _from_text(kind: str, text: str) -> Any:
    if kind.startswith("bool"):
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(text.lower(), text)
    if kind.startswith("tuple"):
        return [part for part in text.split(",") if part]
    if kind.startswith(("int", "float")) and re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text) if "." in text else int(text)
    return text


def settings(config: Config) -> list[tuple[str, Any, str]]:
    """Every setting: name, value, origin ("default" where nobody said anything)."""
    rows: list[tuple[str, Any, str]] = []
    for name, value in _items(config):
        if dataclasses.is_dataclass(value):
            rows += [
                (f"{name}.{key}", item, config.origins.get(f"{name}.{key}", "default")) for key, item in _items(value)
            ]
        elif name == "host":
            for pattern, rule in value.items():
                rows += [
                    (
                        f'host."{pattern}".{key}',
                        item,
                        config.origins.get(f'host."{pattern}".{key}', "default"),
                    )
                    for key, item in _items(rule)
                    if item is not None
                ]
        else:
            rows.append((name, value, config.origins.get(name, "default")))
    return rows
