"""What is kept for one device alone: its inbox, of which what it has acknowledged goes."""

from __future__ import annotations

from django.db import transaction

from chat.delivery.log import Batch
from chat.models import InboxItem, WelcomeBlob


def acknowledge(device: int, seq: int) -> tuple[None, list[Batch]]:
    """Deletes the device's items up to seq, and Welcomes that nobody waits for any more. A job of the writer's."""
    with transaction.atomic(durable=True):
        done = InboxItem.objects.filter(device=device, seq__lte=seq)
        welcomes = list(done.values_list("welcome_id", flat=True))
        if welcomes:
            done.delete()
            WelcomeBlob.objects.filter(id__in=welcomes, items=None).delete()
    return None, []
