from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0014_facts")]

    operations = [migrations.AddField(model_name="case", name="turn", field=models.BinaryField(default=b""))]
