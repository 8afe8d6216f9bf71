"""What happens to an account after it joined."""

from collections.abc import Callable, Collection, Sequence
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
from chat.push.outbox import call


def agree_to_conduct(device: Device, version: int) -> Device:
    """Remembers that the account agreed to the current code of conduct. Raises conduct_outdated (with `version`)."""
    current = device.account.network.conduct_version
    if version != current:
        raise ProtocolError(Code.CONDUCT_OUTDATED, version=current)
    Account.objects.filter(pk=device.account_id).update(conduct_version=version)
    device.account.conduct_version = version
    return device


def suspend_account(
    account: Account, until: datetime | None = None, *, still: Callable[[], bool] = lambda: True
) -> None:
    """From now on its devices get `suspended` in all but the rooms of its own cases; connected ones are cut off at once.

    Repeating it changes nothing. It ends by itself at `until`; one without an end stays without one. Staff come out of
    the rooms of others' cases and those in which they are among themselves, and may come in again afterwards.
    `still` is asked, while nobody else suspends or restores the account, whether that is wanted; if not, nothing is done.
    Raises unavailable: then it is suspended, and the same call can be made again for the rooms.
    """
    with transaction.atomic():
        _lock(account)
        if not still():
            return
        devices = _suspend(account, until)
    _cut_off(account, devices)
    remove_as_staff(devices)


def ban_account(account: Account, *, still: Callable[[], bool] = lambda: True) -> None:
    """Suspends it, takes its open invites back, and its devices out of every room but those of its own cases.

    Repeating it changes nothing. `still` and what it raises as above: the invites go with the suspension.
    """
    with transaction.atomic():
        _lock(account)
        if not still():
            return
        devices = _suspend(account, None)
        revoke_invites_of([account.id])
    _cut_off(account, devices)
    remove_from_all_rooms(devices, but_own_cases=True)


def restore_account(
    account: Account,
    record: Callable[[], None] = lambda: None,
    *,
    still: Callable[[], Sequence[datetime | None]] = tuple,
) -> None:
    """Ends a suspension; `record` writes down that it does, in the same transaction. Repeating it changes nothing.

    `still` is asked, while nobody else suspends or restores the account, when the others that hold end (None: never):
    then it lasts as long as they do.
    """
    with transaction.atomic():
        _lock(account)
        others = still()
        ends = [end for end in others if end is not None]
        if not others:
            was_out = Account.objects.filter(pk=account.pk, suspended_at__isnull=False)
            if was_out.update(suspended_at=None, suspended_until=None):
                call([account.pk])
        elif len(ends) == len(others):
            Account.objects.filter(pk=account.pk, suspended_at__isnull=False).update(suspended_until=max(ends))
        record()
    account.refresh_from_db()
    if not others:
        tell_staff(account)


def _lock(account: Account) -> None:
    list(Account.objects.select_for_update(no_key=True).filter(pk=account.pk).values_list("pk"))


def _suspend(account: Account, until: datetime | None) -> list[int]:
    """Returns its devices. Call it in a transaction."""
    devices = list(Device.objects.filter(account=account).values_list("pk", flat=True))
    fresh = Account.objects.filter(pk=account.pk, suspended_at=None)
    if not fresh.update(suspended_at=timezone.now(), suspended_until=until):
        ending = Account.objects.filter(pk=account.pk, suspended_until__isnull=False)
        if until is None:
            ending.update(suspended_until=None)
        else:
            ending.filter(suspended_until__lt=until).update(suspended_until=until)
    settle_newcomers(devices)
    return devices


def _cut_off(account: Account, devices: Collection[int]) -> None:
    account.refresh_from_db()
    cut_off(devices, ByeCode.SUSPENDED)
    account_shut_out.send(None, network=account.network_id, account=account.id)
