from datetime import timedelta

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def weigh_those_there_are(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As they were weighed until now: since when they were shut out before is not known any more.

    Rows of forgotten cases have quarters alone, which weigh more. Of these none that is in force is short.
    """
    decisions = apps.get_model("moderation", "Decision").objects
    alone = timedelta(days=30, hours=1)
    suspending = decisions.filter(kind="suspend", until__isnull=False).values_list("id", "decided_at", "until")
    long = [one for one, decided_at, until in suspending.iterator() if until - decided_at > alone]
    for start in range(0, len(long), 500):
        decisions.filter(id__in=long[start : start + 500]).update(weighs_as_ban=True)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0029_finding")]

    operations = [
        migrations.AddField(model_name="decision", name="weighs_as_ban", field=models.BooleanField(default=False)),
        migrations.RunPython(weigh_those_there_are, migrations.RunPython.noop),
    ]
