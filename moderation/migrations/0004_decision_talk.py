import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0009_case_person"),
        ("moderation", "0003_calls"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="talk",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="decision",
                to="chat.room",
            ),
        ),
    ]
