"""How soon moderators should be there for whoever asked, by the urgency that they chose."""

from datetime import timedelta

from moderation.models import Urgency

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
