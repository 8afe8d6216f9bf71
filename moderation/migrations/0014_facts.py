import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0014_contacts"), ("moderation", "0013_by_operator")]

    operations = [
        migrations.CreateModel(
            name="Facts",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("messages", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("proven", models.BooleanField(blank=True, null=True)),
                ("first_day", models.DateField(blank=True, null=True)),
                ("last_day", models.DateField(blank=True, null=True)),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="facts",
                        to="moderation.decision",
                    ),
                ),
                ("rooms", models.ManyToManyField(blank=True, related_name="+", to="chat.room")),
            ],
        ),
    ]
