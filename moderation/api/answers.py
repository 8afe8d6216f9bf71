"""What the API answers. A field without a value is left out."""

from datetime import date
from uuid import UUID

from chat.api.answers import Answer
from chat.api.fields import Base64, Millis


class Case(Answer):
    id: UUID
    room: UUID | None
    concern: str
    urgency: str
    state: str
    opened_at: Millis
    mine: bool
    claimed_by: UUID | None
    closed_at: Millis | None
    outcome: str | None
    staff: list[UUID]
    due_at: Millis | None
    moved_at: Millis | None
    answered: bool | None
    asked_at: Millis | None
    opened_by: UUID | None
    subjects: list[UUID] | None
    notes: UUID | None
    notes_gone: bool | None


class Cases(Answer):
    cases: list[Case]
    more: bool


class Readers(Answer):
    staff: list[UUID]


class Attestations(Answer):
    attestations: list[str]


class OpeningCase(Answer):
    case: UUID | None
    salt: Base64


class OpeningStep(Answer):
    actor: str
    subject: str
    detail: str
    salt: Base64


class Opening(Answer):
    """What an entry about a decision binds; what was forgotten of it is left out."""

    case: OpeningCase | None
    step: OpeningStep | None


class AuditEntry(Answer):
    """Of one that is kept from the reader only its place in the chain."""

    seq: int
    at: int | None = None
    actor: str | None = None
    action: str | None = None
    case: UUID | None = None
    subject: str | None = None
    detail: str | None = None
    opening: Opening | None = None
    digest: Base64
    key_id: str
    signature: Base64


class CustodyEntry(Answer):
    seq: int
    at: int
    actor: str
    action: str
    subject: str
    detail: str
    attested: list[Base64]
    previous: Base64
    digest: Base64
    key_id: str
    signature: Base64


class CustodyLog(Answer):
    network: UUID
    by: str
    at: int
    entries: list[CustodyEntry]


class Seal(Answer):
    seal: str


class AuditLog(Answer):
    network: UUID
    entries: list[AuditEntry]


class AuditCheckpoint(Answer):
    checkpoint: str | None


class Appeal(Answer):
    made_at: Millis
    outcome: str | None
    reason: str | None
    closed_at: Millis | None


class Card(Answer):
    version: int
    number: int
    title: str
    text: str


class Days(Answer):
    first: date
    last: date


class Facts(Answer):
    messages: int | None
    proven: bool | None
    days: Days | None
    rooms: list[UUID]


class Said(Answer):
    facts: str
    why: str


class Statement(Answer):
    """A statement of reasons (DSA article 17(3)), without the words that go through a case's room."""

    decision: UUID
    kind: str
    scope: str
    room: UUID | None
    state: str
    lifted_for: str | None
    since: Millis
    until: Millis | None
    based_on: str
    automated: bool
    ground: str
    card: Card | None
    law: str | None
    finding: str | None
    branch: bool
    branch_fact: str | None
    by_operator: bool
    said: Said | None
    facts: Facts | None
    appeal_until: Millis
    somebody_else: bool
    appeal: Appeal | None
    talk: UUID | None
    talk_with: list[UUID]


class Statements(Answer):
    statements: list[Statement]


class Decision(Answer):
    id: UUID
    case: UUID | None
    mine_asked: bool
    about_asker: bool
    may_lift: bool
    may_agree: bool
    may_answer: bool
    subject: UUID | None
    kind: str
    ground: str
    card: int | None
    law: str | None
    finding: str | None
    conduct_version: int
    branch: bool
    branch_fact: str | None
    by_operator: bool
    said: Said | None
    facts: Facts | None
    room: UUID | None
    until: Millis | None
    state: str
    lifted_for: str | None
    decided_by: UUID | None
    agreed_by: UUID | None
    decided_at: Millis
    in_force_at: Millis | None
    ended_at: Millis | None
    due_at: Millis | None
    appeal: Appeal | None
    talk: UUID | None
    talk_with: list[UUID]


class Decisions(Answer):
    decisions: list[Decision]
    more: bool


class RevokedBranch(Answer):
    suspended: int
    invites_revoked: int
    waits: UUID | None = None


class BranchSize(Answer):
    people: int
    second: bool
    nobody_else: bool


class Cut(Answer):
    id: UUID
    case: UUID | None
    root: UUID
    about_asker: bool
    include_root: bool
    ground: str
    card: int | None
    law: str | None
    finding: str
    branch_fact: str
    people: int
    people_then: int
    may_agree: bool
    nobody_else: bool
    proposed_by: UUID | None
    proposed_at: Millis


class Cuts(Answer):
    cuts: list[Cut]


class Referral(Answer):
    id: UUID
    proposed_by: UUID | None
    proposed_at: Millis
    consented: bool | None
    answered_at: Millis | None
    needs_second: bool
    agreed_by: UUID | None
    agreed_at: Millis | None
    refused_by: UUID | None
    refused_at: Millis | None
    ready: bool
    handed_over_at: Millis | None
    due_at: Millis | None


class Referrals(Answer):
    referrals: list[Referral]


class Moderator(Answer):
    account: UUID
    role: str
    denied: list[str]


class Moderators(Answer):
    moderators: list[Moderator]
    second_for: list[str]
    alone_days: int
