from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0017_entry_without_age_index"), ("moderation", "0021_unfinished_before")]

    operations = [
        migrations.AddField(model_name="case", name="forgotten", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="decision", name="case_forgotten", field=models.BooleanField(default=False)),
        migrations.AddField(
            model_name="decision",
            name="kept_from",
            field=models.ManyToManyField(blank=True, related_name="+", to="chat.account"),
        ),
    ]
