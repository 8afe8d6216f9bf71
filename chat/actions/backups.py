"""An account's sealed backup: kept, replaced, fetched with its words, forgotten."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.access import access_backup
from chat.models import Account, Backup
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.limits import BACKUP_STEP, MAX_BACKUP


def replace_backup(account: Account, locator_hash: bytes, sealed: bytes) -> None:
    """Keeps a backup under new words in place of whatever the account had.

    Raises malformed or too_large for a size that is not one of a backup's, malformed when the locator is another account's.
    """
    _check_size(sealed)
    values = {"locator_hash": locator_hash, "sealed": sealed, "saved_on": timezone.now().date()}
    try:
        with transaction.atomic():
            Backup.objects.update_or_create(account=account, defaults=values)
    except IntegrityError:
        raise ProtocolError(Code.MALFORMED, detail="locator_hash: taken") from None


def refresh_backup(account: Account, locator_hash: bytes, sealed: bytes) -> None:
    """Newer content under the same words. Raises not_found when the account has no backup under them (any more)."""
    _check_size(sealed)
    kept = Backup.objects.filter(account=account, locator_hash=locator_hash)
    if not kept.update(sealed=sealed, saved_on=timezone.now().date()):
        raise ProtocolError(Code.NOT_FOUND)


def forget_backup(account: Account) -> None:
    """Repeating it changes nothing."""
    Backup.objects.filter(account=account).delete()


def fetch_backup(locator: bytes) -> bytes:
    """The sealed bytes that lie under this 32-byte locator. Raises not_found or suspended."""
    sealed: bytes = access_backup(locator).sealed
    return sealed


def _check_size(sealed: bytes) -> None:
    if len(sealed) > MAX_BACKUP:
        raise ProtocolError(Code.TOO_LARGE)
    if not sealed or len(sealed) % BACKUP_STEP:
        raise ProtocolError(Code.MALFORMED, detail="sealed: not a multiple of 65536 bytes")
