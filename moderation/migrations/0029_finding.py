import django.db.models.deletion
from django.db import migrations, models

FINDINGS = [
    ("hurtful", "Hurtful"),
    ("went_on", "Went On"),
    ("threatened", "Threatened"),
    ("lured", "Lured"),
    ("asked_private", "Asked Private"),
    ("told_on", "Told On"),
    ("pictures", "Pictures"),
    ("pretended", "Pretended"),
    ("advertised", "Advertised"),
    ("false_reports", "False Reports"),
    ("other", "Other"),
]


class Migration(migrations.Migration):
    dependencies = [("chat", "0017_entry_without_age_index"), ("moderation", "0028_waits_answered")]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="finding",
            field=models.CharField(blank=True, choices=FINDINGS, default="", max_length=16),
        ),
        migrations.AddField(
            model_name="decision",
            name="branch_fact",
            field=models.CharField(
                blank=True,
                choices=[("one", "One"), ("several", "Several"), ("astray", "Astray")],
                default="",
                max_length=8,
            ),
        ),
        migrations.AddField(model_name="decision", name="on_notice", field=models.BooleanField(default=False)),
        migrations.CreateModel(
            name="Said",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="said", to="moderation.decision"
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.account"
                    ),
                ),
                ("facts", models.CharField(max_length=1000)),
                ("why", models.CharField(max_length=1000)),
            ],
        ),
    ]
