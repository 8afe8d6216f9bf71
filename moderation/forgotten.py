"""What is kept, sealed, of a decision whose case is forgotten, and from whom a forgotten case was kept (sealing.py).

Beside the account that a decision is about, its moment and kind would say in the database who asked, or in which case: the
audit log has the moments of all that was done. So the row has the quarter alone, as numbers need it, and no kind by which
whoever asked is known; what people read of it is in here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

import msgspec

from chat.sealing import NotOpened, seal, unseal

_DETAILS, _KEPT = b"kindred forgotten decisions v1", b"kindred kept from v1"
_FIRST_FORM = b"kindred about askers v1"
"""What was kept at first: whether it was about who asked, 0x01 or 0x00."""
_PADDED = 512


@dataclass(frozen=True)
class Details:
    """As it was when the case was forgotten. `about_asker`: it was about whoever asked. Facts and objection as in their rows."""

    about_asker: bool
    kind: str
    decided_at: datetime
    finding: str = ""
    in_force_at: datetime | None = None
    ended_at: datetime | None = None
    until: datetime | None = None
    appeal_made_at: datetime | None = None
    appeal_closed_at: datetime | None = None
    messages: int | None = None
    proven: bool | None = None
    first_day: date | None = None
    last_day: date | None = None


TIMES = ("decided_at", "in_force_at", "ended_at", "until")
"""Those of a decision's own row."""
FACTS = ("messages", "proven", "first_day", "last_day")
FIRST_SIZE = 34
"""Bytes of the first form, at most."""


def quarter_of(moment: datetime) -> datetime:
    """The first moment (UTC) of the quarter that it is in: all that is left of it in a row."""
    at = moment.astimezone(UTC)
    return datetime.combine(date(at.year, (at.month - 1) // 3 * 3 + 1, 1), time.min, UTC)


def quarter_after(moment: datetime) -> datetime:
    """The first moment (UTC) of the next one."""
    start = quarter_of(moment)
    return start.replace(year=start.year + (start.month == 10), month=(start.month + 2) % 12 + 1)


def seal_details(decision: UUID, details: Details) -> bytes:
    """Of one length for all."""
    return seal(_DETAILS, decision, msgspec.json.encode(details).ljust(_PADDED))


def open_details(decision: UUID, sealed: bytes) -> Details | None:
    """None where nobody can open it any more: its key is gone, it is another's, or of before this was kept."""
    try:
        return msgspec.json.decode(unseal(_DETAILS, decision, sealed), type=Details)
    except NotOpened:
        return None


def was_about_asker(decision: UUID, sealed: bytes) -> bool:
    """What the first form of it said; yes where nobody can tell any more."""
    try:
        return unseal(_FIRST_FORM, decision, sealed) == b"\x01"
    except NotOpened:
        return True


def seal_kept(case: UUID, kept: Iterable[UUID]) -> bytes:
    """Of one length for nearly all cases, also those that were kept from nobody."""
    plain = b"".join(account.bytes for account in kept)
    return seal(_KEPT, case, len(plain).to_bytes(4) + plain.ljust(-(-(len(plain) or 1) // _PADDED) * _PADDED, b"\x00"))


def open_kept(case: UUID, sealed: bytes) -> frozenset[UUID] | None:
    """From whom it was kept; None where nobody can tell any more."""
    try:
        plain = unseal(_KEPT, case, sealed)
    except NotOpened:
        return None
    return frozenset(UUID(bytes=plain[at : at + 16]) for at in range(4, 4 + int.from_bytes(plain[:4]), 16))
