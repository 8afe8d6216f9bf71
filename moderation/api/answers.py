"""What the API answers. A field without a value is left out."""

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
    opened_by: UUID | None
    subjects: list[UUID] | None


class Cases(Answer):
    cases: list[Case]


class Attestations(Answer):
    attestations: list[str]


class AuditEntry(Answer):
    seq: int
    at: int
    actor: str
    action: str
    case: UUID | None
    subject: str
    detail: str
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
    previous: Base64
    digest: Base64
    key_id: str
    signature: Base64


class CustodyLog(Answer):
    network: UUID
    by: str
    entries: list[CustodyEntry]


class Seal(Answer):
    seal: str


class AuditLog(Answer):
    network: UUID
    entries: list[AuditEntry]


class AuditCounts(Answer):
    counts: dict[str, int]
    checkpoint: str | None
