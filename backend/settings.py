"""Settings, all from the environment; with none, one process on a laptop. `backend/checks.py` tells what is wrong."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backend import database, env, folder, keys

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.path("DATA_DIR", BASE_DIR / "data")
folder.make_private(DATA_DIR)

KEYS_DIR = env.path("KEYS_DIR", DATA_DIR / "keys")
_keys = keys.load(KEYS_DIR)
SECRET_KEY = _keys.django_secret
# Ed25519 seed (32 bytes) whose public key is every group's external sender.
EXTERNAL_SENDER_SEED = _keys.external_sender_seed
# 32 bytes each, by hub key id; new franks use the newest.
HUB_KEYS = _keys.hub_keys
# 32 bytes that turn accounts into the audit log's pseudonyms, and the keys that sign attestations and audit entries.
AUDIT_KEY = _keys.audit_key
ATTESTATION_KEYS = _keys.attestation

# Push (docs/protocol.md, section 14). Each channel is off until its credentials are here.
# Web Push: how a push service reaches the operator, as mailto:… or https://… (RFC 8292); the key is made at first start.
VAPID_SUBJECT = env.text("VAPID_SUBJECT")
# P-256 private scalar (32 bytes), and the AES-256 key (32 bytes) that seals what devices gave us.
VAPID_KEY = _keys.vapid_key
PUSH_KEY = _keys.push_key
# FCM: the service account's JSON. The only place that says where FCM is; its token endpoint stands in the JSON.
FCM_SERVICE_ACCOUNT = env.secret("FCM_SERVICE_ACCOUNT")
FCM_URL = env.text("FCM_URL", "https://fcm.googleapis.com").rstrip("/")
# Origins that may be pushed to though they are not https or not public: a push service of one's own, or of a test's.
PUSH_TRUSTED_ORIGINS = env.words("PUSH_TRUSTED_ORIGINS")
# How long a device may take to fetch by itself before it is woken; it is woken at most once in PUSH_COLLAPSE_MS.
PUSH_GRACE_MS = env.number("PUSH_GRACE_MS", 4_000, 0, 600_000)
PUSH_COLLAPSE_MS = env.number("PUSH_COLLAPSE_MS", 60_000, 100, 86_400_000)
PUSH_RETRY_MS = env.number("PUSH_RETRY_MS", 2_000, 10, 600_000)
PUSH_TIMEOUT_MS = env.number("PUSH_TIMEOUT_MS", 10_000, 100, 120_000)
# How often a process with sockets says that it lives; after four times as long its devices count as away.
PUSH_BEAT_MS = env.number("PUSH_BEAT_MS", 5_000, 100, 60_000)
# Whether the web process works the outbox itself; with PostgreSQL `manage.py push_worker` does.
PUSH_WORKER_INSIDE = env.flag("PUSH_WORKER_INSIDE", not env.text("DATABASE_URL"))

# Up to so many days one moderator pauses somebody's access alone; what lasts longer is decided as a ban is.
SUSPEND_ALONE_DAYS = env.number("SUSPEND_ALONE_DAYS", 30, 1, 366)

# Whether web processes delete what is no longer kept; 0 where `manage.py worker` does it.
CLEAN_INSIDE = env.flag("CLEAN_INSIDE", True)

DEBUG = env.flag("DEBUG")

HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000, 0, 65535)
# Where people reach this server, as https://chat.example.org; empty: what `serve` prints.
ORIGIN = env.text("ORIGIN").rstrip("/")
# A demo network with links printed at each start of `serve`; a server that others can reach makes its own.
DEMO = env.flag("DEMO", urlsplit(ORIGIN or "http://localhost").hostname in ("localhost", "127.0.0.1", "::1"))
# Where `serve` writes its links for programs that start it, mode 600; empty: nowhere.
LINKS_JSON = env.path("KINDRED_LINKS_JSON", Path()) if env.text("KINDRED_LINKS_JSON") else None
# The server's name inside client ids and URIs. It can never change once someone has joined.
DOMAIN = env.text("DOMAIN", "localhost").lower()
_LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or _LOOPBACK
# Whether browsers are to ask the names below ORIGIN's by https alone, too; 0 where some of them have no TLS.
HSTS_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS", True)
# Other origins whose pages may open the socket (a store wrapper's, for example).
EXTRA_ORIGINS = env.words("EXTRA_ORIGINS")
# Whose X-Forwarded-For is believed, for rate limits alone: the reverse proxy's addresses or networks, or `none`.
TRUSTED_PROXY = env.text("TRUSTED_PROXY")
# What one account may add to the store in a day, and what a network may have in it, in MiB (chat/delivery/quota.py).
# Nobody fills their network alone while a month of the one, and what comes on top for questions, is less than the other.
ACCOUNT_DAILY_MB = env.number("ACCOUNT_DAILY_MB", 256, 16, 1_000_000)
NETWORK_STORAGE_MB = env.number("NETWORK_STORAGE_MB", 20_480, 16, 1_000_000_000)
# Above 1 only where one machine plays hundreds of people, in tests of load: every rate limit is this much wider.
RATE_SCALE = env.number("RATE_SCALE", 1, 1, 10_000)

INSTALLED_APPS = ["chat", "moderation", "backend"]
MIDDLEWARE = [
    "backend.headers.SecurityHeaders",
    "backend.errors.UnknownMethod",
]
ROOT_URLCONF = "backend.urls"
ASGI_APPLICATION = "backend.asgi.application"
TEMPLATES: list[dict[str, Any]] = []
CLIENT_DIST = env.path("CLIENT_DIST", BASE_DIR / "client" / "dist")
APPEND_SLASH = False
# Bodies of the API are bounded in chat.api too; this is the outer wall.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # no CSRF middleware: there are no cookies, a token proves each request
]

DATABASES = {"default": database.from_url(env.text("DATABASE_URL"), DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
CHANNEL_LAYERS: dict[str, Any] = {
    "default": {
        "BACKEND": "chat.delivery.redis_layer.RedisLayer",
        "CONFIG": {"url": REDIS_URL},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False

LOGGING_CONFIG = "backend.logs.configure"
LOG_LEVEL = env.text("LOG_LEVEL", "INFO").upper()
LOGGING: dict[str, Any] = {"level": LOG_LEVEL}
