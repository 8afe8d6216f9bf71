"""What is kept for one device alone: its inbox, of which what it has acknowledged goes."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from chat.delivery.log import Batch
from chat.models import InboxItem, WelcomeBlob


def acknowledge(device: int, seq: int, *, own_cases: bool = False) -> tuple[None, list[Batch]]:
    """Deletes the device's items up to seq, and Welcomes that nobody waits for any more. A job of the writer's.

    With `own_cases`, as suspended accounts are given nothing else, those of the rooms of its own cases alone.
    """
    with transaction.atomic(durable=True):
        done = InboxItem.objects.filter(device=device, seq__lte=seq)
        if own_cases:
            done = done.filter(room__person=F("device__account"))
        welcomes = list(done.values_list("welcome_id", flat=True))
        if welcomes:
            done.delete()
            WelcomeBlob.objects.filter(id__in=welcomes, items=None).delete()
    return None, []
