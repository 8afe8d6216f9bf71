from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0012_reasons")]

    operations = [
        migrations.AddField(model_name="decision", name="by_operator", field=models.BooleanField(default=False)),
    ]
