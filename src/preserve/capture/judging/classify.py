"""What became of a visit: pure decisions on what came, each with the signals that led to it.

The order is that of certainty: what the transport did, where the visit was led, what stood before the site, the status,
the content as bytes, what the page says, what it is, and last whether there is anything at all. The first stage that
has a reason decides. In doubt a page is captured, with a signal: a page that is there must never be called lost.
"""

from __future__ import annotations

from preserve.capture.judging import magic, phrases, redirects, shields, wording
from preserve.capture.judging.evidence import NOTHING, Evidence, Verdict
from preserve.capture.judging.look import HEAD, Look
from preserve.errors import FetchError
from preserve.model import OUTCOME_OF, Outcome
from preserve.network.visit import Visit

_STATUS = {
    401: ("blocked", "login-wall"),
    402: ("blocked", "members-only"),
    403: ("blocked", "forbidden"),
    404: ("lost", "gone"),
    408: ("failed", "timeout"),
    410: ("lost", "gone"),
    425: ("failed", "server-error"),
    429: ("blocked", "rate-limited"),
    451: ("blocked", "geo-blocked"),
    999: ("blocked", "login-wall"),  # LinkedIn to whoever is not logged in
}
_BROKEN = {"two-lengths", "bad-length"}  # the end of the message cannot be known
_FORM = 120  # own words beside a form for logging in: what is forgotten, who may register, other ways in
_STEM = 4  # characters of a file's name that its viewer's address repeats
_SHELL = 10  # words of a page that its script has yet to make
_LENIENT = frozenset({"gif"})  # some programs never wrote an end, and all others show the picture


def classify(
    visit: Visit, *, content_bytes: int | None, content_fault: FetchError | None, look: Look | None = None
) -> Outcome:
    """`content_bytes`: decoded size of the final answer; `content_fault`: why it could not be decoded."""
    signals = _signals(visit)
    if visit.fault is not None:
        return Outcome(OUTCOME_OF[visit.fault.reason], visit.fault.reason, (*signals, visit.fault.message))
    final = visit.final
    assert final is not None and final.status is not None
    if final.truncated:
        return Outcome("failed", "truncated", signals)
    evidence = Evidence(visit, final, final.status, content_bytes, content_fault, look)
    for stage in _STAGES:
        verdict = stage(evidence)
        signals += verdict.signals
        if verdict.reason:
            return Outcome(OUTCOME_OF[verdict.reason], verdict.reason, tuple(dict.fromkeys(signals)))
    return Outcome("captured", "ok", tuple(dict.fromkeys(signals)))


def _status(evidence: Evidence) -> Verdict:
    outcome, reason = _by_status(evidence.status)
    return Verdict("" if outcome == "captured" else reason)


def _by_status(status: int) -> tuple[str, str]:
    if status in _STATUS:
        return _STATUS[status]
    if status in (204, 205):
        return "lost", "empty"
    if status == 206:
        return "failed", "truncated"  # a part that nobody asked for is not the source
    if 200 <= status < 300:
        return "captured", "ok"
    if 300 <= status < 400 or status < 200:
        return "failed", "malformed"  # a redirect that leads nowhere, an answer to a question not asked
    # Other refusals of the request do not say that the source is gone.
    return ("failed", "error") if status < 500 else ("failed", "server-error")


def _content(evidence: Evidence) -> Verdict:
    if _BROKEN & set(evidence.final.flaws):
        return Verdict("malformed")
    fault = evidence.content_fault
    if fault is not None:
        return Verdict("limit" if fault.reason == "limit" else "corrupt", (fault.message,))
    return NOTHING if evidence.content_bytes else Verdict("empty", ("an answer without content",))


def _words(evidence: Evidence) -> Verdict:
    """What a small page says of itself."""
    look = evidence.look
    if look is None or not (look.is_page or (look.kind == "text" and look.mime in (None, "", "text/plain"))):
        return NOTHING
    said = phrases.said(look)
    if said and not _is_itself(said.reason, evidence.asked):
        return Verdict(said.reason, (said.signal,))
    if seller := next((owner for reason, owner in look.marks if reason == "parked"), ""):
        return Verdict("parked", (f"the page holds the script of {seller}",))
    form = phrases.asks_to_log_in(look) if look.password and look.own <= _FORM else ""
    if form and not _is_itself("login-wall", evidence.asked):
        return Verdict("login-wall", (form, "a field for a password"))
    hint = "" if said else phrases.titled(look)
    return Verdict("", (hint,) if hint else ())


def _is_itself(reason: str, asked: str) -> bool:
    """Whether just this was cited: a login page, an offer of a domain."""
    if reason == "login-wall":
        return redirects.is_login(asked)
    return reason == "parked" and redirects.is_seller(asked)


def _kind(evidence: Evidence) -> Verdict:
    """What the address and the type promise against what the bytes are."""
    look = evidence.look
    if look is None:
        return NOTHING
    promise = magic.promised(evidence.asked, None) or magic.promised(look.url, look.mime)
    came = "html" if look.is_page else look.kind
    if not magic.contradicts(promise, came):
        declared = look.is_page != ("html" in (look.mime or "")) and look.kind not in ("", "text", "xml", "json")
        told = f"declared as {look.mime}, the content is {look.kind}"
        return Verdict("", (told,) if look.mime and declared and look.kind != "svg" else ())
    told = f"{promise} was promised, the content is {came}"
    if came not in ("html", "text", "json", "xml") or _shows(evidence.asked, look):
        return Verdict("", (told,))
    return Verdict("redirected-away" if redirects.is_elsewhere(evidence.asked, look.url) else "soft-404", (told,))


def _shows(asked: str, look: Look) -> bool:
    """Whether a page is about the file, as viewers are: shows it, offers it, names it, or has its name in an address of
    its own."""
    name = magic.name(asked)
    stem = name.rpartition(".")[0]
    spoken, words = wording.plain(f"{look.title} {look.text}"), wording.plain(stem.replace("_", " "))
    if look.named or wording.plain(name) in spoken or (len(words) >= _STEM and words in spoken):
        return True
    moved = look.url.partition("?")[0]
    return len(stem) >= _STEM and stem in moved and not moved.endswith(name)


def _end(evidence: Evidence) -> Verdict:
    look = evidence.look
    if look is None or look.complete:
        return NOTHING
    told = "the PDF has no end (%%EOF)" if look.kind == "pdf" else f"the {look.kind} has no end"
    known = evidence.final.chunked or evidence.final.header("content-length") is not None
    return Verdict("" if look.kind in _LENIENT and known else "truncated", (told,))


def _blank(evidence: Evidence) -> Verdict:
    look = evidence.look
    if look is None or not look.is_page or (look.bytes or 0) > HEAD:  # what it shows may begin behind a long head
        return NOTHING
    bare = not (look.media or look.forms or look.refresh)
    if not look.words and bare and not look.scripts:
        return Verdict("empty", ("a page without words, pictures or frames",))
    if look.words <= _SHELL and bare and look.scripts:
        return Verdict("", ("the page is made by a script; its text is not in what was captured",))
    return Verdict("", ("nothing but menus and links to other pages",) if bare and not look.own else ())


_STAGES = (
    redirects.walls,
    shields.judge,
    _status,
    _content,
    _words,
    redirects.away,
    _kind,
    _end,
    _blank,
)


def _signals(visit: Visit) -> tuple[str, ...]:
    found: list[str] = []
    for hop in visit.hops:
        if hop.exchange is None:
            continue
        if hop.status is not None:
            found.append(f"status {hop.status}")
        found += hop.exchange.flaws
        if hop.exchange.truncated:
            found.append(f"truncated {hop.exchange.truncated}")
        if hop.exchange.surplus:
            found.append("bytes after the end of the answer")
        tls = hop.exchange.connection.tls
        if tls and tls.verified != "system":
            found.append(f"tls not verified by the system: {tls.error}{_issuer(tls.leaf)}")
    return tuple(dict.fromkeys(found))


def _issuer(leaf: bytes | None) -> str:
    """Who signed it, as the certificate says: of an authority nobody ships, the name is all there is to go by."""
    from cryptography import x509

    try:
        return f"; issued by {x509.load_der_x509_certificate(leaf).issuer.rfc4514_string()[:200]}" if leaf else ""
    except ValueError:
        return ""
