"""Settings that need each other: what is missing beside what is set, and what does not go together.

May not read the environment or a file, and never shows a value it was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from bot.config import Settings

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_NO_DESK_URL: Final = "WAYMARK_DESK_URL: is missing, but the desk listens beyond this machine; passkeys are bound to it"


def wrong(settings: Settings) -> list[tuple[bool, str]]:
    """What does not fit together: (whether it is so, what to do about it)."""
    twilio = bool(settings.twilio_account_sid)
    senders = settings.twilio_from or settings.twilio_messaging_service_sid or settings.twilio_whatsapp_from
    return [
        (
            bool(settings.keys and settings.keys_file),
            "WAYMARK_KEYS: and WAYMARK_KEYS_FILE are both set; keep one, so that nobody wonders which key sealed what",
        ),
        (
            twilio and not settings.twilio_auth_tokens,
            "WAYMARK_TWILIO_AUTH_TOKEN: is missing or empty beside the account's id; anybody could then sign as Twilio",
        ),
        (
            twilio and not senders,
            "WAYMARK_TWILIO_FROM: is missing; set it or WAYMARK_TWILIO_MESSAGING_SERVICE_SID, or nothing can be sent",
        ),
        (
            twilio and not settings.public_url,
            "WAYMARK_PUBLIC_URL: is missing; Twilio signs the address it calls, and we must know which that is",
        ),
        (
            bool(senders or settings.twilio_auth_tokens) and not twilio,
            "WAYMARK_TWILIO_ACCOUNT_SID: is missing beside the other settings of Twilio; set it or remove them",
        ),
        *_telegram(settings),
        *_oidc(settings),
        (settings.desk_host not in LOOPBACK and not settings.desk_url, _NO_DESK_URL),
        (
            bool(settings.filing_webhook_url) and not settings.filing_webhook_secret,
            "WAYMARK_FILING_WEBHOOK_SECRET: is missing; what is filed is signed, so that the other side can believe it",
        ),
    ]


# Where Telegram calls (core.telegram.org/bots/api "setWebhook").
_TELEGRAM_PORTS: Final = (443, 80, 88, 8443)


def fetches(settings: Settings) -> bool:
    """Whether updates of Telegram are fetched; else they are brought to `public_url`."""
    return settings.telegram_polling or not settings.public_url


def _telegram(settings: Settings) -> list[tuple[bool, str]]:
    brought = bool(settings.telegram_token) and not fetches(settings)
    parts = urlsplit(settings.public_url)
    more = settings.telegram_webhook_secret or settings.telegram_polling or settings.telegram_text_safe
    return [
        (
            bool(more) and not settings.telegram_token,
            "WAYMARK_TELEGRAM_TOKEN: is missing beside the other settings of Telegram; set it or remove them",
        ),
        (
            brought and not settings.telegram_webhook_secret,
            "WAYMARK_TELEGRAM_WEBHOOK_SECRET: is missing, so nobody could be believed; set it, or _TELEGRAM_POLLING=yes",
        ),
        (
            brought and parts.hostname not in LOOPBACK and (parts.port or 443) not in _TELEGRAM_PORTS,
            "WAYMARK_PUBLIC_URL: Telegram calls ports 443, 80, 88 and 8443 only; use one, or _TELEGRAM_POLLING=yes",
        ),
    ]


def _oidc(settings: Settings) -> list[tuple[bool, str]]:
    given = {
        "WAYMARK_DESK_OIDC_ISSUER": settings.desk_oidc_issuer,
        "WAYMARK_DESK_OIDC_CLIENT_ID": settings.desk_oidc_client_id,
        "WAYMARK_DESK_OIDC_CLIENT_SECRET_FILE": settings.desk_oidc_client_secret_file,
    }
    message = "is missing beside the other settings of accounts kept elsewhere; set it or remove them"
    return [(not one and any(given.values()), f"{name}: {message}") for name, one in given.items()]
