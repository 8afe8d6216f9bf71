"""The words of the public report: those of the app's screen (client/src/ui/words/en-openness.ts), held together by a test."""

from datetime import date

LANGUAGE = "en"
TITLE = "How this network is run"
INTRO = (
    "What the moderators of this network did, in numbers. It names nobody. "
    "Each number is rounded to five, so they may not add up. They come a quarter of a year at a time, four weeks after "
    "it is over, and then stay as they are."
)
PERIOD = "Which time?"
QUIET, QUIET_TEXT = "Nothing happened in this time", "Nobody asked the moderators, and nothing was decided."
FEW, NONE_IN = "fewer than 5", "None"
WHAT, NUMBER = "What", "How many"
WITHHELD = "“{title}” is left out. Its small numbers could have told about single people."
KEEP, CSV, TEMPLATE = "Keep a copy", "Save as a table (CSV)", "Save as the EU’s form (JSON)"
COUNTED = (
    "Objections, answers to them and decisions that ended early count when that happened, also where it was decided in an "
    "earlier quarter."
)
MEDIANS, MEDIANS_TEXT = "How long it took", "Half of them took less, half took more."
TIMES = {
    "minutes_to_claim": "Until a moderator took it",
    "minutes_to_close": "Until it was closed",
    "minutes_to_answer_appeal": "Until an objection was answered",
}
TOO_FEW = "Too few to tell"
HOW = (
    "Numbers from 1 to 4 are only called “fewer than 5”, and a table from which one of them could still be worked out is "
    "left out. No machine decides here: people do."
)

TOTALS = {
    "cases": "Questions to the moderators",
    "decisions": "Decisions about people",
    "appeals": "Objections to decisions",
    "appeals_answered": "Objections that were answered",
    "lifted": "Decisions that ended early",
    "handed_over": "Questions handed over to someone outside",
    "exports": "Questions of which evidence was exported",
}
GROUPS = {
    "cases": ("cases_by_concern", "cases_by_urgency", "cases_by_outcome"),
    "decisions": ("decisions_by_kind", "decisions_by_ground", "decisions_by_source"),
    "appeals_answered": ("appeals_by_outcome", "appeals_by_reason"),
    "lifted": ("lifted_by_reason",),
}
COUNTED_WITH = {"appeals_answered": "appeals"}
"""In reports from before answers were counted by themselves."""
TABLES = {
    "totals": "In all",
    "cases_by_concern": "What people asked about",
    "cases_by_urgency": "How soon they needed an answer",
    "cases_by_outcome": "How it ended",
    "decisions_by_kind": "What was decided",
    "decisions_by_ground": "Why it was decided",
    "decisions_by_source": "How moderators learned of it",
    "appeals_by_outcome": "When people objected",
    "appeals_by_reason": "Why it stayed or was taken back",
    "lifted_by_reason": "Why something ended early",
    "steps": "Other steps in this time",
}
CODES: dict[str, dict[str, str]] = {
    "cases_by_concern": {
        "danger": "Danger",
        "self_harm": "May hurt themselves",
        "recruitment": "Recruiting",
        "threats": "Threats",
        "harassment": "Harassment",
        "illegal_images": "Pictures",
        "other": "Something else",
    },
    "cases_by_urgency": {"now": "Now", "today": "Today", "soon": "In a few days"},
    "cases_by_outcome": {
        "helped": "They were helped",
        "acted": "Something was decided",
        "referred": "Passed on to someone else",
        "nothing_found": "Nothing had to be done",
        "withdrawn": "They took it back",
        "open": "Still open",
    },
    "decisions_by_kind": {
        "warn": "A warning",
        "remove_from_room": "Out of a room",
        "mute": "A pause from writing in a room",
        "limit_reports": "A pause from asking moderators",
        "suspend": "Access paused for a time",
        "ban": "Out of the network",
    },
    "decisions_by_ground": {"law": "The law forbids it", "conduct": "It went against the code of conduct"},
    "decisions_by_source": {"report": "Somebody told them", "own_initiative": "A moderator saw it"},
    "appeals_by_outcome": {"upheld": "It stayed", "overturned": "It was taken back", "open": "Not looked at yet"},
    "appeals_by_reason": {
        "fits": "The rule fits what happened",
        "in_proportion": "It is not too much for what happened",
        "does_not_fit": "The rule does not fit what happened",
        "too_much": "It was too much for what happened",
        "new_facts": "Something new is known",
        "had_part": "Whoever decided had a part in it",
        "open": "Not looked at yet",
    },
    "lifted_by_reason": {
        "mistake": "It was a mistake",
        "heard": "They were heard",
        "new_facts": "Something new is known",
        "enough": "It has been long enough",
    },
}

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def months(start: date, end: date) -> str:
    """`October 2026`, `August – October 2026`, `November 2025 – October 2026`."""
    last = f"{_MONTHS[end.month - 1]} {end.year}"
    if (start.year, start.month) == (end.year, end.month):
        return last
    first = _MONTHS[start.month - 1]
    return f"{first} – {last}" if start.year == end.year else f"{first} {start.year} – {last}"


def span(minutes: int) -> str:
    """How long something took, in the unit that fits."""
    if minutes < 90:
        return _some(minutes, "minute")
    if minutes < 36 * 60:
        return _some((minutes + 30) // 60, "hour")
    return _some((minutes + 720) // 1440, "day")


def _some(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
