"""Where the database is: SQLite in DATA_DIR, or what DATABASE_URL names."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# FULL: an acknowledged message survives a power cut. IMMEDIATE: two writers queue instead of failing half-way.
# What was written goes from the write-ahead log into the file after 4,000 pages: with SQLite's own 1,000, every hundredth
# message that came alone waited for that. Clean-up empties the log.
_SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA wal_autocheckpoint=4000;",
}


# The server is asked for the same as libpq below: what a process that froze or vanished had locked is free again after seconds.
# And what is acknowledged is on its disk, whatever its operator has set for all databases.
_SERVER_OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "synchronous_commit": "on",
        "idle_in_transaction_session_timeout": 8000,
        "tcp_keepalives_idle": 5,
        "tcp_keepalives_interval": 2,
        "tcp_keepalives_count": 3,
        "tcp_user_timeout": 8000,
    }.items()
)
# A server that vanishes without a word is given up after seconds; libpq itself would wait for minutes or for ever.
# A connection string of the operator's that names one of these wins.
_POSTGRES_OPTIONS = {
    "connect_timeout": "3",
    "keepalives": "1",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "8000",
}


def sqlite(file: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": dict(_SQLITE_OPTIONS),
        # A file, not memory: tests use threads and the same journal mode as the product.
        "TEST": {"NAME": file.with_name("test.sqlite3")},
    }


def from_url(url: str, data_dir: Path) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?sslmode=…`; empty for SQLite in `data_dir`."""
    if not url:
        return sqlite(data_dir / "kindred.sqlite3")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong() from None
    if parts.scheme not in ("postgresql", "postgres") or len(parts.path) < 2:
        raise _wrong()
    options = {**_POSTGRES_OPTIONS, **dict(parse_qsl(parts.query))}
    options["options"] = f"{_SERVER_OPTIONS} {options.get('options', '')}".strip()  # of two the later one wins
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def _wrong() -> ImproperlyConfigured:
    # The value may hold a password, so it is not repeated.
    return ImproperlyConfigured(
        "DATABASE_URL must be postgresql://user:password@host:port/name; leave it out for SQLite in DATA_DIR."
    )
