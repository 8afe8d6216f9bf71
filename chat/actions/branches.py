"""Taking back a branch of the invite tree: everyone whom an account let in, and whom those let in."""

from collections.abc import Callable, Collection
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from chat.access import not_yet_banned
from chat.actions.acts import account_shut_out
from chat.actions.removal import remove_from_all_rooms, settle_newcomers
from chat.delivery.outside import cut_off
from chat.models import Account, Device, Invite, RoomInvite
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.events import ByeCode


def revoke_branch(
    root: Account, *, include_root: bool, by: Account, justify: Callable[[Collection[UUID], int], None]
) -> dict[str, int]:
    """Bans the accounts below `root`, and it too when told so, and takes back the invites that any of them left open.

    Everyone is cut off before the first room is asked to take them out. Repeating it bans whoever has come since.
    `justify` writes down why, inside the transaction that bans: it is given who was banned, and how many invites were
    taken back. What it raises undoes all of it.
    Returns {"suspended", "invites_revoked"}: how many were not so before, or for a time only.
    Raises forbidden when the coordinator who asks is in the branch; then nothing was done.
    """
    with transaction.atomic():
        branch, revoked = _gather(root, include_root)
        if by.id in branch:
            raise ProtocolError(Code.FORBIDDEN)
        devices = list(Device.objects.filter(account__in=branch).values_list("pk", flat=True))
        banned = _ban(branch)
        settle_newcomers(devices)
        justify(banned, revoked)
    cut_off(devices, ByeCode.SUSPENDED)
    for account in branch:
        account_shut_out.send(None, network=root.network_id, account=account)
    remove_from_all_rooms(devices, but_own_cases=True)
    return {"suspended": len(banned), "invites_revoked": revoked}


def close_branch(root: Account, *, include_root: bool) -> tuple[int, int]:
    """Takes back the invites that anybody in the branch left open, and shuts nobody out. Call it inside a transaction.

    Returns how many people cutting it off would shut out, and how many invites were taken back.
    """
    branch, revoked = _gather(root, include_root)
    return not_yet_banned(branch).count(), revoked


def _ban(accounts: Collection[UUID]) -> list[UUID]:
    """Suspends them without an end. Returns those who were not so before."""
    free = not_yet_banned(accounts).select_for_update(no_key=True)
    banned = list(free.order_by("id").values_list("id", flat=True))
    Account.objects.filter(id__in=banned).update(suspended_at=timezone.now(), suspended_until=None)
    return banned


def _gather(root: Account, include_root: bool) -> tuple[set[UUID], int]:
    """The branch, with the open invites of all of it revoked; of the root's own alone when it is included.

    Invites first: whoever is joining by one at this moment is waited for, and found.
    """
    branch = {root.id} if include_root else set()
    makers, seen, revoked = {root.id}, {root.id}, 0
    while makers:
        revoked += revoke_invites_of(makers & branch)
        list(Invite.objects.select_for_update().filter(created_by__in=makers).order_by("id").values_list("id"))
        joined = set(Account.objects.filter(invite__created_by__in=makers).values_list("id", flat=True))
        makers = joined - seen
        seen |= joined
        branch |= makers
    return branch, revoked


def revoke_invites_of(accounts: Collection[UUID]) -> int:
    """Takes back every invite of theirs that can still be used, to the network and to groups. Returns how many."""
    now = timezone.now()
    return sum(
        kind.objects.filter(created_by__in=accounts, revoked_at=None, expires_at__gt=now, used__lt=F("uses")).update(
            revoked_at=now
        )
        for kind in (Invite, RoomInvite)
    )
