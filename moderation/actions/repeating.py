"""Asking again for a step that was taken already: its answer was lost on the way, and nobody else was faster."""

from collections.abc import Callable
from uuid import UUID

from chat.models import Account
from chat.protocol.errors import Code, ProtocolError
from moderation.models import AuditEntry, Case
from moderation.pseudonyms import pseudonym

_MOVES = ("case_claimed", "case_handed_over", "case_waiting", "case_resumed", "case_closed")


def once(
    case: Case, actor: Account, action: str, step: Callable[[], Case], *, subject: UUID | None = None, detail: str = ""
) -> Case:
    """Takes the step, unless the last that moved the case, as the log has it, was this very step of this person's.

    Raises what the step raises.
    """
    network = case.network_id
    same = (
        pseudonym(network, actor.id),
        action,
        "" if subject is None else pseudonym(network, subject),
        detail,
    )

    def taken() -> bool:
        moves = AuditEntry.objects.filter(network=network, case=case.id, action__in=_MOVES).order_by("-seq")
        return moves.values_list("actor", "action", "subject", "detail").first() == same

    if taken():
        return case
    try:
        return step()
    except ProtocolError as refusal:
        # It may have been under way when it was asked for again.
        if refusal.code not in (Code.CASE_CLOSED, Code.CASE_CLAIMED) or not taken():
            raise
    case.refresh_from_db()
    return case
