"""Cutting off a branch of the invite tree that is too large for one person to decide alone."""

import uuid

from django.db import models
from django.utils import timezone

from chat.models import Account, Network
from moderation.models.case import Case
from moderation.models.decision import MAX_LAW, BranchFact, Finding, Ground

CUT_ALONE = 5
"""How many people one coordinator shuts out with branches in any 24 hours without a second person."""


class CutState(models.TextChoices):
    PROPOSED = "proposed"
    DONE = "done"
    REFUSED = "refused"


class Cut(models.Model):
    """One proposal to ban the branch below `root`, and it too with `include_root`. One of a root waits at a time.

    Why is as in the decisions that it becomes (Decision). `people` is how many it shut out when it was proposed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.CASCADE, related_name="cuts")
    root = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    include_root = models.BooleanField()
    ground = models.CharField(max_length=8, choices=Ground.choices)
    card = models.PositiveSmallIntegerField(null=True, blank=True)
    law = models.CharField(max_length=MAX_LAW, blank=True, default="")
    finding = models.CharField(max_length=16, choices=Finding.choices)
    conduct_version = models.PositiveIntegerField()
    branch_fact = models.CharField(max_length=8, choices=BranchFact.choices)
    people = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=CutState.choices, default=CutState.PROPOSED)
    proposed_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    agreed_by = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    refused_by = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["root"], condition=models.Q(state=CutState.PROPOSED), name="one_waiting_cut_of_a_root"
            )
        ]
