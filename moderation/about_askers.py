"""Whether a decision whose case is forgotten was about whoever had asked in it: sealed under a hub key (sealing.py).

Screens need to know, as they would show under the person's name what was decided about one who gave none. Readable beside
the account that the decision is about it would say in the database who asked, which a forgotten case no longer does.
"""

import logging
from uuid import UUID

from moderation.models import Decision
from moderation.sealing import NotOpened, seal, unseal

_INFO = b"kindred about askers v1"
_YES, _NO = b"\x01", b"\x00"

log = logging.getLogger(__name__)


def seal_about_asker(decision: UUID, *, yes: bool) -> bytes:
    """34 bytes, which of a yes and of a no look alike."""
    return seal(_INFO, decision, _YES if yes else _NO)


def is_about_asker(decision: Decision) -> bool:
    """Also yes where nobody can tell any more: forgotten before this was kept, or sealed with a key that is gone."""
    if decision.subject_id is None:
        return False
    if not decision.case_forgotten:
        return decision.asked_by_id == decision.subject_id
    if not decision.about_asker:
        return True
    try:
        return unseal(_INFO, decision.id, decision.about_asker) == _YES
    except NotOpened:
        log.warning("Whether a decision was about who asked cannot be opened: its key is gone, or it was moved.")
        return True
