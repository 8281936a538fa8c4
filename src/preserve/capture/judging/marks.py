"""What only the page of a shield, or of a parked domain, has in its markup. Pure.

Scripts that shields put into every live page (`cdn-cgi/challenge-platform/scripts/jsd`, `_Incapsula_Resource?SWJIYLWA`)
and captchas of forms are none of these.
"""

from __future__ import annotations

CHALLENGE = "bot-challenge"
PARKED = "parked"

_MARKS: tuple[tuple[bytes, str, str], ...] = (
    (b"_cf_chl_opt", CHALLENGE, "cloudflare"),
    (b"/orchestrate/chl_", CHALLENGE, "cloudflare"),
    (b"cf-browser-verification", CHALLENGE, "cloudflare"),
    (b"/.well-known/ddos-guard/js-challenge", CHALLENGE, "ddos-guard"),
    (b"data-ddg-l10n", CHALLENGE, "ddos-guard"),
    (b"/__qrator/qauth", CHALLENGE, "qrator"),
    (b'id="main-iframe" src="/_Incapsula_Resource', CHALLENGE, "imperva"),
    (b"sucuri_cloudproxy_js", CHALLENGE, "sucuri"),
    (b"captcha-delivery.com", CHALLENGE, "datadome"),
    (b"window.gokuProps", CHALLENGE, "aws waf"),
    (b"AwsWafIntegration.", CHALLENGE, "aws waf"),
    (b'id="px-captcha"', CHALLENGE, "perimeterx"),
    (b'id="anubis_challenge"', CHALLENGE, "anubis"),
    (b"/.well-known/sgcaptcha/", CHALLENGE, "siteground"),
    (b"/.well-known/vercel/security/", CHALLENGE, "vercel"),
    (b"slowAES.decrypt(", CHALLENGE, "testcookie"),
    (b"beget=begetok", CHALLENGE, "beget"),
    (b"bm-verify=", CHALLENGE, "akamai"),
    (b"/checkcaptcha?", CHALLENGE, "yandex"),
    (b'id="captcha-form" action="index"', CHALLENGE, "google"),
    (b'window["rbzns"]', CHALLENGE, "reblaze"),
    (b"_kb_challenge", CHALLENGE, "kasada"),
    (b"/ips.js?KP_UIDz", CHALLENGE, "kasada"),
    (b"arvancloud.ir/challenge", CHALLENGE, "arvan"),
    (b"data-adblockkey=", PARKED, "advertising of a parked domain"),
    (b"//www.sedoparking.com/", PARKED, "sedo"),
    (b"img.sedoparking.com", PARKED, "sedo"),
    (b".parkingcrew.net", PARKED, "parkingcrew"),
    (b"d38psrni17bvxu.cloudfront.net", PARKED, "parkingcrew"),
    (b".wsimg.com/parking-lander", PARKED, "godaddy"),
    (b'window.location.href="/lander"', PARKED, "godaddy"),
    (b"window.LANDER_SYSTEM", PARKED, "godaddy"),
    (b"bodis.com/", PARKED, "bodis"),
    (b"window.park = ", PARKED, "bodis"),
    (b"parking.reg.ru", PARKED, "reg.ru"),
    (b"parking-static.reg.ru", PARKED, "reg.ru"),
    (b"parking.nic.ru", PARKED, "ru-center"),
    (b"cdn.hugedomains.com", PARKED, "hugedomains"),
)


def found(data: bytes) -> tuple[tuple[str, str], ...]:
    """(reason, whose) of each mark, once. One search a mark is several times faster than one expression for all."""
    return tuple(dict.fromkeys((reason, owner) for needle, reason, owner in _MARKS if needle in data))
