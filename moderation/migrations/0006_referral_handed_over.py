from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0005_referrals"),
    ]

    operations = [
        migrations.AddField(
            model_name="referral",
            name="handed_over_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
