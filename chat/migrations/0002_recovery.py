"""Sealed backups, and leaves of deleted accounts that wait to be taken out of their groups."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_first")]

    operations = [
        migrations.CreateModel(
            name="Backup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("locator_hash", models.BinaryField(max_length=32, unique=True)),
                ("sealed", models.BinaryField()),
                ("saved_on", models.DateField(auto_now=True)),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="backup", to="chat.account"
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="roomdevice",
            name="device",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="room_devices",
                to="chat.device",
            ),
        ),
        migrations.AddConstraint(
            model_name="roomdevice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("device__isnull", False),
                    models.Q(("removal_seq__isnull", False), ("removed_at__isnull", False)),
                    _connector="OR",
                ),
                name="a_place_of_nobody_is_pending",
            ),
        ),
        # Going back, each place has a device again: a leaf of nobody is then no longer known to wait.
        migrations.RunSQL(migrations.RunSQL.noop, "DELETE FROM chat_roomdevice WHERE device_id IS NULL"),
    ]
