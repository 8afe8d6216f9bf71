"""Reading how many people cutting off a branch shuts out, and what of it waits for a second person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chat.access import branch_of, not_yet_banned
from chat.models import Account, Device
from moderation.access import may_agree_to_cut, others_for_cut, visible_cuts
from moderation.models import Cut


@dataclass(frozen=True)
class CutView:
    """`people`: how many it shuts out now; `people_then`: when it was proposed."""

    id: UUID
    case: UUID | None
    root: UUID
    about_asker: bool
    include_root: bool
    ground: str
    card: int | None
    law: str | None
    finding: str
    branch_fact: str
    people: int
    people_then: int
    may_agree: bool
    nobody_else: bool
    proposed_by: UUID | None
    proposed_at: datetime


def people_in(root: Account, *, include_root: bool) -> int:
    """How many cutting it off shuts out who are not so already, or for a time only."""
    return not_yet_banned(branch_of(root.id, include_root=include_root)).count()


def others(actor: Account, root: Account, *, include_root: bool) -> list[Account]:
    """Those who may agree when the actor proposes it, outside of a case."""
    return others_for_cut(Cut(network_id=root.network_id, root=root, include_root=include_root, proposed_by=actor))


def waiting_cuts(device: Device) -> list[CutView]:
    return [_view(cut, device.account) for cut in visible_cuts(device)]


def _view(cut: Cut, reader: Account) -> CutView:
    return CutView(
        id=cut.id,
        case=cut.case_id,
        root=cut.root_id,
        about_asker=cut.case is not None and cut.case.opened_by_id == cut.root_id,
        include_root=cut.include_root,
        ground=cut.ground,
        card=cut.card,
        law=cut.law or None,
        finding=cut.finding,
        branch_fact=cut.branch_fact,
        people=people_in(cut.root, include_root=cut.include_root),
        people_then=cut.people,
        may_agree=may_agree_to_cut(cut, reader),
        nobody_else=not others_for_cut(cut),
        proposed_by=cut.proposed_by_id,
        proposed_at=cut.proposed_at,
    )
