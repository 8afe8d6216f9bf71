from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0018_stored_report")]

    operations = [
        migrations.AddField("appeal", "calls", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("decision", "calls", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("referral", "calls", models.PositiveSmallIntegerField(default=0)),
    ]
