import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """When a device was here and when it was woken is sealed, and who waits to be woken is named by nobody's id."""

    dependencies = [("chat", "0018_progress")]

    operations = [
        migrations.RemoveField(model_name="device", name="last_seen_on"),
        migrations.AddField(model_name="device", name="last_seen", field=models.BinaryField(default=b"")),
        *[
            migrations.RemoveField(model_name="pushsubscription", name=name)
            for name in (
                "quiet_from", "quiet_to", "quiet_offset", "delay_ms", "woken_at", "unanswered", "heard_on",
            )
        ],
        # A subscription that says nothing of itself is told anew when the app is next opened.
        migrations.AddField(
            model_name="pushsubscription", name="rhythm", field=models.BinaryField(default=b""), preserve_default=False
        ),
        migrations.DeleteModel(name="PushWake"),
        migrations.DeleteModel(name="PushPresence"),
        migrations.CreateModel(
            name="PushWake",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
                ("due_at", models.BigIntegerField(db_index=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("called", models.BooleanField(default=False)),
                ("urgent", models.BooleanField(default=False)),
                ("again", models.BooleanField(default=False)),
                ("claim", models.CharField(blank=True, max_length=16, null=True)),
                ("claimed_until", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="PushPresence",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "process",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="presences", to="chat.pushprocess"
                    ),
                ),
            ],
        ),
    ]
