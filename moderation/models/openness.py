"""What a network shows of itself: to its members, and to everybody."""

from django.db import models
from django.utils import timezone

from chat.models import Network
from chat.models.fields import BytesField


class PublicReport(models.Model):
    """A network whose coordinators publish its transparency report. Without a row it is for members alone."""

    network = models.OneToOneField(Network, primary_key=True, on_delete=models.CASCADE, related_name="public_report")
    since = models.DateTimeField(default=timezone.now)


class StoredReport(models.Model):
    """What is told of the quarter that began on `start`, as it was when somebody first asked: it never changes again, so
    that nobody learns of a single act by asking before and after it.

    `numbers` (JSON) are the report's tables, medians and withheld names; `digest` is that of the audit log's last entry then
    (32 bytes), null when it had none.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="stored_reports")
    start = models.DateField()
    numbers = models.TextField()
    digest = BytesField(max_length=32, null=True, blank=True, default=None)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "start"], name="one_report_a_quarter")]
