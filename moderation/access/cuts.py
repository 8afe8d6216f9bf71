"""The only way to get a proposal to cut off a branch, and who may agree to it."""

from uuid import UUID

from django.db.models import QuerySet

from chat.access import branch_of
from chat.models import Account, Device, Role
from moderation.access.staff import STAFF, access_as_staff, may, or_not_found
from moderation.models import Case, Cut, CutState, Kind


def visible_cuts(device: Device) -> list[Cut]:
    """Those that wait in the caller's network, for staff, but of cases that are kept from them and of branches that they
    are in themselves. Raises forbidden.
    """
    account = access_as_staff(device)
    found = _of_network(account).filter(state=CutState.PROPOSED).order_by("proposed_at", "id")
    return [cut for cut in found if _sees(account, cut)]


def access_cut(device: Device, cut: UUID) -> Cut:
    """One that the caller sees or that has ended, for staff. Raises forbidden or not_found."""
    account = access_as_staff(device)
    found = or_not_found(_of_network(account).filter(id=cut).first())
    return or_not_found(found if _sees(account, found) else None)


def staff_for_cut(cut: Cut) -> list[Account]:
    """The staff in good standing who see it."""
    kept = set() if cut.case is None else set(cut.case.kept_from.values_list("id", flat=True))
    return [account for account in _outside(cut.root) if account.id not in kept]


def others_for_cut(cut: Cut) -> list[Account]:
    """Those who may agree to it."""
    able = [account for account in staff_for_cut(cut) if account.id not in _part(cut) and may(account, Kind.BAN)]
    return [account for account in able if account.role == Role.COORDINATOR] or able


def may_agree_to_cut(cut: Cut, account: Account) -> bool:
    """Another coordinator; where none is there, a moderator who may ban."""
    return account.id in {other.id for other in others_for_cut(cut)}


def _sees(account: Account, cut: Cut) -> bool:
    """Coordinators may propose to cut off those who came through themselves; nobody else in a branch learns of it."""
    return account.id == cut.proposed_by_id or account.id not in branch_of(cut.root_id, include_root=True)


def _of_network(account: Account) -> QuerySet[Cut]:
    kept = Case.objects.filter(kept_from=account).values("id")
    found = Cut.objects.filter(network=account.network_id).exclude(case__in=kept)
    return found.select_related("root__network", "case", "proposed_by")


def _outside(root: Account) -> list[Account]:
    branch = branch_of(root.id, include_root=True)
    staff = Account.objects.filter(network=root.network_id, role__in=STAFF, suspended_at=None).order_by("id")
    return [account for account in staff if account.id not in branch]


def _part(cut: Cut) -> set[UUID | None]:
    """Who proposed it, and who asked."""
    return {cut.proposed_by_id, None if cut.case is None else cut.case.opened_by_id}
