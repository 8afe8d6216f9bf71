"""What moderation keeps: which accounts a case concerns and what was done, never a word of what was shown."""

from moderation.models.audit import AuditEntry
from moderation.models.case import HELD, Case, CaseState, CaseSubject, Concern, Outcome, Urgency
from moderation.models.cut import CUT_ALONE, Cut, CutState
from moderation.models.decision import (
    APPEAL_DAYS,
    REASONS_FOR,
    Appeal,
    AppealOutcome,
    AppealReason,
    BranchFact,
    Decision,
    DecisionState,
    Finding,
    Ground,
    Kind,
    LiftedFor,
    weight,
)
from moderation.models.facts import Facts, Said
from moderation.models.openness import PublicReport, StoredReport
from moderation.models.referral import HAND_OVER, Referral
from moderation.models.rights import Rights, Rules

__all__ = [
    "APPEAL_DAYS",
    "CUT_ALONE",
    "HAND_OVER",
    "HELD",
    "REASONS_FOR",
    "Appeal",
    "AppealOutcome",
    "AppealReason",
    "AuditEntry",
    "BranchFact",
    "Case",
    "CaseState",
    "CaseSubject",
    "Concern",
    "Cut",
    "CutState",
    "Decision",
    "DecisionState",
    "Facts",
    "Finding",
    "Ground",
    "Kind",
    "LiftedFor",
    "Outcome",
    "PublicReport",
    "Referral",
    "Rights",
    "Rules",
    "Said",
    "StoredReport",
    "Urgency",
    "weight",
]
