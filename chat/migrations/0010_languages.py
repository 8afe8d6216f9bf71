from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0009_case_person")]

    operations = [
        migrations.AddField(model_name="network", name="languages", field=models.JSONField(default=list)),
    ]
