from django.db import migrations, models

KINDS = ("open", "group", "direct", "case", "self", "staff", "notes")


class Migration(migrations.Migration):
    dependencies = [("chat", "0011_blobs")]

    operations = [
        migrations.AlterField(
            model_name="room",
            name="kind",
            field=models.CharField(choices=[(kind, kind.capitalize()) for kind in KINDS], max_length=6),
        ),
    ]
