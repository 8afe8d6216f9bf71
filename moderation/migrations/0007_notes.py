import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0012_staff_rooms"), ("moderation", "0006_referral_handed_over")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="notes",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="notes_on",
                to="chat.room",
            ),
        ),
    ]
