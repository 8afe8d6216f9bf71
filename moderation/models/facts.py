"""On which facts a decision rests, as far as its subject is told (DSA article 17(3)(b)): numbers, days and rooms, no words."""

from django.db import models

from chat.models import Room
from moderation.models.decision import Decision


class Facts(models.Model):
    """What a moderator chose to tell; each may be left out, and a decision without a row tells nothing.

    `messages` is how many, `proven` whether it is certain who sent them; `first_day` and `last_day` come together, as the
    moderator's calendar has them. `rooms` are where they were written.
    """

    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, related_name="facts")
    messages = models.PositiveSmallIntegerField(null=True, blank=True)
    proven = models.BooleanField(null=True, blank=True)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    rooms = models.ManyToManyField(Room, blank=True, related_name="+")
