from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0024_referral_refused")]

    operations = [migrations.AddField(model_name="decision", name="about_asker", field=models.BinaryField(default=b""))]
