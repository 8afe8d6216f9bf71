from typing import Any

from django.db import migrations


def keep_waiting(apps: Any, _: Any) -> None:
    """Whether those that wait by now were answered was not kept: they wait as they did."""
    apps.get_model("moderation", "Case").objects.filter(state="waiting").update(answered=True, answer_calls=0)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0027_sealed_steps")]
    operations = [migrations.RunPython(keep_waiting, migrations.RunPython.noop)]
