"""Networks and the codes of conduct that their members agree to."""

import uuid

from django.db import models


class Network(models.Model):
    """One organisation's closed circle. Nobody sees anything across two of them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=80)
    #: What its people write in, as ISO 639 codes; hints on their phones know messages in these.
    languages = models.JSONField(default=list)
    #: Whom to call when somebody is in danger, as {"name", "way" (tel, sms, web), "to", "line"}; every member is told.
    contacts = models.JSONField(default=list)
    conduct_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)


class Conduct(models.Model):
    """One version of a network's code of conduct. `cards` is a list of {"title": text, "text": text, "finding"?: code}."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="conducts")
    version = models.PositiveIntegerField()
    cards = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "version"], name="conduct_version_once")]
