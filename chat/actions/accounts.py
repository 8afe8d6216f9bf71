"""What happens to an account after it joined."""

from django.db import transaction
from django.utils import timezone

from chat.actions.branches import revoke_invites_of
from chat.actions.removal import remove_from_all_rooms, settle_newcomers
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


def suspend_account(account: Account) -> None:
    """From now on its devices get `suspended`; connected ones are cut off at once. Repeating it changes nothing."""
    devices = list(Device.objects.filter(account=account).values_list("pk", flat=True))
    with transaction.atomic():
        Account.objects.filter(pk=account.pk, suspended_at=None).update(suspended_at=timezone.now())
        settle_newcomers(devices)
    account.refresh_from_db()
    cut_off(devices, ByeCode.SUSPENDED)


def ban_account(account: Account) -> None:
    """Suspends it, takes its devices out of every room and its open invites back. Repeating it changes nothing."""
    suspend_account(account)
    revoke_invites_of([account.id])
    remove_from_all_rooms(list(Device.objects.filter(account=account).values_list("pk", flat=True)))


def restore_account(account: Account) -> None:
    """Ends a suspension. Repeating it changes nothing."""
    Account.objects.filter(pk=account.pk).update(suspended_at=None)
    account.refresh_from_db()
