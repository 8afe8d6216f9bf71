"""Who is asking: a device by its token, and a backup by its words."""

import hashlib

from chat.models import (
    Backup,
    Device,
)
from chat.protocol.errors import Code, ProtocolError


def access_device(token: bytes, *, suspended_too: bool = False) -> Device:
    """The device whose 32-byte token this is, with its account and network.

    Raises unauthenticated (unknown token, revoked device) or suspended.
    """
    digest = hashlib.sha256(token).digest()
    device = Device.objects.select_related("account__network").filter(token_hash=digest, revoked_at=None).first()
    if device is None:
        raise ProtocolError(Code.UNAUTHENTICATED)
    if device.account.suspended and not suspended_too:
        raise ProtocolError(Code.SUSPENDED)
    return device


def device_token_exists(token: bytes) -> bool:
    """Whether any device has this 32-byte token, revoked or not, of whatever account: no object is given for it."""
    return Device.objects.filter(token_hash=hashlib.sha256(token).digest()).exists()


def access_device_to_connect(token: bytes) -> Device:
    """As `access_device`, suspended or not; a device that was revoked is told so: unauthenticated has `revoked` then."""
    try:
        return access_device(token, suspended_too=True)
    except ProtocolError as refusal:
        known = Device.objects.filter(token_hash=hashlib.sha256(token).digest(), revoked_at__isnull=False)
        if refusal.code is Code.UNAUTHENTICATED and known.exists():
            raise ProtocolError(Code.UNAUTHENTICATED, revoked=True) from None
        raise


def access_backup(locator: bytes) -> Backup:
    """The backup with this 32-byte locator, which only its words give. Raises not_found, or suspended."""
    digest = hashlib.sha256(locator).digest()
    found = Backup.objects.select_related("account").filter(locator_hash=digest).first()
    if found is None:
        raise ProtocolError(Code.NOT_FOUND)
    if found.account.suspended:
        raise ProtocolError(Code.SUSPENDED)
    return found
