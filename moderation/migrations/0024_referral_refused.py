import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0017_entry_without_age_index"), ("moderation", "0023_law")]

    operations = [
        migrations.AddField(
            model_name="referral",
            name="refused_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="chat.account",
            ),
        ),
        migrations.AddField(
            model_name="referral", name="refused_at", field=models.DateTimeField(blank=True, null=True)
        ),
    ]
