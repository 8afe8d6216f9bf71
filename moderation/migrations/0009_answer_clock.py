from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0008_branch")]

    operations = [
        # Whatever was taken before has no such clock until its next step: nobody knows whether it was answered.
        migrations.AddField(
            model_name="case", name="moved_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(model_name="case", name="answered", field=models.BooleanField(default=False)),
        migrations.AddField(
            model_name="case", name="answer_calls", field=models.PositiveSmallIntegerField(default=0)
        ),
    ]
