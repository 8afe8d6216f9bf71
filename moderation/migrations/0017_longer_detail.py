from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0016_turn")]

    operations = [
        migrations.AlterField(
            model_name="auditentry", name="detail", field=models.CharField(max_length=128, blank=True)
        )
    ]
