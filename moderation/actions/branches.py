"""Cutting off a branch of the invite tree: on the word of two where it shuts out more than a few people.

Whoever is banned with one reads why, and can object, as after any other decision.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.access import branch_of
from chat.actions.branches import close_branch, revoke_branch
from chat.models import Account
from chat.protocol.errors import Code, ProtocolError
from moderation.access import may_agree_to_cut, second_for
from moderation.actions import calls
from moderation.actions.announcing import announce_cut
from moderation.actions.completing import complete
from moderation.actions.decisions import Deciding, check_finding, check_ground, write_down
from moderation.actions.log import record, record_decided
from moderation.models import (
    CUT_ALONE,
    Case,
    Cut,
    CutState,
    Decision,
    DecisionState,
    Finding,
    Ground,
    Kind,
)


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


@dataclass(frozen=True)
class Outcome:
    """How many were banned and how many invites were taken back; `waits`: the proposal that needs a second person."""

    suspended: int
    invites_revoked: int
    waits: UUID | None = None


class _TooManyForOne(Exception):
    """Undoes a ban of more people than one person may shut out alone."""


def cut_branch(
    actor: Account, root: Account, cutting: Cutting, *, include_root: bool, people: int | None = None
) -> Outcome:
    """Bans whoever came in through `root`, and it too when told so, each by a decision in force.

    Where that is more than one person may shut out (`takes_two`) it becomes a proposal: nobody is banned, but open invites
    of the branch go, and `root`, when included, gets a pause of access as one person may give it: infiltrators bring
    others in meanwhile.
    `people`: how many the actor was told. Raises malformed (no such card, no law named, `other` as the finding), forbidden
    (the coordinator is in the branch), too_many (it grew since) or case_closed (another proposal about it waits); then
    nothing was done.
    """
    ground = Ground.LAW if cutting.card is None else Ground.CONDUCT
    check_ground(root, ground, cutting.card, cutting.law)
    check_finding(cutting.finding, Kind.BAN)
    if cutting.finding == Finding.OTHER:
        raise ProtocolError(Code.MALFORMED, detail="nobody writes to a whole branch what else it is")
    if actor.id in branch_of(root.id, include_root=include_root):
        raise ProtocolError(Code.FORBIDDEN)
    cut = Cut(
        network_id=root.network_id,
        case=cutting.case,
        root=root,
        include_root=include_root,
        ground=ground,
        card=cutting.card,
        law=cutting.law or "",
        finding=cutting.finding,
        conduct_version=root.network.conduct_version,
        branch_fact=cutting.fact,
        people=0,
        proposed_by=actor,
    )

    def small(banned: int) -> None:
        _check_grown(banned, people)
        if takes_two(actor, banned):
            raise _TooManyForOne

    try:
        return _carry_out(cut, actor, small)
    except _TooManyForOne:
        return _propose(cut, actor, people)


def agree_to_cut(cut: Cut, actor: Account, people: int) -> Outcome:
    """The second person agrees to shut out so many, who are counted again. Repeating it changes nothing.

    Raises forbidden, too_many (more have come since they looked: nothing was done) or case_closed (it ended meanwhile).
    """
    done = {"state": CutState.DONE, "agreed_by_id": actor.id}
    if all(getattr(cut, name) == value for name, value in done.items()):
        return Outcome(0, 0)
    if not may_agree_to_cut(cut, actor):
        raise ProtocolError(Code.FORBIDDEN)

    def claimed(banned: int) -> None:
        # First the row, so that of two who agree or refuse at once one does.
        if not Cut.objects.filter(id=cut.id, state=CutState.PROPOSED).update(**done, ended_at=timezone.now()):
            raise ProtocolError(Code.CASE_CLOSED)
        _check_grown(banned, people)

    outcome = _carry_out(cut, actor, claimed)
    announce_cut(cut)
    return outcome


def refuse_cut(cut: Cut, actor: Account) -> None:
    """The second person does not agree, or who proposed it takes it back. Repeating it changes nothing.

    Raises forbidden or case_closed (it was carried out).
    """
    refused = {"state": CutState.REFUSED, "refused_by_id": actor.id}
    if actor.id != cut.proposed_by_id and not may_agree_to_cut(cut, actor):
        raise ProtocolError(Code.FORBIDDEN)
    with transaction.atomic():
        if Cut.objects.filter(id=cut.id, state=CutState.PROPOSED).update(**refused, ended_at=timezone.now()):
            _record(actor, "branch_refused", cut.case, None, str(cut.people))
        elif not Cut.objects.filter(id=cut.id, **refused).exists():
            raise ProtocolError(Code.CASE_CLOSED)
    announce_cut(cut)


def takes_two(actor: Account, people: int) -> bool:
    """Whether these, with those whom the coordinator shut out so alone in the last 24 hours, are more than one may shut out.

    Else a large branch could be cut off piece by piece.
    """
    since = timezone.now() - timedelta(days=1)
    own = Decision.objects.filter(decided_by=actor, agreed_by=None, in_force_at__gt=since).exclude(branch_fact="")
    return people > 0 and people + own.count() > CUT_ALONE


def _check_grown(now: int, told: int | None) -> None:
    if told is not None and now > told:
        raise ProtocolError(Code.TOO_MANY, people=now)


def _propose(cut: Cut, actor: Account, people: int | None) -> Outcome:
    """Repeating it finds the one that waits."""
    try:
        with transaction.atomic():
            cut.people, revoked = close_branch(cut.root, include_root=cut.include_root)
            _check_grown(cut.people, people)
            cut.save(force_insert=True)
            calls.cut_proposed(cut)
            if cut.include_root:
                _pause(cut, actor)
            # Whom it is about is not in it: coordinators of the branch read the log as well.
            _record(actor, "branch_proposed", cut.case, None, f"{cut.people}/{revoked}")
    except IntegrityError:
        waiting = Cut.objects.filter(root=cut.root, state=CutState.PROPOSED).first()
        if waiting is None or waiting.include_root != cut.include_root or waiting.proposed_by_id != actor.id:
            raise ProtocolError(Code.CASE_CLOSED) from None
        cut, revoked = waiting, 0
    for pause in Decision.objects.filter(subject=cut.root_id, decided_by=actor, kind=Kind.SUSPEND, unfinished=True):
        complete(pause)
    announce_cut(cut)
    return Outcome(0, revoked, cut.id)


def _pause(cut: Cut, actor: Account) -> None:
    """Whoever the branch came in through is kept out at once, for as long as one person may decide alone.

    It is written down with the proposal, so that no process that dies leaves the one without the other.
    """
    root = Account.objects.select_related("network").get(id=cut.root_id)
    if root.suspended_at is not None or Kind.SUSPEND in second_for(cut.network_id):
        return
    until = timezone.now() + timedelta(days=settings.SUSPEND_ALONE_DAYS)
    pause = Deciding(uuid4(), Kind.SUSPEND, cut.ground, cut.card, until, cut.finding, cut.law or None)
    write_down(actor, root, pause, room=None, case=cut.case)


def _carry_out(cut: Cut, actor: Account, allowed: Callable[[int], None]) -> Outcome:
    """Bans the branch as it is now. `allowed` is given how many that are, and undoes all of it by raising."""
    made: list[UUID] = []

    def justify(banned: Collection[UUID], revoked: int) -> None:
        allowed(len(banned))
        now = timezone.now()
        for account in banned:
            one = Decision.objects.create(
                network_id=cut.network_id,
                case=cut.case,
                subject_id=account,
                kind=Kind.BAN,
                ground=cut.ground,
                card=cut.card,
                law=cut.law,
                finding=cut.finding,
                conduct_version=cut.conduct_version,
                branch=account != cut.root_id,
                branch_fact=cut.branch_fact,
                decided_by=cut.proposed_by,
                agreed_by=None if cut.proposed_by_id == actor.id else actor,
                state=DecisionState.IN_FORCE,
                decided_at=now,
                in_force_at=now,
                unfinished=True,
            )
            made.append(one.id)
            _record(actor, "decision_made", cut.case, account, Kind.BAN)
        _record(actor, "branch_revoked", cut.case, cut.root_id, f"{len(banned)}/{revoked}")

    counts = revoke_branch(cut.root, include_root=cut.include_root, by=actor, justify=justify)
    Decision.objects.filter(id__in=made, state=DecisionState.IN_FORCE).update(unfinished=False)
    return Outcome(counts["suspended"], counts["invites_revoked"])


def _record(actor: Account, action: str, case: Case | None, subject: UUID | None, detail: str) -> None:
    if case is None:
        record(actor.network_id, actor, action, subject=subject, detail=detail)
    else:
        record_decided(actor.network_id, actor, action, case=case.id, subject=subject, detail=detail)
