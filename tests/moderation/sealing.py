"""Asking the server to seal evidence, as a moderator's device does with the SHA-256 of its manifest."""

import time
from typing import Any

from chat.api.fields import b64encode


def to_seal(manifest: bytes = b"m" * 32, *, ago_ms: int = 0, referral: str | None = None) -> dict[str, Any]:
    """The body of `POST /cases/{case}/exports` for a bundle that says that it was made `ago_ms` ago."""
    body = {"manifest": b64encode(manifest), "made_at": time.time_ns() // 1_000_000 - ago_ms}
    return body if referral is None else body | {"referral": referral}
