from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0022_forgotten")]

    operations = [
        migrations.AddField(
            model_name="decision", name="law", field=models.CharField(max_length=120, blank=True, default="")
        )
    ]
