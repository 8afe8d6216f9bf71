"""What a network shows of itself to everybody."""

from django.db import models
from django.utils import timezone

from chat.models import Network


class PublicReport(models.Model):
    """A network whose coordinators publish its transparency report. Without a row it is for members alone."""

    network = models.OneToOneField(Network, primary_key=True, on_delete=models.CASCADE, related_name="public_report")
    since = models.DateTimeField(default=timezone.now)
