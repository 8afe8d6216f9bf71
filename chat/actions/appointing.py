"""Who looks after a network: members become staff, and staff members again."""

from django.db import transaction

from chat.actions.acts import account_shut_out, tell
from chat.actions.removal import remove_as_staff, settle_newcomers
from chat.actions.staff import tell_staff
from chat.delivery.outside import announce_account
from chat.models import Account, Device
from chat.protocol.events import AccountChange


def set_role(account: Account, role: str, by: Account | None = None) -> None:
    """Its devices learn of it at once; staff who are connected bring whoever comes to them into open cases.

    Whoever is staff no more comes out of the rooms of others' cases and those of the staff, and what they had is free
    again. The act of the coordinator `by`, or without one the operator's; in the log when it changes something. Repeating
    it does the rest that may be left undone.
    """
    devices = list(Device.objects.filter(account=account).values_list("pk", flat=True))
    with transaction.atomic():
        if Account.objects.filter(pk=account.pk).exclude(role=role).update(role=role):
            tell(account.network_id, by, "role_set", subject=account.id, detail=role)
        settle_newcomers(devices)
    account.refresh_from_db()
    if not account.is_staff:
        remove_as_staff(devices)
        account_shut_out.send(None, network=account.network_id, account=account.id)
    for change in (AccountChange.DEVICES, AccountChange.CASES):
        announce_account(account.id, change)
    tell_staff(account)
