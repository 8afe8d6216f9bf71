"""What commands share: where this server is, and which network or account is meant."""

from uuid import UUID

from django.conf import settings
from django.core.management.base import CommandError

from chat.models import Account, Network


def origin() -> str:
    """The start of every link. Raises CommandError with the remedy when it is not set."""
    if not settings.ORIGIN:
        raise CommandError("Set ORIGIN to where people reach this server, as ORIGIN=https://chat.example.org.")
    return str(settings.ORIGIN)


def network(text: str | None) -> Network:
    """The network with this id; without one, the only network there is."""
    if text is None:
        networks = list(Network.objects.order_by("created_at")[:2])
        if len(networks) != 1:
            raise CommandError("Name the network by its id: there is not exactly one.")
        return networks[0]
    found = Network.objects.filter(id=_uuid(text)).first()
    if found is None:
        raise CommandError("There is no such network.")
    return found


def account(text: str) -> Account:
    found = Account.objects.filter(id=_uuid(text)).first()
    if found is None:
        raise CommandError("There is no such account.")
    return found


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CommandError(f"{text!r} is not an id, as 0b5d0c9e-….") from None
