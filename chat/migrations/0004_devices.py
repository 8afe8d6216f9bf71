import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0003_case_rooms"),
    ]

    operations = [
        migrations.AddField(
            model_name="device",
            name="last_seen_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="room",
            name="kind",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("group", "Group"),
                    ("direct", "Direct"),
                    ("case", "Case"),
                    ("self", "Self"),
                ],
                max_length=6,
            ),
        ),
        migrations.CreateModel(
            name="DeviceLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("link", models.BinaryField(max_length=16, unique=True)),
                ("offer", models.BinaryField(max_length=1024)),
                ("take_hash", models.BinaryField(max_length=32)),
                ("expires_at", models.DateTimeField()),
                ("parts", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("taken", models.PositiveSmallIntegerField(default=0)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="chat.device",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DeviceLinkPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("sealed", models.BinaryField()),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answer", to="chat.devicelink"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="devicelink",
            index=models.Index(fields=["expires_at"], name="device_link_age"),
        ),
        migrations.AddConstraint(
            model_name="devicelinkpart",
            constraint=models.UniqueConstraint(fields=("link", "number"), name="device_link_part_once"),
        ),
    ]
