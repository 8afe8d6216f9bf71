from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0030_weight")]

    operations = [
        migrations.AddField("auditentry", "attested", models.BinaryField(blank=True, default=b"")),
        migrations.AddIndex(
            "auditentry",
            models.Index(
                condition=models.Q(("action__in", ("evidence_exported", "evidence_handed_over"))),
                fields=["key_id"],
                name="audit_exports_by_key",
            ),
        ),
    ]
