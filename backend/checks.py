"""What is wrong with the settings, said at start with the setting and the remedy."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured

from chat.addresses import networks

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised here, bound nowhere


def register_all() -> None:
    register(check_origin)
    register(check_reach)
    register(check_proxy)
    register(check_push)
    register(check_keys)


def refuse_errors() -> None:
    """For servers that run no checks of their own at start. Raises ImproperlyConfigured with each error and its remedy."""
    found = [message for check in (check_origin, check_reach, check_proxy, check_push) for message in check()]
    errors = [f"{message.msg} {message.hint}" for message in found if isinstance(message, Error)]
    if errors:
        raise ImproperlyConfigured("\n".join(errors))


def check_origin(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    origin: str = settings.ORIGIN
    if not origin:
        return []
    parts = urlsplit(origin)
    found: list[CheckMessage] = []
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
        return [Error("ORIGIN is not an origin.", hint="Set ORIGIN to https://name without a path.", id="kindred.E001")]
    if parts.hostname in _LOOPBACK:
        return found
    if parts.scheme != "https":
        found.append(
            Error(
                "ORIGIN is not https.",
                hint="Browsers give encryption to https pages alone: put TLS in front and set ORIGIN=https://…",
                id="kindred.E002",
            )
        )
    if settings.DOMAIN == "localhost":
        found.append(
            Error(
                "DOMAIN is not set.",
                hint=f"Set DOMAIN={parts.hostname}. It is part of every device's id and can never change later.",
                id="kindred.E003",
            )
        )
    if parts.hostname not in settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        found.append(
            Error(
                "ORIGIN's host is not in ALLOWED_HOSTS.",
                hint=f"Set ALLOWED_HOSTS={parts.hostname}.",
                id="kindred.E004",
            )
        )
    return found


def check_reach(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.HOST in _EVERYWHERE and not set(settings.ALLOWED_HOSTS) - {*_LOOPBACK, "[::1]"}:
        found.append(
            Caution(
                "HOST listens everywhere but ALLOWED_HOSTS names this machine alone.",
                hint="Set ALLOWED_HOSTS to the names people use, and put TLS in front.",
                id="kindred.W001",
            )
        )
    if settings.LINKS_JSON is not None and not settings.LINKS_JSON.parent.is_dir():
        found.append(
            Error(
                "The folder of KINDRED_LINKS_JSON is not there.",
                hint="Make it, or unset KINDRED_LINKS_JSON.",
                id="kindred.E006",
            )
        )
    if settings.DEBUG:
        found.append(
            Caution("DEBUG is on.", hint="Unset DEBUG wherever real people are; it shows internals.", id="kindred.W002")
        )
    if settings.RATE_SCALE > 1 and not settings.DEMO:
        found.append(
            Caution(
                "RATE_SCALE widens every limit.",
                hint="Unset RATE_SCALE; only tests of load need it.",
                id="kindred.W003",
            )
        )
    return found


def check_proxy(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Behind a proxy that is not named everybody would share one address, and one person could use up what all may do."""
    if not settings.TRUSTED_PROXY:
        return [] if not settings.ORIGIN or urlsplit(settings.ORIGIN).hostname in _LOOPBACK else [_undecided()]
    try:
        networks(settings.TRUSTED_PROXY)
    except ValueError:
        return [
            Error(
                "TRUSTED_PROXY is neither an address nor a network.",
                hint="Set TRUSTED_PROXY to the proxy's IP address as this server sees it, as 127.0.0.1, to a network, "
                "as 172.18.0.0/16, to several with commas between, or to none.",
                id="kindred.E005",
            )
        ]
    return []


def _undecided() -> Error:
    return Error(
        "ORIGIN is set, but not whether people come by a reverse proxy.",
        hint="Set TRUSTED_PROXY to the proxy's IP address as this server sees it (127.0.0.1 where both run on one machine), "
        "or to none where people connect to this server itself. Rate limits go by the address that people come from.",
        id="kindred.E009",
    )


def check_keys(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """With the franking keys beside it, a copied database names who wrote what is still in it."""
    data, keys = settings.DATA_DIR.resolve(), settings.KEYS_DIR.resolve()
    beside = "sqlite" in settings.DATABASES["default"]["ENGINE"] and keys.is_relative_to(data)
    if urlsplit(settings.ORIGIN).hostname in (None, *_LOOPBACK) or not beside or not (keys / "hub.json").exists():
        return []
    return [
        Caution(
            "The server's keys lie beside the database: a copy of the folder names who wrote what is in it.",
            hint="Move DATA_DIR/keys out of what is copied and set KEYS_DIR to the new folder, or hand the files to the "
            "server as systemd credentials.",
            id="kindred.W020",
        )
    ]


def check_push(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.VAPID_SUBJECT and not settings.VAPID_SUBJECT.startswith(("mailto:", "https://")):
        found.append(
            Error(
                "VAPID_SUBJECT is not a contact.",
                hint="Set VAPID_SUBJECT to mailto:someone@example.org or https://…, or leave it out: Web Push is then off.",
                id="kindred.E007",
            )
        )
    if settings.FCM_SERVICE_ACCOUNT and not _is_service_account(settings.FCM_SERVICE_ACCOUNT):
        found.append(
            Error(
                "FCM_SERVICE_ACCOUNT is not a service account.",
                hint="Set FCM_SERVICE_ACCOUNT_FILE to the JSON file of the Firebase console, or leave it out: FCM is then off.",
                id="kindred.E008",
            )
        )
    return found


def _is_service_account(text: str) -> bool:
    try:
        account = json.loads(text)
    except ValueError:
        return False
    wanted = ("project_id", "private_key", "client_email", "token_uri")
    return (
        isinstance(account, dict)
        and account.get("type") == "service_account"
        and all(isinstance(account.get(name), str) for name in wanted)
    )
