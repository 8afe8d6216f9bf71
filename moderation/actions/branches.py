"""Whoever is banned with a branch of the invite tree reads why, and can object, as after any other decision."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from chat.actions.branches import revoke_branch
from chat.models import Account
from chat.protocol.errors import Code, ProtocolError
from moderation.actions.decisions import check_finding, check_ground
from moderation.actions.log import record, record_decided
from moderation.models import Case, Decision, DecisionState, Finding, Ground, Kind


@dataclass(frozen=True)
class Cutting:
    """Why a branch is cut off, as all of it read: the number of a `card` or without one a `law`, why it falls under that
    (Finding), and what happened (BranchFact). `case`: what it came of.
    """

    card: int | None
    law: str | None
    finding: str
    fact: str
    case: Case | None


def cut_branch(actor: Account, root: Account, cutting: Cutting, *, include_root: bool) -> dict[str, int]:
    """Bans whoever came in through `root`, and it too when told so, each by a decision in force.

    It needs no second moderator: an infiltrator brings others in while one waits.
    Raises malformed (no such card, no law named, `other` as the finding) or forbidden (the coordinator is in the branch);
    then nothing was done.
    """
    case = cutting.case
    ground = Ground.LAW if cutting.card is None else Ground.CONDUCT
    check_ground(root, ground, cutting.card, cutting.law)
    check_finding(cutting.finding, Kind.BAN)
    if cutting.finding == Finding.OTHER:
        raise ProtocolError(Code.MALFORMED, detail="nobody writes to a whole branch what else it is")
    made: list[UUID] = []

    def justify(banned: Collection[UUID], revoked: int) -> None:
        now = timezone.now()
        for account in banned:
            one = Decision.objects.create(
                network_id=root.network_id,
                case=case,
                subject_id=account,
                kind=Kind.BAN,
                ground=ground,
                card=cutting.card,
                law=cutting.law or "",
                finding=cutting.finding,
                conduct_version=root.network.conduct_version,
                branch=account != root.id,
                branch_fact=cutting.fact,
                decided_by=actor,
                state=DecisionState.IN_FORCE,
                decided_at=now,
                in_force_at=now,
                unfinished=True,
            )
            made.append(one.id)
            _record(actor, "decision_made", case, account, Kind.BAN)
        _record(actor, "branch_revoked", case, root.id, f"{len(banned)}/{revoked}")

    counts = revoke_branch(root, include_root=include_root, by=actor, justify=justify)
    Decision.objects.filter(id__in=made, state=DecisionState.IN_FORCE).update(unfinished=False)
    return counts


def _record(actor: Account, action: str, case: Case | None, subject: UUID, detail: str) -> None:
    if case is None:
        record(actor.network_id, actor, action, subject=subject, detail=detail)
    else:
        record_decided(actor.network_id, actor, action, case=case.id, subject=subject, detail=detail)
