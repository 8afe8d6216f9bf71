from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0015_decided")]

    operations = [migrations.AddField(model_name="case", name="turn", field=models.BinaryField(default=b""))]
