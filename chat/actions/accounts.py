"""What happens to an account after it joined."""

from django.utils import timezone

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
    Account.objects.filter(pk=account.pk, suspended_at=None).update(suspended_at=timezone.now())
    account.refresh_from_db()
    cut_off(list(Device.objects.filter(account=account).values_list("pk", flat=True)), ByeCode.SUSPENDED)


def restore_account(account: Account) -> None:
    """Ends a suspension. Repeating it changes nothing."""
    Account.objects.filter(pk=account.pk).update(suspended_at=None)
    account.refresh_from_db()
