"""Telling connected devices that a case is no longer as it was, and nothing of how."""

from chat.delivery.outside import announce_account
from chat.protocol.events import AccountChange
from moderation.access import active_staff
from moderation.models import Case


def announce_case(case: Case) -> None:
    """Connected devices of whoever asked and of whoever can work on it ask anew. Call it after the transaction."""
    concerned = list(active_staff(case).values_list("id", flat=True))
    if case.opened_by_id is not None:
        concerned.append(case.opened_by_id)
    for account in concerned:
        announce_account(account, AccountChange.CASES)
