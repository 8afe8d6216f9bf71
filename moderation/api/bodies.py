"""What the API is sent, as strictly as in chat/api/bodies.py."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from chat.api.bodies import Body
from chat.api.fields import MAX_INT, Bytes32, Uuid, plain
from moderation.models.decision import MAX_LAW

_MAX_SAFE = 2**53 - 1
_YEAR_2100 = 4_102_444_800_000


class OpenCase(Body):
    id: Uuid
    room: Uuid
    concern: Literal["danger", "self_harm", "recruitment", "threats", "harassment", "illegal_images", "other"]
    urgency: Literal["now", "today", "soon"]
    kept_from: Annotated[list[Uuid], Field(max_length=50)] = []


class Stamped(Body):
    sender: Uuid
    room: Uuid
    seq: Annotated[int, Field(ge=1, le=_MAX_SAFE)]
    time: Annotated[int, Field(ge=0, le=_MAX_SAFE)]
    tag: Bytes32
    frank: Bytes32
    key: Annotated[int, Field(ge=1, le=MAX_INT)]


class Attest(Body):
    messages: Annotated[list[Stamped], Field(min_length=1, max_length=100)]


class OpenNotes(Body):
    room: Uuid


class HandOver(Body):
    to: Uuid | None


class Waiting(Body):
    waiting: bool


class Written(Body):
    """When, by the server's time, what is told of was sent."""

    at: Annotated[int, Field(ge=0, le=_YEAR_2100)]


class Close(Body):
    outcome: Literal["helped", "acted", "referred", "nothing_found"]


class Export(Body):
    manifest: Bytes32
    made_at: Annotated[int, Field(ge=0, le=_YEAR_2100)]
    referral: Uuid | None = None


class Refer(Body):
    id: Uuid


class Consent(Body):
    consent: bool


def _day(value: Any) -> date:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("not a day as YYYY-MM-DD")
    return date.fromisoformat(value)


Day = Annotated[date, BeforeValidator(_day)]


Law = Annotated[str, StringConstraints(min_length=2, max_length=MAX_LAW), AfterValidator(plain)]


Finding = Literal[
    "hurtful",
    "went_on",
    "threatened",
    "lured",
    "asked_private",
    "told_on",
    "pictures",
    "pretended",
    "advertised",
    "false_reports",
    "other",
]


class Days(Body):
    """`rooms`: where it was, when that itself is not told."""

    first: Day
    last: Day
    rooms: Annotated[list[Uuid], Field(max_length=8)] = []


class TellFacts(Body):
    messages: Annotated[int, Field(ge=1, le=512)] | None = None
    proven: bool | None = None
    days: Days | None = None
    rooms: Annotated[list[Uuid], Field(max_length=8)] = []


class Decide(Body):
    id: Uuid
    subject: Uuid
    kind: Literal["warn", "remove_from_room", "mute", "limit_reports", "suspend", "ban"]
    ground: Literal["law", "conduct"]
    card: Annotated[int, Field(ge=1, le=100)] | None = None
    law: Law | None = None
    finding: Finding
    room: Uuid | None = None
    until: Annotated[int, Field(ge=0, le=_YEAR_2100)] | None = None
    case: Uuid | None = None
    facts: TellFacts = TellFacts()


class RevokeBranch(Body):
    """`card`: the number of one of the code of conduct, or null when the law forbids it; then `law` names it. `fact`: what
    happened in the branch. `people`: how many the caller was told that it shuts out."""

    include_root: bool
    card: Annotated[int, Field(ge=1)] | None
    law: Law | None = None
    finding: Finding
    fact: Literal["one", "several", "astray"]
    case: Uuid | None = None
    people: Annotated[int, Field(ge=0, le=MAX_INT)] | None = None


class AgreeToCut(Body):
    """`people`: how many the caller was told that it shuts out."""

    people: Annotated[int, Field(ge=0, le=MAX_INT)]


class OpenTalk(Body):
    room: Uuid


class Lift(Body):
    reason: Literal["mistake", "heard", "new_facts", "enough"]


class CloseAppeal(Body):
    outcome: Literal["upheld", "overturned"]
    reason: Literal["fits", "in_proportion", "does_not_fit", "too_much", "new_facts", "had_part"]


class SetRights(Body):
    denied: Annotated[
        list[Literal["warn", "remove_from_room", "mute", "limit_reports", "suspend", "ban", "export", "hand_over"]],
        Field(max_length=8),
    ]


class PublishReport(Body):
    published: bool


class SetRules(Body):
    second_for: Annotated[
        list[Literal["warn", "remove_from_room", "mute", "limit_reports", "suspend", "ban", "hand_over"]],
        Field(max_length=7),
    ]
