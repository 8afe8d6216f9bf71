"""Evidence that is sealed while its member takes the question back: none once they have been answered, on both databases."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import pytest
from django.db import connections
from pytest_django import Settings

from chat.protocol.errors import Code
from moderation.models import AuditEntry, Case
from tests.factories import Person
from tests.http.api import post
from tests.moderation.conftest import Harbour, settle
from tests.moderation.handing import agreed_by_all, case
from tests.moderation.sealing import to_seal
from tests.support.rounds import ROUNDS

__all__ = ["case"]

RACES = min(4 * ROUNDS, 25)
"""One person may ask thirty times a day."""
HANGS = 120.0


@pytest.fixture
def harbour(either_database: None, settings: Settings) -> Harbour:
    settings.RATE_SCALE = 1000
    return settle()


@dataclass
class Race:
    """One member who takes the question back while staff seal evidence of it, again and again until they are refused."""

    path: str
    answered: threading.Event = field(default_factory=threading.Event)
    #: Of each try whether the member had been answered before it, and what came.
    tries: list[tuple[bool, str]] = field(default_factory=list)
    withdrawn: int | None = None

    def seal(self, person: Person, referral: str | None, sealed: threading.Event) -> None:
        came = "ok"
        while came == "ok":
            late = self.answered.is_set()
            reply = post(person, f"{self.path}/exports", to_seal(referral=referral))
            came = "ok" if reply.status == 200 else reply.code
            self.tries.append((late, came))
            sealed.set()

    def withdraw(self, member: Person, sealed: list[threading.Event]) -> None:
        assert all(event.wait(HANGS) for event in sealed)
        self.withdrawn = post(member, f"{self.path}/withdraw").status
        self.answered.set()


def run(*jobs: Callable[[], None]) -> None:
    def alone(job: Callable[[], None]) -> None:
        try:
            job()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=alone, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANGS)
    assert not any(thread.is_alive() for thread in threads), "somebody hangs"


@pytest.mark.parametrize("outside", [False, True], ids=["kept", "handed over"])
def test_once_a_question_is_taken_back_no_evidence_of_it_is_sealed_or_logged(
    harbour: Harbour, case: str, outside: bool
) -> None:
    for round_ in range(RACES):
        if round_:
            case = f"/cases/{harbour.case().id}"
            assert post(harbour.moderator, f"{case}/claim").status == 200
        referral = agreed_by_all(harbour, case) if outside else None
        race = Race(case)
        sealed = [threading.Event(), threading.Event()]
        sealing = [partial(race.seal, harbour.moderator, referral, event) for event in sealed]
        run(*sealing, partial(race.withdraw, harbour.member, sealed))
        assert race.withdrawn == 200
        assert {came for late, came in race.tries if late} <= {Code.CASE_WITHDRAWN}
        results = [came for _, came in race.tries]
        assert results.count(Code.CASE_WITHDRAWN) == 2
        entries = AuditEntry.objects.filter(case=case.removeprefix("/cases/")).order_by("seq")
        actions = list(entries.values_list("action", flat=True))
        # Of what was allowed each stands in the log, and before the end.
        assert actions[-1] == "case_closed"
        assert actions.count("evidence_handed_over" if outside else "evidence_exported") == results.count("ok") >= 2
        assert Case.objects.get(id=case.removeprefix("/cases/")).outcome == "withdrawn"
