from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F


def asked_for(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Whatever is there counts as what stewards asked for; moderation marks what was decided."""
    apps.get_model("chat", "RoomMute").objects.update(stewards_until=F("until"))


class Migration(migrations.Migration):
    dependencies = [("chat", "0015_entry_marks")]

    operations = [
        migrations.AddField("roommute", "stewards_until", models.BigIntegerField(blank=True, null=True)),
        migrations.AddField("roommute", "decided_until", models.BigIntegerField(blank=True, null=True)),
        migrations.AddField("roombar", "decided", models.BooleanField(default=False)),
        migrations.RunPython(asked_for, migrations.RunPython.noop),
    ]
