"""Doing what follows from a decision's last step, after the transaction that took it.

That transaction marks the decision `unfinished`, so what a process did not come to do is done by the next one that looks.
"""

import logging
from uuid import UUID

from moderation.actions import effects
from moderation.actions.announcing import announce_decision
from moderation.models import Decision, DecisionState

AT_ONCE = 100
"""Decisions that one look completes; the rest waits for the next one."""

logger = logging.getLogger(__name__)


def complete(decision: Decision) -> Decision:
    """What it does, or undoes, as it stands now, and telling of it. Repeating it changes nothing.

    Call it outside of transactions. Raises unavailable: then it stays unfinished.
    """
    decision.refresh_from_db()
    if decision.unfinished:
        if decision.holds:
            effects.apply(decision)
        elif decision.state != DecisionState.IN_FORCE:
            effects.undo(decision)
        # Of one that was ended meanwhile, whoever ended it does the rest.
        Decision.objects.filter(id=decision.id, state=decision.state).update(unfinished=False)
    announce_decision(decision)
    return decision


class Completing:
    """One in each process that cleans up. What was unfinished at two looks nobody is about to finish."""

    def __init__(self) -> None:
        self._seen: set[UUID] = set()

    def look(self) -> None:
        found = list(Decision.objects.filter(unfinished=True).order_by("decided_at", "id").values_list("id", flat=True))
        left = [one for one in found if one in self._seen]
        self._seen = set(found)
        for decision in Decision.objects.select_related("subject", "room", "case").filter(id__in=left[:AT_ONCE]):
            try:
                complete(decision)
            except Exception:  # of one decision: the others are not to wait for it
                logger.exception("what follows from a decision could not be done: the next look tries again")
