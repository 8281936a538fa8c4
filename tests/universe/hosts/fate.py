"""What a fate is: an answer in place of the page, and the word that an archive has to find for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..messages import Fields, Reply, Request

Answer = Reply | Callable[[Request], Reply | None]  # None: what the host says by itself


@dataclass(frozen=True, slots=True)
class Fate:
    """`also`: outcomes that are as right, where the page itself does not decide. `whole`: it needs all of a host, which
    answers every address so or leads to others of its own. `on`: page, file or both, what the source must be. `file`:
    what is expected where a file was cited and this page came."""

    expected: str
    answer: Answer
    language: str = "en"
    also: tuple[str, ...] = ()
    whole: bool = False
    on: str = "page file"
    file: str = ""

    def reply(self, request: Request) -> Reply | None:
        return self.answer if isinstance(self.answer, Reply) else self.answer(request)

    def right(self, kind: str) -> tuple[str, ...]:
        """Every outcome that is right for a source of that kind, the best first."""
        return (self.file if kind == "file" and self.file else self.expected, *self.also)


def html(
    title: str,
    body: str,
    *,
    status: int = 200,
    head: str = "",
    server: str = "nginx",
    fields: Fields = (),
    language: str = "en",
    gzip: bool = False,
) -> Reply:
    """A bare page, as shields and walls send it."""
    direction = ' dir="rtl"' if language in ("ar", "he") else ""
    text = (
        f'<!DOCTYPE html>\n<html lang="{language}"{direction}><head><meta charset="utf-8"><title>{title}</title>'
        f"{head}</head>\n<body>{body}</body></html>\n"
    )
    return Reply(text.encode(), status=status, server=server, fields=fields, gzip=gzip)
