from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def name_openers(apps: Any, _: Any) -> None:
    """Until now whoever made the room of a case is whom it is for."""
    apps.get_model("chat", "Room").objects.filter(kind="case").update(person=models.F("created_by"))


class Migration(migrations.Migration):
    dependencies = [("chat", "0008_first_sendable")]

    operations = [
        migrations.AddField(
            model_name="room",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="case_rooms",
                to="chat.account",
            ),
        ),
        migrations.RunPython(name_openers, migrations.RunPython.noop),
    ]
