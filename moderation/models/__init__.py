"""What moderation keeps: which accounts a case concerns and what was done, never a word of what was shown."""

from moderation.models.audit import AuditEntry
from moderation.models.case import Case, CaseState, CaseSubject, Concern, Outcome, Urgency

__all__ = ["AuditEntry", "Case", "CaseState", "CaseSubject", "Concern", "Outcome", "Urgency"]
