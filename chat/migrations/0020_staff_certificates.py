import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Being staff is signed by coordinators (ADR 15)."""

    dependencies = [("chat", "0019_unlinked")]

    operations = [
        migrations.AddField("account", "staff_proof", models.BinaryField(blank=True, max_length=32, null=True)),
        migrations.CreateModel(
            name="StaffCertificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.UUIDField()),
                ("identity_key", models.BinaryField(max_length=32)),
                (
                    "role",
                    models.CharField(
                        choices=[("member", "Member"), ("moderator", "Moderator"), ("coordinator", "Coordinator")],
                        max_length=12,
                    ),
                ),
                ("issued_at", models.BigIntegerField()),
                ("issuer", models.UUIDField()),
                ("signature", models.BinaryField(max_length=64)),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staff_certificates",
                        to="chat.network",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("network", "account", "issuer", "issued_at"), name="staff_certificate_once"
                    )
                ],
            },
        ),
    ]
