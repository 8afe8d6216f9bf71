from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0013_entry_room_without_index")]

    operations = [
        migrations.AddField(model_name="network", name="contacts", field=models.JSONField(default=list)),
    ]
