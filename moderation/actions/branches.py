"""Whoever is banned with a branch of the invite tree reads why, and can object, as after any other decision."""

from collections.abc import Collection
from uuid import UUID

from django.utils import timezone

from chat.models import Account
from moderation.actions.decisions import check_ground
from moderation.actions.log import record
from moderation.models import Decision, DecisionState, Ground, Kind


def ban_branch(
    sender: None, root: Account, banned: Collection[UUID], by: Account, card: int | None, **_: object
) -> None:
    """A decision, in force, about each account that chat has just banned (chat/actions/acts.py). Raises malformed: no such card.

    It needs no second moderator: an infiltrator brings others in while one waits.
    """
    ground = Ground.LAW if card is None else Ground.CONDUCT
    check_ground(root, ground, card)
    now = timezone.now()
    for account in banned:
        Decision.objects.create(
            network_id=root.network_id,
            subject_id=account,
            kind=Kind.BAN,
            ground=ground,
            card=card,
            conduct_version=root.network.conduct_version,
            branch=account != root.id,
            decided_by=by,
            state=DecisionState.IN_FORCE,
            decided_at=now,
            in_force_at=now,
        )
        record(root.network_id, by, "decision_made", subject=account, detail=Kind.BAN)
