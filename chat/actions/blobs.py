"""Attachments: ciphertext that a room keeps for its members for some weeks."""

from datetime import timedelta
from time import time

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from chat.delivery.quota import ROW_BYTES, Stored, quota
from chat.models import Account, Blob, Room, RoomKind, RoomMute
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.limits import BLOB_DAYS, BLOB_STEP, CASE_BLOB_DAYS, MAX_BLOB, MAX_ROOM_BLOBS


def keep_blob(account: Account, room: Room, blob: bytes, sealed: bytes) -> None:
    """Keeps ciphertext under the 16 bytes that its sender made. Repeating it changes nothing; the account is not kept.

    Raises malformed or too_large for a size that is not one of an attachment's, room_not_ready, muted (with `until`),
    forbidden (other bytes lie there), too_many (the room keeps enough already), or quota.
    """
    _check_size(sealed)
    if not room.opened:
        raise ProtocolError(Code.ROOM_NOT_READY)
    _refuse_muted(account, room)
    if _lies_there(room, blob, sealed):
        return
    kept = Blob.objects.filter(room=room).aggregate(size=Sum("size"))["size"] or 0
    if kept + len(sealed) > MAX_ROOM_BLOBS:
        raise ProtocolError(Code.TOO_MANY)
    if room.kind != RoomKind.CASE:
        quota.take_in_room(account.id, room.id, kept, len(sealed))
    quota.measure_if_due()
    kind = Stored.CASE if room.kind == RoomKind.CASE else Stored.ATTACHMENTS
    quota.take(kind, account.id, account.network_id, len(sealed) + ROW_BYTES)
    days = CASE_BLOB_DAYS if room.kind == RoomKind.CASE else BLOB_DAYS
    # A day more: what was kept in the evening has its full time.
    expires_on = timezone.now().date() + timedelta(days=days + 1)
    try:
        with transaction.atomic():
            Blob.objects.create(room=room, blob=blob, size=len(sealed), sealed=sealed, expires_on=expires_on)
    except IntegrityError:
        # The same was sent twice at the same moment, or the room has gone.
        if not _lies_there(room, blob, sealed):
            raise ProtocolError(Code.NOT_FOUND) from None


def _lies_there(room: Room, blob: bytes, sealed: bytes) -> bool:
    found = Blob.objects.filter(room=room, blob=blob).values_list("sealed", flat=True).first()
    if found is not None and found != sealed:
        raise ProtocolError(Code.FORBIDDEN)
    return found is not None


def _refuse_muted(account: Account, room: Room) -> None:
    mute = RoomMute.objects.filter(room=room, account=account, until__gt=int(time() * 1000)).first()
    if mute is not None:
        raise ProtocolError(Code.MUTED, until=mute.until)


def _check_size(sealed: bytes) -> None:
    if len(sealed) > MAX_BLOB:
        raise ProtocolError(Code.TOO_LARGE)
    if not sealed or len(sealed) % BLOB_STEP:
        raise ProtocolError(Code.MALFORMED, detail=f"body: not a multiple of {BLOB_STEP} bytes")
