from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0007_notes")]

    operations = [
        migrations.AddField(model_name="decision", name="branch", field=models.BooleanField(default=False)),
    ]
