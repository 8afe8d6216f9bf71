from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0026_notes_begun")]

    operations = [
        migrations.AddField("auditentry", "opening", models.BinaryField(default=b"")),
        migrations.AddField("case", "kept", models.BinaryField(default=b"")),
        migrations.AlterField("auditentry", "actor", models.CharField(blank=True, max_length=16)),
        # Values of before are sealed anew by the next round of forgetting, which knows the key.
        migrations.RenameField("decision", "about_asker", "details"),
    ]
