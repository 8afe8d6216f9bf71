"""What the API shows of the staff and what each of them may decide."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from chat.models import Account, Network, Role
from moderation.access import STAFF, second_for
from moderation.models import Rights


@dataclass(frozen=True)
class ModeratorView:
    account: UUID
    role: str
    denied: list[str]


def moderators(network: Network) -> dict[str, object]:
    """The staff with what was taken from each (nothing is from coordinators), the kinds of decisions that need two, and from
    when on a suspension is a ban.
    """
    staff = list(Account.objects.filter(network=network, role__in=STAFF, suspended_at=None).order_by("id"))
    moderators = [account.id for account in staff if account.role == Role.MODERATOR]
    denied = dict(Rights.objects.filter(account__in=moderators).values_list("account", "denied"))
    views = [ModeratorView(account.id, account.role, denied.get(account.id, [])) for account in staff]
    alone = settings.SUSPEND_ALONE_DAYS
    return {"moderators": views, "second_for": second_for(network.id), "alone_days": alone}
