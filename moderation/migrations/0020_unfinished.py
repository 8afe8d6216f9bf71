import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0019_calls_again"), ("chat", "0017_entry_without_age_index")]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="chat.account",
            ),
        ),
        migrations.AddField(model_name="decision", name="unfinished", field=models.BooleanField(default=False)),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("unfinished", True)), fields=["decided_at"], name="decision_unfinished"
            ),
        ),
    ]
