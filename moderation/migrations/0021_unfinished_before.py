from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def look_at_all(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What decisions in force do may have been lost before anything marked it: it is done once more."""
    apps.get_model("moderation", "Decision").objects.filter(state="in_force").update(unfinished=True)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0020_unfinished")]

    operations = [migrations.RunPython(look_at_all, migrations.RunPython.noop)]
