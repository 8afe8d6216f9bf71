"""Cases: what members ask moderators to look at. What was shown lies in the case's room, encrypted."""

import uuid

from django.db import models

from chat.models import Account, Network, Room
from chat.models.fields import BytesField


class Concern(models.TextChoices):
    """What worries the member."""

    DANGER = "danger"
    SELF_HARM = "self_harm"
    RECRUITMENT = "recruitment"
    THREATS = "threats"
    HARASSMENT = "harassment"
    ILLEGAL_IMAGES = "illegal_images"
    OTHER = "other"


class Urgency(models.TextChoices):
    NOW = "now"
    TODAY = "today"
    SOON = "soon"


class Outcome(models.TextChoices):
    """How a case ended."""

    HELPED = "helped"
    ACTED = "acted"
    REFERRED = "referred"
    NOTHING_FOUND = "nothing_found"
    WITHDRAWN = "withdrawn"


class CaseState(models.TextChoices):
    UNCLAIMED = "unclaimed"
    CLAIMED = "claimed"
    WAITING = "waiting"
    CLOSED = "closed"


HELD = (CaseState.CLAIMED, CaseState.WAITING)


class Case(models.Model):
    """One escalation. `room` is its MLS room of kind `case`, `notes` the one in which staff write notes on it; `due_at` is
    when someone should have taken it, and `called_at` when the staff were last called because nobody has it.

    `moved_at` is when it was last taken, handed to somebody or, being answered, set to wait or gone on with. `answered`:
    a moderator has written to the member since, or before it was set to wait; not when, as the time of an entry would
    tell who sent it. `answer_calls` counts how often staff were called because nobody had, or because it waits for
    long. `turn`: since when the member waits for another answer, sealed
    (moderation/turns.py); empty until somebody first had the case.

    `forgotten`: nothing can come of it any more, and who asked, about whom, who had it and its rooms are gone
    (moderation/actions/forgetting.py); what is left is for counting, and for nobody to see.

    `notes_begun` counts the rooms that `notes` was: more than there is now, and somebody's notes have gone with them.

    `opened_by` and `claimed_by` go with their accounts; the case stays for those who work on it. Staff in `kept_from`
    are those whom the member does not want to know of it: for them it does not exist. Of a forgotten one they stand in
    `kept`, sealed (moderation/forgotten.py): a decision that is kept from the same would tell that it came of this case.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="cases")
    room = models.OneToOneField(Room, null=True, on_delete=models.SET_NULL, related_name="case")
    notes = models.OneToOneField(Room, null=True, blank=True, on_delete=models.SET_NULL, related_name="notes_on")
    notes_begun = models.PositiveSmallIntegerField(default=0)
    opened_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="cases_opened")
    concern = models.CharField(max_length=16, choices=Concern.choices)
    urgency = models.CharField(max_length=8, choices=Urgency.choices)
    state = models.CharField(max_length=10, choices=CaseState.choices, default=CaseState.UNCLAIMED)
    claimed_by = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="cases_claimed"
    )
    kept_from = models.ManyToManyField(Account, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True, blank=True)
    first_claimed_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)
    answered = models.BooleanField(default=False)
    answer_calls = models.PositiveSmallIntegerField(default=0)
    turn = BytesField(default=b"")
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    forgotten = models.BooleanField(default=False)
    kept = BytesField(default=b"")

    @property
    def notes_gone(self) -> bool:
        """Nobody was left in the room of its notes, which went, whatever was written in it."""
        return self.notes_begun > (self.notes_id is not None)

    class Meta:
        indexes = [models.Index(fields=["network", "state", "due_at"], name="case_queue")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="closed", closed_at__isnull=False)
                | (~models.Q(state="closed") & models.Q(closed_at=None)),
                name="closed_cases_have_a_time",
            ),
        ]


class CaseSubject(models.Model):
    """An account whose messages were attested for the case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="subjects")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="cases_about")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "account"], name="subject_once_a_case")]
