"""What stands between a site and a program that asks: known by its headers, its cookies, its pages and its scripts.

A shield passes on the site's own answers, under its own name in `Server` and with its cookies: that alone judges
nothing. Only together with a refusal, or on a page that holds nothing but its script, it is the shield that speaks.
"""

from __future__ import annotations

import re

from preserve.capture.judging import marks, phrases
from preserve.capture.judging.evidence import NOTHING, Evidence, Verdict
from preserve.capture.judging.look import Look
from preserve.model import OUTCOMES

_SERVERS = (
    "cloudflare", "ddos-guard", "qrator", "imperva", "incapsula", "sucuri", "akamai", "variti", "stormwall",
    "arvancloud", "datadome", "wallarm", "reblaze",
)  # fmt: skip
_FIELDS = {
    "x-datadome": "datadome", "x-iinfo": "imperva", "x-sucuri-id": "sucuri", "x-amzn-waf-action": "aws waf",
    "x-kpsdk-ct": "kasada", "x-px": "perimeterx",
}  # fmt: skip
_COOKIES = {
    "__ddg": "ddos-guard", "__qrator": "qrator", "incap_ses": "imperva", "visid_incap": "imperva",
    "datadome": "datadome", "aws-waf-token": "aws waf", "sucuri_cloudproxy": "sucuri", "_px": "perimeterx",
}  # fmt: skip
# A field by which a shield itself says what it did, and its words for a challenge and for a refusal.
_MITIGATED = {
    "cf-mitigated": ({"challenge"}, {"block", "deny"}),
    "x-amzn-waf-action": ({"challenge", "captcha"}, {"block"}),
    "x-vercel-mitigated": ({"challenge"}, {"deny", "block"}),
}
_REFUSALS = frozenset({401, 403, 405, 406, 429, 503})  # with which shields answer in place of a site
# Cloudflare's numbers: developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors
_NUMBER = re.compile(r"\berror(?: code:?)?\s?(10\d\d)\b")
_NUMBERS = {
    "1005": "forbidden", "1006": "forbidden", "1007": "forbidden", "1008": "forbidden", "1009": "geo-blocked",
    "1010": "bot-challenge", "1012": "forbidden", "1015": "rate-limited", "1020": "forbidden",
    "1000": "dns-dead", "1001": "dns-dead", "1016": "dns-dead",
}  # fmt: skip
_BLOCKED = frozenset(OUTCOMES["blocked"])
_HOSTING = frozenset({"parked"})  # a hoster's page for a site that it turned off comes with any status
# What a refused page may say of the reason; what its status says already is not asked again.
_SAID: dict[int, frozenset[str]] = {
    401: frozenset({"bot-challenge"}),
    402: _HOSTING,
    403: _BLOCKED | _HOSTING | {"removed"},
    404: frozenset({"removed"}),
    410: frozenset({"removed"}),
    429: frozenset({"bot-challenge"}),
    451: frozenset({"bot-challenge", "removed"}),
}
_OTHER_REFUSALS = frozenset({"bot-challenge", "forbidden", "geo-blocked"})
_FAILURES = _OTHER_REFUSALS | _HOSTING | {"rate-limited"}
_LEAST = 400  # own words up to which a refused page is believed: the status has said that it is not the one cited
_SHELL = 60  # own words beside the script of a challenge that comes with status 200


def judge(evidence: Evidence) -> Verdict:
    if found := _said_in_head(evidence):
        return found
    if evidence.good:
        return _script_alone(evidence.look)
    owner = _owner(evidence) if evidence.status in _REFUSALS else ""
    if found := _numbered(evidence.look, owner):
        return found
    if found := _said_on_page(evidence):
        return Verdict(found.reason, (*_named(owner), *found.signals))
    return _by_owner(evidence, owner) if owner else NOTHING


def _said_in_head(evidence: Evidence) -> Verdict | None:
    for field, (challenges, refusals) in _MITIGATED.items():
        said = (evidence.final.header(field) or "").lower()
        if said in challenges | refusals:
            return Verdict("bot-challenge" if said in challenges else "forbidden", (f"{field}: {said}",))
    return None


def _script_alone(look: Look | None) -> Verdict:
    if look is None or look.own > _SHELL:
        return NOTHING
    owner = next((owner for reason, owner in look.marks if reason == marks.CHALLENGE), "")
    return Verdict("bot-challenge", (f"a page that only holds the script of {owner}",)) if owner else NOTHING


def _owner(evidence: Evidence) -> str:
    server = f"{evidence.final.header('server') or ''} {evidence.final.header('x-cdn') or ''}".lower()
    for name in _SERVERS:
        if name in server:
            return name
    for field, name in _FIELDS.items():
        if evidence.final.header(field) is not None:
            return name
    cookies = [value.lstrip() for key, value in evidence.final.headers if key.lower() == "set-cookie"]
    return next((name for start, name in _COOKIES.items() for cookie in cookies if cookie.startswith(start)), "")


def _numbered(look: Look | None, owner: str) -> Verdict | None:
    if look is None or owner != "cloudflare":
        return None
    found = _NUMBER.search(" ".join((look.title, *look.lines[:10])).lower())
    if found is None or found[1] not in _NUMBERS:
        return None
    return Verdict(_NUMBERS[found[1]], ("server cloudflare", f"text says: error {found[1]}"))


def _said_on_page(evidence: Evidence) -> Verdict | None:
    look, status = evidence.look, evidence.status
    if look is None:
        return None
    reasons = _SAID.get(status, _FAILURES if status >= 500 else _OTHER_REFUSALS)
    if found := phrases.said(look, reasons, least=_LEAST):
        return Verdict(found.reason, (found.signal,))
    challenge = next((owner for reason, owner in look.marks if reason == marks.CHALLENGE), "")
    if challenge and "bot-challenge" in reasons:
        return Verdict("bot-challenge", (f"the page holds the script of {challenge}",))
    return None


def _by_owner(evidence: Evidence, owner: str) -> Verdict:
    """A refusal in a shield's name that does not explain itself: with a script, or without a word, it is a challenge;
    else the shield passes on what the site says."""
    if evidence.status == 401 and evidence.final.header("www-authenticate"):
        return NOTHING
    look = evidence.look
    if look is None:
        challenge = evidence.status != 429
    else:
        challenge = look.own <= _SHELL and (look.scripts > 0 or (look.own == 0 and evidence.status != 429))
    return Verdict("bot-challenge" if challenge else "", _named(owner))


def _named(owner: str) -> tuple[str, ...]:
    return (f"server {owner}",) if owner else ()
