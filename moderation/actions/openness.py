"""Who may read a network's transparency report: its members, or everybody."""

from django.db import transaction

from chat.models import Account
from moderation.actions.log import record
from moderation.models import PublicReport


def publish_report(actor: Account, on: bool) -> None:
    """Repeating it changes nothing, and is not told twice."""
    with transaction.atomic():
        if on:
            _, changed = PublicReport.objects.get_or_create(network_id=actor.network_id)
        else:
            changed = bool(PublicReport.objects.filter(network=actor.network_id).delete()[0])
        if changed:
            record(actor.network_id, actor, "report_published" if on else "report_withdrawn")
