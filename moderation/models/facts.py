"""On which facts a decision rests, as far as its subject is told (DSA article 17(3)(b)): numbers, days and rooms, and words
of the operator's alone."""

from django.db import models

from chat.models import Account, Room
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


MAX_SAID = 1000


class Said(models.Model):
    """What the operator writes to whom they decide about, since they write it on the server: what happened, and why it falls
    under the ground. It goes with the subject's account.
    """

    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, related_name="said")
    subject = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    facts = models.CharField(max_length=MAX_SAID)
    why = models.CharField(max_length=MAX_SAID)
