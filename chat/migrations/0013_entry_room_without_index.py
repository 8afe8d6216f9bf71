from django.db import migrations, models
from django.db.models.deletion import CASCADE


class Migration(migrations.Migration):
    """Two unique constraints of the table begin with the room; a third index cost every append and served nobody."""

    dependencies = [("chat", "0012_staff_rooms")]

    operations = [
        migrations.AlterField(
            model_name="entry",
            name="room",
            field=models.ForeignKey(db_index=False, on_delete=CASCADE, related_name="entries", to="chat.room"),
        ),
    ]
