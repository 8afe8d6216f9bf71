"""How soon moderators should be there: for whoever asked, by the urgency that they chose, and for what waits for a second one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from moderation.models import Appeal, Case, CaseState, Decision, DecisionState, Referral, Urgency

TAKEN_WITHIN = {
    Urgency.NOW.value: timedelta(minutes=15),
    Urgency.TODAY.value: timedelta(hours=4),
    Urgency.SOON.value: timedelta(days=3),
}
"""From the asking until somebody takes the case."""
ANSWERED_WITHIN = {
    Urgency.NOW.value: timedelta(minutes=30),
    Urgency.TODAY.value: timedelta(hours=4),
    Urgency.SOON.value: timedelta(days=2),
}
"""From when it is the moderators' turn, the case being taken, until one of them writes."""
LOOKED_AT_WITHIN = timedelta(days=2)
"""From an appeal until somebody who had no part in the decision has looked at it again."""
SELDOM = timedelta(days=1)
_MOST_CALLS = 9_999


@dataclass(frozen=True)
class Clock:
    """What waits `since` then should be over after `span`."""

    since: datetime
    span: timedelta

    @property
    def due(self) -> datetime:
        return self.since + self.span

    def calls(self, now: datetime) -> int:
        """How often somebody is to have been called for it by now.

        When its time is over, after as long again, and then at distances that double, up to a day (or `span`, where
        that is longer). Whoever counts so has none to make up for after a time in which nobody could be called.
        """
        calls, at, step = 0, self.due, self.span
        while at <= now and calls < _MOST_CALLS:
            calls += 1
            at += step
            step = min(2 * step, max(self.span, SELDOM))
        return calls


def answer_clock(case: Case) -> Clock | None:
    """Until somebody answers who has just taken it; None while nobody has it."""
    return None if case.moved_at is None else Clock(case.moved_at, ANSWERED_WITHIN[case.urgency])


def wait_clock(case: Case) -> Clock | None:
    """Until whoever lets it wait should look at it again, a day or the time to answer, and so for each day after."""
    return None if case.moved_at is None else Clock(case.moved_at, max(ANSWERED_WITHIN[case.urgency], SELDOM))


def decision_clock(decision: Decision) -> Clock | None:
    """Until a second moderator answers a proposal, or somebody an appeal; None when neither waits for anybody."""
    appeal: Appeal | None = getattr(decision, "appeal", None)
    if decision.subject_id is None:
        return None
    if appeal is not None:
        return None if appeal.outcome else Clock(appeal.made_at, LOOKED_AT_WITHIN)
    decided = decision.as_decided
    over = decided.until is not None and decided.until <= timezone.now()
    if decision.state != DecisionState.PROPOSED or over:
        return None
    return Clock(decided.decided_at, _seconded_within(decision.case))


def referral_clock(referral: Referral) -> Clock | None:
    """Until a second moderator answers a hand-over that can still be made; None when it waits for none."""
    case = referral.case
    answered = referral.agreed_at is not None or referral.refused_at is not None
    done = not referral.needs_second or answered or referral.consented is False
    if done or case.state == CaseState.CLOSED or case.opened_by_id is None:
        return None
    return Clock(referral.proposed_at, _seconded_within(case))


def _seconded_within(case: Case | None) -> timedelta:
    """As soon as whoever asked is to hear."""
    return ANSWERED_WITHIN[Urgency.TODAY if case is None else case.urgency]
