import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """How far devices have come is sealed, one row a room: in a direct room the column named senders."""

    dependencies = [("chat", "0017_entry_without_age_index")]

    operations = [
        migrations.CreateModel(
            name="RoomProgress",
            fields=[
                (
                    "room",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="progress",
                        serialize=False,
                        to="chat.room",
                    ),
                ),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.RemoveField(model_name="roomdevice", name="cursor"),
    ]
