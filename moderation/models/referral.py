"""Handing a case over to somebody outside of the network: that it was agreed, never to whom."""

import uuid

from django.db import models
from django.utils import timezone

from chat.models import Account
from moderation.models.case import Case, Outcome

HAND_OVER = "hand_over"
"""The right to hand over, and what stands in a network's rules when it takes two."""


class Referral(models.Model):
    """One hand-over, as to an agency. To whom, and what for, is said in the case's room alone.

    `consented` is the opener's answer, null until there is one; `needs_second` is what the network's rules were when it
    was proposed, and `agreed_by` the second moderator; `handed_over_at` is when evidence was first sealed for it.
    `refused_by` of the staff did not agree to it or took it back, which ends it. `calls` counts how often staff were
    called again because no second moderator had answered.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="referrals")
    proposed_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    consented = models.BooleanField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    needs_second = models.BooleanField()
    agreed_by = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    refused_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveSmallIntegerField(default=0)

    @property
    def ready(self) -> bool:
        """Whether the case may be handed over now: not after it was refused, nor after whoever consented took the whole
        question back, or has gone and cannot take their yes back any more.
        """
        return (
            self.refused_at is None
            and self.case.opened_by_id is not None
            and self.case.outcome != Outcome.WITHDRAWN
            and self.consented is True
            and (self.agreed_at is not None or not self.needs_second)
        )
