"""The staff of a network hear of one another, and whoever asked them for help of them."""

from chat.delivery.outside import announce_account
from chat.models import Account
from chat.protocol.events import AccountChange
from chat.queries.staff import concerned_with_staff


def tell_staff(account: Account) -> None:
    """Where somebody comes who works on cases, or comes back, connected devices of the others, and of those who asked,
    ask for the cases anew: each says by whom it is to be seen, and whoever is in its room brings in whoever is not.
    """
    if not account.is_staff:
        return
    for other in concerned_with_staff([account.network_id]) - {account.id}:
        announce_account(other, AccountChange.CASES)
