from django.db import migrations


class Migration(migrations.Migration):
    """Nothing asks for entries by their time any more (0015): age is counted by marks."""

    dependencies = [("chat", "0016_decided")]

    operations = [migrations.RemoveIndex(model_name="entry", name="entry_age")]
