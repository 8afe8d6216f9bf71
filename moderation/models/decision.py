"""What moderators decided about accounts, in codes alone: why in words goes through a case's room, encrypted."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models import Account, Network, Room
from chat.models.fields import BytesField
from moderation.forgotten import TIMES, Details, open_details
from moderation.models.case import Case

APPEAL_DAYS = 183
"""Six months, as DSA article 20(1) has it."""

MAX_LAW = 120


class Kind(models.TextChoices):
    WARN = "warn"
    REMOVE_FROM_ROOM = "remove_from_room"
    MUTE = "mute"
    LIMIT_REPORTS = "limit_reports"
    SUSPEND = "suspend"
    BAN = "ban"


class Ground(models.TextChoices):
    """What it rests on (DSA article 17(3)(d) and (e)): the law, or a card of the code of conduct."""

    LAW = "law"
    CONDUCT = "conduct"


class Finding(models.TextChoices):
    """Why it falls under its ground (DSA article 17(3)(d) and (e)), as moderators see it; its subject reads it."""

    HURTFUL = "hurtful"
    WENT_ON = "went_on"
    THREATENED = "threatened"
    LURED = "lured"
    ASKED_PRIVATE = "asked_private"
    TOLD_ON = "told_on"
    PICTURES = "pictures"
    PRETENDED = "pretended"
    ADVERTISED = "advertised"
    FALSE_REPORTS = "false_reports"
    OTHER = "other"


class BranchFact(models.TextChoices):
    """What a branch was cut off for (DSA article 17(3)(b)): what one or several in it did, or an invite that went astray."""

    ONE = "one"
    SEVERAL = "several"
    ASTRAY = "astray"


class DecisionState(models.TextChoices):
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    LIFTED = "lifted"
    OVERTURNED = "overturned"


class LiftedFor(models.TextChoices):
    """Why a decision ended early; its subject reads it."""

    MISTAKE = "mistake"
    HEARD = "heard"
    NEW_FACTS = "new_facts"
    ENOUGH = "enough"


def weight(kind: str, shut_out: datetime | None, until: datetime | None) -> str:
    """The kind whose rules and rights it is decided by now: who is shut out for long is so as by a ban.

    Whoever is shut out already (since `shut_out`) is so from then on, however often it is made longer.
    An hour more is let pass, since `until` is reckoned by the clocks of phones.
    """
    alone = timedelta(days=settings.SUSPEND_ALONE_DAYS, hours=1)
    is_long = kind == Kind.SUSPEND and until is not None and until - (shut_out or timezone.now()) > alone
    return Kind.BAN.value if is_long else kind


@dataclass(frozen=True, slots=True)
class AsDecided:
    """A decision's kind, finding and times as they were when it was made, wherever its row keeps them."""

    kind: str
    finding: str
    decided_at: datetime
    in_force_at: datetime | None
    ended_at: datetime | None
    until: datetime | None


class Decision(models.Model):
    """One restriction of one account. `card` is the conduct card's number from 1, in version `conduct_version`; `law` names
    the law that the ground `law` is (DSA article 17(3)(d)), and nothing else. Empty in decisions from before it was asked.

    In force it holds until `until` (null: without end). Bans wait, proposed, for a second moderator (`agreed_by`).
    `finding` is empty in decisions from before it was asked, and where the operator says it in words (`Said`).
    `branch`: its subject was banned because they came in through somebody, not for anything of their own. `branch_fact` is
    what that branch was cut off for, of the one on top of it too; empty with other decisions and from before it was asked.
    `weighs_as_ban`: it shuts out for as long (`weight`), reckoned from when its subject was shut out, maybe by others before.
    `by_operator`: a command on the server made it, so nobody of the staff is `decided_by`. `on_notice`: somebody told them.
    `case_forgotten`: it came of a case, and of which is forgotten; those from whom that was kept are in `kept_from` then.
    Of times the row has the quarter then, and no kind that tells who asked: `as_decided` reads them as they were from what
    is sealed in `details` (moderation/forgotten.py), where also stands whether it was about whoever asked.
    `talk` is the room of kind `case` in which staff and its subject talk about it. `calls` counts how often staff were
    called again because no second moderator had answered.
    `ended_by`: who of the staff refused or lifted it. `unfinished`: what follows from its last step is not done yet.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="decisions")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.SET_NULL, related_name="decisions")
    case_forgotten = models.BooleanField(default=False)
    details = BytesField(default=b"")
    kept_from = models.ManyToManyField(Account, blank=True, related_name="+")
    subject = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="decisions_about")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    ground = models.CharField(max_length=8, choices=Ground.choices)
    card = models.PositiveSmallIntegerField(null=True, blank=True)
    law = models.CharField(max_length=MAX_LAW, blank=True, default="")
    finding = models.CharField(max_length=16, choices=Finding.choices, blank=True, default="")
    conduct_version = models.PositiveIntegerField()
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    talk = models.OneToOneField(Room, null=True, blank=True, on_delete=models.SET_NULL, related_name="decision")
    branch = models.BooleanField(default=False)
    branch_fact = models.CharField(max_length=8, choices=BranchFact.choices, blank=True, default="")
    by_operator = models.BooleanField(default=False)
    on_notice = models.BooleanField(default=False)
    until = models.DateTimeField(null=True, blank=True)
    weighs_as_ban = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=DecisionState.choices)
    lifted_for = models.CharField(max_length=16, choices=LiftedFor.choices, blank=True)
    decided_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    agreed_by = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ended_by = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)
    in_force_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveSmallIntegerField(default=0)
    unfinished = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["network", "state", "decided_at"], name="decision_list"),
            models.Index(fields=["decided_at"], condition=models.Q(unfinished=True), name="decision_unfinished"),
        ]

    @property
    def as_decided(self) -> AsDecided:
        """What was decided and when, to be read by people: the row's own fields may say less. It is never written back."""
        opened = self.opened
        if opened is None:
            return AsDecided(self.kind, self.finding, **{name: getattr(self, name) for name in TIMES})
        # What is not in there came later, as the end of one that was lifted since.
        times = {name: getattr(opened, name) or getattr(self, name) for name in TIMES}
        return AsDecided(opened.kind, opened.finding, **times)

    @property
    def opened(self) -> Details | None:
        """What is sealed of one whose case is forgotten; None also where nobody can open it any more."""
        return open_details(self.id, self.details) if self.case_forgotten else None

    @property
    def about_asker(self) -> bool:
        """Whether it is about whoever asked; yes where nobody can tell any more: screens then show no name beside it."""
        if self.subject_id is None:
            return False
        if not self.case_forgotten:
            return self.asked_by_id == self.subject_id
        opened = self.opened
        return opened is None or opened.about_asker

    def appeal_times(self, appeal: Appeal) -> tuple[datetime, datetime | None]:
        """When its subject objected, and when that was answered: the appeal's own row may have the quarter alone."""
        opened = self.opened
        if opened is None or opened.appeal_made_at is None:
            return appeal.made_at, appeal.closed_at
        return opened.appeal_made_at, opened.appeal_closed_at

    @property
    def asked_by_id(self) -> uuid.UUID | None:
        """Whoever asked in the case that it came of: they have a part in it, also where they are staff."""
        return None if self.case is None else self.case.opened_by_id

    @property
    def involved(self) -> set[uuid.UUID | None]:
        """Those who have a part in it: who decided, who agreed, whom it is about, and who asked."""
        return {self.decided_by_id, self.agreed_by_id, self.subject_id, self.asked_by_id}

    @property
    def on_report(self) -> bool:
        """Whether somebody told of it, and whoever decided did not see it by themselves."""
        return self.case_id is not None or self.case_forgotten or self.on_notice

    @property
    def kinds(self) -> set[str]:
        """The kinds whose rights it takes: its own, and what it weighs as much as."""
        kind = self.as_decided.kind
        return {kind, Kind.BAN.value} if self.weighs_as_ban else {kind}

    @property
    def about_staff(self) -> bool:
        """Whether it is about one of the staff, whom coordinators alone decide about."""
        return self.subject is not None and self.subject.is_staff

    @property
    def holds(self) -> bool:
        """Whether it restricts the account now."""
        until = self.as_decided.until
        return self.state == DecisionState.IN_FORCE and (until is None or until > timezone.now())


class AppealOutcome(models.TextChoices):
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class AppealReason(models.TextChoices):
    """What was found on an appeal; its subject reads it."""

    FITS = "fits"
    IN_PROPORTION = "in_proportion"
    DOES_NOT_FIT = "does_not_fit"
    TOO_MUCH = "too_much"
    NEW_FACTS = "new_facts"
    HAD_PART = "had_part"


REASONS_FOR = {
    AppealOutcome.UPHELD: (AppealReason.FITS, AppealReason.IN_PROPORTION),
    AppealOutcome.OVERTURNED: (
        AppealReason.DOES_NOT_FIT,
        AppealReason.TOO_MUCH,
        AppealReason.NEW_FACTS,
        AppealReason.HAD_PART,
    ),
}


class Appeal(models.Model):
    """The subject's appeal; closed by somebody who had no part in the decision. `outcome` and `reason` are empty until then.

    `calls` counts how often staff were called again because nobody had.
    """

    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, related_name="appeal")
    made_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=10, choices=AppealOutcome.choices, blank=True)
    reason = models.CharField(max_length=16, choices=AppealReason.choices, blank=True)
    closed_by = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveSmallIntegerField(default=0)
