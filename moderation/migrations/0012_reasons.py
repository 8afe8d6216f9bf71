from django.db import migrations, models

LIFTED_FOR = [("mistake", "Mistake"), ("heard", "Heard"), ("new_facts", "New Facts"), ("enough", "Enough")]
APPEAL_REASON = [
    ("fits", "Fits"),
    ("in_proportion", "In Proportion"),
    ("does_not_fit", "Does Not Fit"),
    ("too_much", "Too Much"),
    ("new_facts", "New Facts"),
    ("had_part", "Had Part"),
]


class Migration(migrations.Migration):
    dependencies = [("moderation", "0011_public_report")]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="lifted_for",
            field=models.CharField(blank=True, choices=LIFTED_FOR, default="", max_length=16),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="appeal",
            name="reason",
            field=models.CharField(blank=True, choices=APPEAL_REASON, default="", max_length=16),
            preserve_default=False,
        ),
    ]
