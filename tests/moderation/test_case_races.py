"""Moderators who claim, act and close at the same moment: one of them does, the log says which, on both databases."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chat.api.fields import b64encode
from chat.links import InviteSecret
from moderation.audit import CHECKPOINT
from moderation.signing import public_keys, verified_claims
from tests.factories import Person
from tests.http.serving import Server
from tests.http.test_races import asking, at_once, outcome
from tests.http.test_serve import _create_database, join
from tests.support.rounds import ROUNDS
from tests.support.services import PostgreSQL

RACES = 8 * ROUNDS
ASKED_BY_ONE = 20


@dataclass
class Network:
    server: Server
    coordinator: Person
    moderators: list[Person]
    member: Person
    infiltrator: Person
    opened: int = 0

    def ask(self, person: Person, path: str, body: Any = None) -> httpx.Response:
        return asking(self.server, person, path, body or {})()

    def get(self, person: Person, path: str) -> Any:
        headers = {"authorization": person.authorization}
        return httpx.get(f"{self.server.address}/api/v1{path}", headers=headers, timeout=60).json()

    def case(self) -> str:
        """A new one of `member`: somebody else from time to time, as nobody may ask as often as here within a day."""
        if self.opened and self.opened % ASKED_BY_ONE == 0:
            self.member = _another(self, "member")
        self.opened += 1
        case = str(uuid4())
        body = {"id": case, "room": str(uuid4()), "concern": "threats", "urgency": "today"}
        assert outcome(self.ask(self.member, "/cases", body)) == "ok"
        return case

    def proposal(self) -> str:
        """A ban that the first moderator proposes."""
        ban = {
            "id": str(uuid4()),
            "subject": str(self.infiltrator.account),
            "kind": "ban",
            "ground": "law",
            "finding": "other",
            "law": "A law",
        }
        assert self.ask(self.moderators[0], "/decisions", ban).json()["state"] == "proposed"
        return ban["id"]

    def logged(self, before: int = 0) -> list[tuple[str, str]]:
        """Action and case of each entry after `before`."""
        entries = self.get(self.coordinator, f"/audit?after={before}")["entries"]
        return [(entry["action"], entry.get("case", "")) for entry in entries]

    def length(self) -> int:
        """How many entries the log has."""
        keys = httpx.get(f"{self.server.address}/.well-known/kindred-keys.json", timeout=60).json()
        token = self.get(self.coordinator, "/audit/checkpoint")["checkpoint"]
        return int(verified_claims(token, CHECKPOINT, public_keys(keys))["seq"])


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def network(request: pytest.FixtureRequest) -> Iterator[Network]:
    settings = {"RATE_SCALE": "1000"}
    if request.param == "PostgreSQL":
        postgres: PostgreSQL = request.getfixturevalue("postgres_server")
        _create_database(postgres.url, "kindred_case_races")
        settings["DATABASE_URL"] = f"{postgres.url.rsplit('/', 1)[0]}/kindred_case_races"
    with Server(**settings) as server:
        links = server.links()
        coordinator, moderator = (join(server, links[role])[0] for role in ("coordinator", "moderator"))
        member, infiltrator = (join(server, link)[0] for link in links["members"][:2])
        made = Network(server, coordinator, [moderator], member, infiltrator)
        made.moderators += [_another(made, "moderator") for _ in range(2)]
        yield made
        # Whatever raced, the log is one whole chain.
        assert server.manage("verify_audit").returncode == 0


def _another(made: Network, role: str) -> Person:
    secret, person = InviteSecret(), Person()
    invite = {"secret_hash": b64encode(secret.digest), "role": role, "uses": 1, "expires_in_ms": 3_600_000}
    assert outcome(made.ask(made.coordinator, "/invites", invite)) == "ok"
    assert outcome(asking(made.server, None, "/join", person.joining(secret, 1))()) == "ok"
    return person


def test_of_moderators_who_claim_at_once_one_has_it_and_the_others_read_who(network: Network) -> None:
    for _ in range(RACES):
        case, before = network.case(), network.length()
        replies = at_once([asking(network.server, one, f"/cases/{case}/claim", {}) for one in network.moderators])
        assert Counter(map(outcome, replies)) == {"ok": 1, "case_claimed": 2}
        (holder,) = [reply.json()["claimed_by"] for reply in replies if reply.status_code == 200]
        assert {reply.json()["error"]["account"] for reply in replies if reply.status_code != 200} == {holder}
        assert network.logged(before) == [("case_claimed", case)]
        network.ask(network.member, f"/cases/{case}/withdraw")


def test_of_two_who_close_at_once_one_does(network: Network) -> None:
    holder = network.moderators[0]
    for _ in range(RACES):
        case = network.case()
        network.ask(holder, f"/cases/{case}/claim")
        before = network.length()
        ends = [(holder, "helped"), (network.coordinator, "acted")]
        replies = at_once([asking(network.server, who, f"/cases/{case}/close", {"outcome": how}) for who, how in ends])
        assert Counter(map(outcome, replies)) == {"ok": 1, "case_closed": 1}
        (kept,) = [reply.json()["outcome"] for reply in replies if reply.status_code == 200]
        assert network.get(holder, f"/cases/{case}")["outcome"] == kept
        assert network.logged(before) == [("case_closed", case)]


def test_closing_handing_over_and_taking_back_at_once_leave_a_case_in_one_state(network: Network) -> None:
    holder, colleague = network.moderators[:2]
    for _ in range(RACES):
        case = network.case()
        network.ask(holder, f"/cases/{case}/claim")
        before = network.length()
        jobs = [
            asking(network.server, holder, f"/cases/{case}/close", {"outcome": "helped"}),
            asking(network.server, network.coordinator, f"/cases/{case}/hand-over", {"to": str(colleague.account)}),
            asking(network.server, network.member, f"/cases/{case}/withdraw", {}),
        ]
        replies = dict(zip(("close", "hand_over", "withdraw"), map(outcome, at_once(jobs)), strict=True))
        assert set(replies.values()) <= {"ok", "case_closed", "case_claimed"}
        ended = [name for name in ("close", "withdraw") if replies[name] == "ok"]
        told = [action for action, _ in network.logged(before)]
        assert told.count("case_closed") == len(ended) <= 1
        assert told.count("case_handed_over") == (replies["hand_over"] == "ok")
        state = network.get(network.coordinator, f"/cases/{case}")
        assert (state["state"] == "closed") == bool(ended)
        if ended:
            assert state["outcome"] == {"close": "helped", "withdraw": "withdrawn"}[ended[0]]
            # Nobody was given a case that had ended.
            assert told[-1] == "case_closed"
        else:
            assert state["claimed_by"] == str(colleague.account)
            network.ask(network.member, f"/cases/{case}/withdraw")


def test_of_two_who_agree_and_refuse_at_once_one_decides(network: Network) -> None:
    _, one, other = network.moderators
    for _ in range(RACES):
        decision, before = network.proposal(), network.length()
        jobs = [
            asking(network.server, who, f"/decisions/{decision}/{way}", {})
            for who, way in ((one, "agree"), (other, "refuse"), (network.coordinator, "agree"))
        ]
        replies = at_once(jobs)
        assert Counter(map(outcome, replies)) == {"ok": 1, "case_closed": 2}
        (state,) = [reply.json()["state"] for reply in replies if reply.status_code == 200]
        actions = [action for action, _ in network.logged(before)]
        assert actions == [{"in_force": "decision_agreed", "refused": "decision_refused"}[state]]
        if state == "in_force":
            assert outcome(network.ask(network.coordinator, f"/decisions/{decision}/lift", {"reason": "heard"})) == "ok"


def test_of_those_who_agree_to_a_hand_over_refuse_it_and_take_it_back_at_once_the_log_tells_what_happened(
    network: Network,
) -> None:
    holder, one, other = network.moderators
    for _ in range(RACES):
        case, referral = network.case(), str(uuid4())
        path = f"/cases/{case}/referrals"
        network.ask(holder, f"/cases/{case}/claim")
        assert outcome(network.ask(holder, path, {"id": referral})) == "ok"
        before = network.length()
        ways = ((one, "agree"), (other, "refuse"), (holder, "refuse"))
        replies = at_once([asking(network.server, who, f"{path}/{referral}/{way}", {}) for who, way in ways])
        assert [outcome(reply) for reply in replies].count("ok") >= 1
        (told,) = network.get(holder, path)["referrals"]
        actions = [action for action, _ in network.logged(before)]
        agreed = told["agreed_at"] is not None
        assert actions.count("referral_agreed") == agreed
        # Whoever proposed it is always heard; to that an agreement comes too late.
        assert actions[-1] in ("referral_refused", "referral_taken_back")
        assert (len(actions), told["ready"]) == (1 + agreed, False)
        network.ask(network.member, f"/cases/{case}/withdraw")


def test_what_is_ended_as_it_comes_into_force_leaves_nobody_shut_out(network: Network) -> None:
    """The effects of both are on their way at the same time; whichever comes last must leave what holds."""
    person = network.infiltrator
    for _ in range(RACES):
        decision = network.proposal()
        lift = asking(network.server, network.coordinator, f"/decisions/{decision}/lift", {"reason": "heard"})

        def ended(lift: Callable[[], httpx.Response] = lift) -> httpx.Response:
            reply = lift()
            while outcome(reply) == "case_closed":
                reply = lift()
            return reply

        agree = asking(network.server, network.moderators[1], f"/decisions/{decision}/agree", {})
        assert Counter(map(outcome, at_once([agree, ended, agree]))) <= Counter({"ok": 3, "case_closed": 1})
        headers = {"authorization": person.authorization}
        assert httpx.get(f"{network.server.address}/api/v1/push", headers=headers, timeout=60).status_code == 200


def test_a_step_that_is_sent_many_times_at_once_is_taken_once(network: Network) -> None:
    for _ in range(RACES):
        holder, colleague = network.moderators[:2]
        decision, case = network.proposal(), network.case()
        network.ask(holder, f"/cases/{case}/claim")
        before = network.length()
        steps = [
            asking(network.server, colleague, f"/decisions/{decision}/refuse", {}),
            asking(network.server, holder, f"/cases/{case}/close", {"outcome": "helped"}),
        ]
        assert Counter(map(outcome, at_once(steps * 3))) == {"ok": 6}
        assert sorted(action for action, _ in network.logged(before)) == ["case_closed", "decision_refused"]


def test_the_same_decision_sent_many_times_at_once_is_one_and_two_about_one_person_are_two(network: Network) -> None:
    subject, before = str(network.infiltrator.account), network.length()
    once = {"id": str(uuid4()), "subject": subject, "kind": "warn", "ground": "law", "law": "A law", "finding": "other"}
    replies = at_once([asking(network.server, network.moderators[0], "/decisions", once) for _ in range(8)])
    assert Counter(map(outcome, replies)) == {"ok": 8}
    twice = [asking(network.server, who, "/decisions", once | {"id": str(uuid4())}) for who in network.moderators[:2]]
    assert Counter(map(outcome, at_once(twice))) == {"ok": 2}
    assert [action for action, _ in network.logged(before)] == ["decision_made"] * 3
