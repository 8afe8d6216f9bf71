from django.db import migrations, models
from django.db.models.deletion import CASCADE


class Migration(migrations.Migration):
    dependencies = [("moderation", "0017_longer_detail")]

    operations = [
        migrations.CreateModel(
            name="StoredReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start", models.DateField()),
                ("numbers", models.TextField()),
                ("digest", models.BinaryField(null=True, blank=True, default=None, max_length=32)),
                (
                    "network",
                    models.ForeignKey(on_delete=CASCADE, related_name="stored_reports", to="chat.network"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("network", "start"), name="one_report_a_quarter")]
            },
        )
    ]
