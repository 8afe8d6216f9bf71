"""The caller's network and its accounts, for those who look after it."""

from uuid import UUID

from chat.models import (
    Account,
    Device,
    Network,
    Role,
)
from chat.protocol.errors import Code, ProtocolError


def access_network_as_staff(device: Device) -> Network:
    """The caller's network, for moderators and coordinators. Raises forbidden."""
    if not device.account.is_staff:
        raise ProtocolError(Code.FORBIDDEN)
    return device.account.network


def access_network_to_invite(device: Device, role: str) -> Network:
    """The caller's network, to invite someone as `role`: moderators invite members alone. Raises forbidden."""
    network = access_network_as_staff(device)
    if role != Role.MEMBER and device.account.role != Role.COORDINATOR:
        raise ProtocolError(Code.FORBIDDEN)
    return network


def access_network_as_coordinator(device: Device) -> Network:
    """The caller's network, for coordinators. Raises forbidden."""
    if device.account.role != Role.COORDINATOR:
        raise ProtocolError(Code.FORBIDDEN)
    return device.account.network


def access_account_as_coordinator(device: Device, account: UUID) -> Account:
    """An account of the caller's network, whether they share a room or not. Raises forbidden or not_found."""
    network = access_network_as_coordinator(device)
    found = Account.objects.filter(id=account, network=network).first()
    if found is None:
        raise ProtocolError(Code.NOT_FOUND)
    return found
