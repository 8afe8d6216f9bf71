from typing import Any

from django.db import migrations, models


def bar_from_rooms(apps: Any, _: Any) -> None:
    """Whom a case is kept from could be brought into its room until now."""
    bar = apps.get_model("chat", "RoomBar")
    kept = apps.get_model("moderation", "Case").kept_from.through.objects.filter(case__room__isnull=False)
    rows = [bar(room_id=room, account_id=account) for room, account in kept.values_list("case__room", "account")]
    bar.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0008_first_sendable"),
        ("moderation", "0002_decisions"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="called_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(bar_from_rooms, migrations.RunPython.noop),
    ]
