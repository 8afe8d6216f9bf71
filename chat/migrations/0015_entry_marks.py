from django.db import migrations, models


class Migration(migrations.Migration):
    """By what entries are old: time that passed while the server ran, not what its clock said."""

    dependencies = [("chat", "0014_contacts")]

    operations = [
        migrations.CreateModel(
            name="EntryMark",
            fields=[
                ("passed_ms", models.BigIntegerField(primary_key=True, serialize=False)),
                ("wall_ms", models.BigIntegerField()),
                ("entry", models.BigIntegerField()),
            ],
        ),
    ]
