"""What coordinators set for their moderators."""

from collections.abc import Sequence

from django.db import transaction

from chat.models import Account, Role
from chat.protocol.errors import Code, ProtocolError
from moderation.actions.log import record
from moderation.models import Rights, Rules


def set_rights(actor: Account, moderator: Account, denied: Sequence[str]) -> None:
    """Takes rights from a moderator, or gives them back. Raises forbidden for whoever is no moderator.

    Neither from coordinators: they have all rights. What was taken from a moderator before they became one is kept, and
    holds again if they are a moderator once more, since nobody gave it back.
    """
    if moderator.role != Role.MODERATOR:
        raise ProtocolError(Code.FORBIDDEN)
    with transaction.atomic():
        Rights.objects.update_or_create(account=moderator, defaults={"denied": sorted(set(denied))})
        record(actor.network_id, actor, "rights_set", subject=moderator.id, detail=",".join(sorted(set(denied))))


def set_rules(actor: Account, second_for: Sequence[str]) -> None:
    """Which kinds of decisions need a second moderator from now on."""
    with transaction.atomic():
        Rules.objects.update_or_create(network_id=actor.network_id, defaults={"second_for": sorted(set(second_for))})
        record(actor.network_id, actor, "rules_set", detail=",".join(sorted(set(second_for))))
