"""The staff of a network hear of one another."""

from chat.delivery.outside import announce_account
from chat.models import Account, Role
from chat.protocol.events import AccountChange


def tell_staff(account: Account) -> None:
    """Where somebody comes who works on cases, or comes back, connected devices of the others ask for the cases anew:
    each says by whom it is to be seen, and whoever is in its room brings in whoever is not.
    """
    if not account.is_staff:
        return
    others = Account.objects.filter(
        network=account.network_id, role__in=(Role.MODERATOR, Role.COORDINATOR), suspended_at=None
    ).exclude(id=account.id)
    for other in others.values_list("id", flat=True):
        announce_account(other, AccountChange.CASES)
