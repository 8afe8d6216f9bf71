from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def count_those_there_are(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A case has had one room for its notes, or its last moderator took the others with them before anybody counted."""
    apps.get_model("moderation", "Case").objects.filter(notes__isnull=False).update(notes_begun=1)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0025_about_asker")]

    operations = [
        migrations.AddField(model_name="case", name="notes_begun", field=models.PositiveSmallIntegerField(default=0)),
        migrations.RunPython(count_those_there_are, migrations.RunPython.noop),
    ]
