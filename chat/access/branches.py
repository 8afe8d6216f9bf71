"""Who is in a branch of the invite tree, and whom cutting it off shuts out."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from chat.models import Account


def branch_of(root: UUID, *, include_root: bool) -> set[UUID]:
    """Everyone whom the account let in, those whom these let in, and so on; itself too when told so."""
    branch = {root} if include_root else set()
    makers, seen = {root}, {root}
    while makers:
        makers = set(Account.objects.filter(invite__created_by__in=makers).values_list("id", flat=True)) - seen
        seen |= makers
        branch |= makers
    return branch


def not_yet_banned(accounts: Collection[UUID]) -> QuerySet[Account]:
    """Those who are not shut out, or for a time only."""
    return Account.objects.filter(Q(suspended_at=None) | Q(suspended_until__isnull=False), id__in=accounts)
