from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone


def mark(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Mutes and bars that a decision in force made are the moderators' from now on."""
    mutes = apps.get_model("chat", "RoomMute").objects
    bars = apps.get_model("chat", "RoomBar").objects
    standing = apps.get_model("moderation", "Decision").objects.filter(state="in_force", room__isnull=False)
    for decision in standing.filter(kind="mute", until__gt=timezone.now()).order_by("until"):
        until = int(decision.until.timestamp() * 1000)
        rows = mutes.filter(room=decision.room_id, account=decision.subject_id)
        # One that is longer than any decision is of stewards, and stays as long.
        rows.filter(until__gt=until).update(decided_until=until)
        rows.filter(until__lte=until).update(until=until, decided_until=until, stewards_until=None)
    for decision in standing.filter(kind="remove_from_room"):
        bars.filter(room=decision.room_id, account=decision.subject_id).update(decided=True)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0014_facts"), ("chat", "0016_decided")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
