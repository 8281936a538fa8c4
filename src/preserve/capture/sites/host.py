"""Whose an address is."""

from __future__ import annotations

import ada_url


def name(url: str) -> str:
    """The host in lower case, without a dot at its end; "" for what is no address."""
    try:
        return str(ada_url.URL(url).hostname).rstrip(".")
    except (ValueError, UnicodeError):
        return ""


def of(url: str, *domains: str) -> bool:
    """Whether its host is one of these or lies below one."""
    host = name(url)
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
