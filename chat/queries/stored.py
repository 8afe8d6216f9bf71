"""How much each network has on this server's disk."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, Sum, UUIDField
from django.db.models.functions import Length

from chat.models import Backup, Blob, Entry, InboxItem, Room, WelcomeBlob


def stored_bytes() -> dict[UUID, int]:
    """By network: of entries that wait, Welcomes, attachments, backups and what newcomers need, the bytes themselves."""
    first = InboxItem.objects.filter(welcome=OuterRef("pk")).values("room__network")[:1]
    sizes: list[QuerySet[Any, tuple[UUID | None, int | None]]] = [
        Entry.objects.values_list("room__network").annotate(size=Sum(Length("payload"))),
        WelcomeBlob.objects.annotate(network=Subquery(first, output_field=UUIDField()))
        .values_list("network")
        .annotate(size=Sum(Length("payload"))),
        Blob.objects.values_list("room__network").annotate(total=Sum("size")),
        Backup.objects.values_list("account__network").annotate(size=Sum(Length("sealed"))),
        Room.objects.values_list("network").annotate(size=Sum(Length("group_info"))),
    ]
    total: Counter[UUID] = Counter()
    for found in sizes:
        for network, size in found.order_by():
            if network is not None:
                total[network] += size or 0
    return dict(total)
