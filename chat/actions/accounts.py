"""What happens to an account after it joined."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chat.actions.acts import account_shut_out
from chat.actions.branches import revoke_invites_of
from chat.actions.removal import remove_as_staff, remove_from_all_rooms, settle_newcomers
from chat.actions.staff import tell_staff
from chat.delivery.outside import cut_off
from chat.models import Account, Device
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.events import ByeCode


def agree_to_conduct(device: Device, version: int) -> Device:
    """Remembers that the account agreed to the current code of conduct. Raises conduct_outdated (with `version`)."""
    current = device.account.network.conduct_version
    if version != current:
        raise ProtocolError(Code.CONDUCT_OUTDATED, version=current)
    Account.objects.filter(pk=device.account_id).update(conduct_version=version)
    device.account.conduct_version = version
    return device


def suspend_account(account: Account, until: datetime | None = None) -> None:
    """From now on its devices get `suspended` in all but the rooms of its own cases; connected ones are cut off at once.

    Repeating it changes nothing. It ends by itself at `until`; one without an end stays without one. Staff come out of
    the rooms of others' cases and those in which they are among themselves, and may come in again afterwards.
    """
    devices = list(Device.objects.filter(account=account).values_list("pk", flat=True))
    with transaction.atomic():
        fresh = Account.objects.filter(pk=account.pk, suspended_at=None)
        if not fresh.update(suspended_at=timezone.now(), suspended_until=until):
            ending = Account.objects.filter(pk=account.pk, suspended_until__isnull=False)
            if until is None:
                ending.update(suspended_until=None)
            else:
                ending.filter(suspended_until__lt=until).update(suspended_until=until)
        settle_newcomers(devices)
    account.refresh_from_db()
    cut_off(devices, ByeCode.SUSPENDED)
    remove_as_staff(devices)
    account_shut_out.send(None, network=account.network_id, account=account.id)


def ban_account(account: Account) -> None:
    """Suspends it, takes its devices out of every room but those of its own cases, and its open invites back.

    Repeating it changes nothing.
    """
    suspend_account(account)
    revoke_invites_of([account.id])
    devices = Device.objects.filter(account=account).values_list("pk", flat=True)
    remove_from_all_rooms(list(devices), but_own_cases=True)


def restore_account(account: Account, record: Callable[[], None] = lambda: None) -> None:
    """Ends a suspension; `record` writes down that it does, in the same transaction. Repeating it changes nothing."""
    with transaction.atomic():
        Account.objects.filter(pk=account.pk).update(suspended_at=None, suspended_until=None)
        record()
    account.refresh_from_db()
    tell_staff(account)
