import uuid
from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

SOMEBODY: dict[str, Any] = {"on_delete": django.db.models.deletion.SET_NULL, "related_name": "+", "to": "chat.account"}
WITH: dict[str, Any] = {"on_delete": django.db.models.deletion.CASCADE}
GROUNDS = [("law", "Law"), ("conduct", "Conduct")]
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
FACTS = [("one", "One"), ("several", "Several"), ("astray", "Astray")]
STATES = [("proposed", "Proposed"), ("done", "Done"), ("refused", "Refused")]


class Migration(migrations.Migration):
    dependencies = [("chat", "0020_staff_certificates"), ("moderation", "0031_attested")]

    operations = [
        migrations.CreateModel(
            name="Cut",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("include_root", models.BooleanField()),
                ("ground", models.CharField(choices=GROUNDS, max_length=8)),
                ("card", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("law", models.CharField(blank=True, default="", max_length=120)),
                ("finding", models.CharField(choices=FINDINGS, max_length=16)),
                ("conduct_version", models.PositiveIntegerField()),
                ("branch_fact", models.CharField(choices=FACTS, max_length=8)),
                ("people", models.PositiveIntegerField()),
                ("state", models.CharField(choices=STATES, default="proposed", max_length=10)),
                ("proposed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("agreed_by", models.ForeignKey(blank=True, null=True, **SOMEBODY)),
                ("case", models.ForeignKey("moderation.case", blank=True, null=True, related_name="cuts", **WITH)),
                ("network", models.ForeignKey("chat.network", related_name="+", **WITH)),
                ("proposed_by", models.ForeignKey(null=True, **SOMEBODY)),
                ("refused_by", models.ForeignKey(blank=True, null=True, **SOMEBODY)),
                ("root", models.ForeignKey("chat.account", related_name="+", **WITH)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")), fields=["root"], name="one_waiting_cut_of_a_root"
                    )
                ]
            },
        ),
    ]
