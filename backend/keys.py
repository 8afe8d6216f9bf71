"""The server's keys. They live outside the database, so that whoever takes the database has none of them.

In KEYS_DIR (mode 700), each file mode 600: `django.secret`, `external-sender.ed25519` (base64url of the 32-byte seed)
`hub.json` (`{"current": 1, "keys": {"1": base64url of 32 bytes}}`), `audit.secret`, `vapid.p256` (a scalar), `push.aes256`
(base64url of 32 bytes each) and
`attestation.json` (`{"current": id, "keys": {id: seed}, "retired": {id: public key}, "in_use": {id: [since, until]}}`,
keys in base64url of 32 bytes, `since` and `until` in seconds since 1970 UTC, `until` null while the server may sign with it).
Missing ones are made at first start. A file of that name among systemd's credentials (CREDENTIALS_DIRECTORY, which is
read-only) comes before it. SECRET_KEY, EXTERNAL_SENDER_KEY, HUB_KEYS, AUDIT_KEY, VAPID_KEY, PUSH_KEY and
ATTESTATION_KEYS in the environment (or …_FILE) come before the files.
"""

import base64
import binascii
import json
import logging
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured

from backend import env
from chat.hub_keys import HubKeys
from moderation.signing import key_id
from moderation.signing_keys import CurrentKeys, InUse, SigningKeys

logger = logging.getLogger("backend.keys")
T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class Keys:
    django_secret: str
    external_sender_seed: bytes
    hub_keys: HubKeys
    audit_key: bytes
    attestation: CurrentKeys
    vapid_key: bytes
    push_key: bytes


def load(directory: Path) -> Keys:
    return Keys(
        django_secret=env.secret("SECRET_KEY") or _read_or_make(directory / "django.secret", _new_secret),
        external_sender_seed=_key32("EXTERNAL_SENDER_KEY", directory / "external-sender.ed25519"),
        hub_keys=_hub_keys(directory / "hub.json"),
        audit_key=_decode32(
            env.secret("AUDIT_KEY") or _read_or_make(directory / "audit.secret", _new_secret), "AUDIT_KEY"
        ),
        attestation=_attestation_keys(directory / "attestation.json"),
        vapid_key=_key32("VAPID_KEY", directory / "vapid.p256"),
        push_key=_key32("PUSH_KEY", directory / "push.aes256"),
    )


def _key32(name: str, file: Path) -> bytes:
    return _decode32(env.secret(name) or _read_or_make(file, _new_secret), name)


def _new_secret() -> str:
    return _b64(secrets.token_bytes(32))


def _new_hub() -> str:
    return json.dumps({"current": 1, "keys": {"1": _new_secret()}})


def rotated_hub(before: str) -> tuple[int, str]:
    """The number of a new current key, and the file's text with it beside all of `before`."""
    _, keys = _parse_hub(before)
    number = max(keys) + 1
    kept = {str(old): _b64(key) for old, key in keys.items()}
    return number, json.dumps({"current": number, "keys": kept | {str(number): _new_secret()}})


def _hub_keys(file: Path) -> HubKeys:
    given = env.secret("HUB_KEYS")
    if given:
        return HubKeys(*_parse_hub(given))
    _read_or_make(file, _new_hub)
    watched = _Watched(place(file), _parse_hub)
    return HubKeys(*watched.read(), watched.look)


def _attestation_keys(file: Path) -> CurrentKeys:
    given = env.secret("ATTESTATION_KEYS")
    if given:
        return CurrentKeys(_parse_attestation(given))
    _read_or_make(file, new_attestation)
    watched = _Watched(place(file), _parse_attestation)
    return CurrentKeys(watched.read(), watched.look)


class _Watched(Generic[T]):
    """A file of keys, which may be replaced while the server runs."""

    def __init__(self, file: Path, parse: Callable[[str], T]) -> None:
        self._file = file
        self._parse = parse
        self._seen: tuple[int, int] | None = None

    def read(self) -> T:
        """Raises OSError or ImproperlyConfigured."""
        self._seen = self._state()
        return self._parse(self._file.read_text(encoding="utf-8"))

    def look(self) -> T | None:
        """What stands there, if it was replaced since it was last read and can be read."""
        if self._state() == self._seen:
            return None
        try:
            return self.read()
        except (OSError, ImproperlyConfigured):
            logger.error("%s can no longer be read; the keys that were read before stay in use", self._file.name)  # noqa: TRY400 (where it was read is not what went wrong)
            return None

    def _state(self) -> tuple[int, int] | None:
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns


def new_attestation(before: str = "") -> str:
    """A new current signing key; the ones of `before` keep only their public halves, and are in use until now."""
    seed, now = secrets.token_bytes(32), int(time.time())
    retired: dict[str, bytes] = {}
    in_use: dict[str, InUse] = {}
    if before:
        keys = _parse_attestation(before)
        retired = keys.retired | {kid: public_key(old) for kid, old in keys.seeds.items()}
        in_use = {
            kid: used._replace(until=now if kid in keys.seeds else used.until) for kid, used in keys.in_use.items()
        }
    kid = key_id(public_key(seed))
    return json.dumps(
        {
            "current": kid,
            "keys": {kid: _b64(seed)},
            "retired": {old: _b64(public) for old, public in retired.items()},
            "in_use": in_use | {kid: InUse(now, None)},
        }
    )


def place(file: Path) -> Path:
    """Where that key is: among systemd's credentials if it was handed over so, else where it is asked for."""
    handed_over = env.text("CREDENTIALS_DIRECTORY")
    credential = Path(handed_over) / file.name if handed_over else file
    return credential if credential.is_file() else file


def _read_or_make(file: Path, make: Callable[[], str]) -> str:
    """Two processes that start at once end up with the same key: the first to link its file wins."""
    file = place(file)
    try:
        if not file.exists():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = _draft(file, make())
            try:
                os.link(draft, file)
            except FileExistsError:
                pass  # another process made it first: its key is the one that counts
            finally:
                draft.unlink()
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The key file {file.name} cannot be read or made in KEYS_DIR ({error.strerror}): "
            "give the server's user a directory of its own there, or set KEYS_DIR or DATA_DIR."
        ) from None


def replace(file: Path, text: str) -> None:
    """Puts a new key file in the place of the old one: whoever reads finds the one or the other, whole."""
    _draft(file, text).replace(file)


def _draft(file: Path, text: str) -> Path:
    """The text, on disk in a file of its own beside `file`, readable by its owner alone."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    return draft


def _decode32(value: str, name: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ImproperlyConfigured(f"{name} must be 32 bytes in base64url: restore the key from its backup.")
    return key


def _parse_hub(value: str) -> tuple[int, dict[int, bytes]]:
    try:
        data = json.loads(value)
        keys = {int(number): _decode32(key, "HUB_KEYS") for number, key in data["keys"].items()}
        current = int(data["current"])
        if current not in keys or not all(1 <= number <= 32767 for number in keys):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ImproperlyConfigured(
            'HUB_KEYS must be {"current": 1, "keys": {"1": base64url of 32 bytes}} with the current one among the keys.'
        ) from None
    return current, keys


def _parse_attestation(value: str) -> SigningKeys:
    try:
        data = json.loads(value)
        seeds = {kid: _decode32(seed, "ATTESTATION_KEYS") for kid, seed in data["keys"].items()}
        retired = {kid: _decode32(key, "ATTESTATION_KEYS") for kid, key in data.get("retired", {}).items()}
        public = {kid: public_key(seed) for kid, seed in seeds.items()} | retired
        # Of a key that still signs it may be left out; without an end a retired one would prove whatever its thief likes.
        known = dict.fromkeys(seeds, (0, None)) | data.get("in_use", {})
        in_use = {kid: _in_use(*known[kid]) for kid in public}
        if data["current"] not in seeds or any(key_id(key) != kid for kid, key in public.items()):
            raise ValueError
        if any(in_use[kid].until is None for kid in retired):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ImproperlyConfigured(
            "ATTESTATION_KEYS must be as `manage.py rotate_attestation_key` writes it: restore it from its backup."
        ) from None
    return SigningKeys(data["current"], seeds, retired, in_use)


def _in_use(since: int, until: int | None) -> InUse:
    return InUse(int(since), None if until is None else int(until))


def public_key(seed: bytes) -> bytes:
    """The Ed25519 public key (32 bytes) of a seed (32 bytes)."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
