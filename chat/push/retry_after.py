"""The header `Retry-After` (RFC 9110 section 10.2.3)."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

from chat.push.times import now_ms

MAX_MS = 6 * 3_600_000
"""More is not believed."""


def retry_after_ms(value: str | None) -> int:
    """Milliseconds from now, of seconds or a date; 0 when there is none or it cannot be read."""
    if value is None:
        return 0
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(int(value[:9]) * 1000, MAX_MS)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return 0
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(0, int(at.timestamp() * 1000) - now_ms()), MAX_MS)
