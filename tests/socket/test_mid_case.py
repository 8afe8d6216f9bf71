"""What happens in the middle of a case: its moderator is suspended, its member deletes their account."""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from os import environ
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from chat.actions.accounts import restore_account, suspend_account
from chat.api.fields import b64encode
from chat.mls.external import pending_removal
from chat.models import Account, Room
from moderation.audit import verify
from moderation.clocks import TAKEN_WITHIN
from moderation.evidence.bundle import SEAL
from moderation.keys import signer
from moderation.log_queries import audit_log
from moderation.models import Case
from moderation.signing import verified_claims
from tests import factories
from tests.delivery.groups import Group, settle
from tests.delivery.harness import ROOT, Server, Socket, Store, in_db, socket_to
from tests.factories import Person, enrolled
from tests.moderation.conftest import stamped
from tests.moderation.sealing import to_seal


@dataclass
class Desk:
    """A case whose room has the member and both moderators in it, on a real server."""

    server: Server
    network: UUID
    member: Person
    moderator: Person
    colleague: Person
    coordinator: Person
    group: Group
    case: str

    async def ask(self, person: Person, method: str, path: str, body: object = None) -> tuple[int, Any]:
        return await asyncio.to_thread(self._ask, person, method, path, body)

    def _ask(self, person: Person, method: str, path: str, body: object) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        headers = {"Authorization": person.authorization, "Content-Type": "application/json"}
        connection.request(method, f"/api/v1{path}", None if method == "GET" else json.dumps(body or {}), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    async def done(self, person: Person, path: str, body: object = None) -> Any:
        status, answer = await self.ask(person, "POST", path, body)
        assert status == 200, answer
        return answer

    async def refused(self, person: Person, path: str, body: object = None) -> str:
        status, answer = await self.ask(person, "POST", path, body)
        assert status >= 400, answer
        code: str = answer["error"]["code"]
        return code

    async def seen(self, person: Person) -> Any:
        return (await self.ask(person, "GET", f"/cases/{self.case}"))[1]

    async def actions(self) -> list[str]:
        """Of the case, in the log's order, after the whole log was verified."""
        log = await in_db(audit_log, self.network)
        assert list(verify(log, signer().public)) == []
        return [item.entry.action for item in log if item.entry.case == UUID(self.case).bytes]


def _desk(server: Server) -> Desk:
    network = factories.network()
    roles = ("member", "moderator", "moderator", "coordinator")
    member, moderator, colleague, coordinator = (enrolled(Person(), network, role) for role in roles)
    group = Group(uuid4())
    settle(group, "case", member, moderator, colleague)
    Room.objects.filter(id=group.room).update(person=member.account)
    now = timezone.now()
    made = Case.objects.create(
        network=network, room_id=group.room, opened_by_id=member.account, concern="threats", urgency="today",
        opened_at=now, due_at=now + TAKEN_WITHIN["today"],
    )  # fmt: skip
    return Desk(server, network.id, member, moderator, colleague, coordinator, group, str(made.id))


@asynccontextmanager
async def desk(server: Server) -> AsyncIterator[tuple[Desk, dict[str, Socket]]]:
    """The case, claimed by the moderator, and everybody's socket."""
    here = await in_db(_desk, server)
    await here.done(here.moderator, f"/cases/{here.case}/claim")
    async with (
        socket_to(server, here.member.token) as member,
        socket_to(server, here.moderator.token) as moderator,
        socket_to(server, here.colleague.token) as colleague,
    ):
        yield here, {"member": member, "moderator": moderator, "colleague": colleague}


def account(person: Person) -> Account:
    return Account.objects.get(id=person.account)


async def test_a_moderator_suspended_in_mid_case_does_nothing_more_and_a_colleague_goes_on(server: Server) -> None:
    async with desk(server) as (here, sockets):
        path = f"/cases/{here.case}"
        ban = {
            "id": str(uuid4()),
            "subject": str(here.moderator.account),
            "kind": "suspend",
            "ground": "law",
            "finding": "other",
            "law": "A law",
        }
        until = int((timezone.now().timestamp() + 86_400) * 1000)
        assert (await here.done(here.coordinator, "/decisions", ban | {"until": until}))["state"] == "in_force"
        assert (await sockets["moderator"].expect("bye"))["code"] == "suspended"
        for listener in ("member", "colleague"):
            # Nobody looks at a case as taken whose moderator is gone.
            assert (await sockets[listener].expect("account"))["change"] == "cases"
        for step, body in (
            ("close", {"outcome": "helped"}),
            ("exports", to_seal()),
            ("hand-over", {"to": None}),
        ):
            assert await here.refused(here.moderator, f"{path}/{step}", body) == "suspended"
        assert (await here.ask(here.moderator, "GET", f"{path}/custody"))[0] == 403
        seen = await here.seen(here.colleague)
        assert (seen["state"], seen.get("claimed_by")) == ("unclaimed", None)
        assert str(here.moderator.account) not in seen["staff"]
        await here.done(here.colleague, f"{path}/claim")
        # Their leaf goes before anybody says a word, so that their keys open nothing of what is said from now on.
        (item,) = (await sockets["member"].expect("entries"))["items"]
        assert (item[2], pending_removal(item[5]).leaf) == (2, 1)
        assert (await sockets["member"].ask(here.group.message(), "accepted"))["code"] == "epoch_too_old"
        removal = here.group.removing(here.member, [1], [pending_removal(item[5]).ref])
        assert (await sockets["member"].ask(removal, "accepted"))["t"] == "accepted"
        here.group.won(removal)
        assert (await sockets["member"].ask(here.group.message(), "accepted"))["t"] == "accepted"
        await sockets["colleague"].until(lambda: len(sockets["colleague"].entries(here.group.group_id)) == 3)
        assert sockets["moderator"].entries(here.group.group_id) == []
        await in_db(lambda: restore_account(account(here.moderator)))
        assert await here.refused(here.moderator, f"{path}/close", {"outcome": "helped"}) == "case_claimed"
        assert (await here.done(here.colleague, f"{path}/close", {"outcome": "helped"}))["outcome"] == "helped"
        assert await here.actions() == ["case_claimed", "case_claimed", "case_closed"]


async def test_a_proposal_of_a_moderator_suspended_meanwhile_needs_somebody_else_still(server: Server) -> None:
    async with desk(server) as (here, _):
        ban = {
            "id": str(uuid4()),
            "subject": str(here.member.account),
            "kind": "ban",
            "ground": "law",
            "law": "A law",
            "finding": "other",
        }
        assert (await here.done(here.moderator, "/decisions", ban))["state"] == "proposed"
        await in_db(lambda: suspend_account(account(here.moderator)))
        assert await here.refused(here.moderator, f"/decisions/{ban['id']}/agree") == "suspended"
        assert (await here.done(here.colleague, f"/decisions/{ban['id']}/agree"))["state"] == "in_force"
        # Whoever may see the case of somebody who was banned goes on with it.
        assert (await here.seen(here.colleague))["state"] == "unclaimed"


async def test_a_member_who_deletes_their_account_in_mid_case_leaves_a_case_that_can_be_ended(server: Server) -> None:
    async with desk(server) as (here, sockets):
        path = f"/cases/{here.case}"
        sender = here.colleague.account
        message = await in_db(stamped, sender, here.group.room)
        shown = {
            "sender": str(sender), "room": str(message.room), "seq": message.seq, "time": message.time,
            "tag": b64encode(message.tag), "frank": b64encode(message.frank), "key": message.key,
        }  # fmt: skip
        assert len((await here.done(here.member, f"{path}/attest", {"messages": [shown]}))["attestations"]) == 1
        assert (await here.ask(here.member, "DELETE", "/me"))[0] == 200
        assert (await sockets["member"].expect("bye"))["code"] == "deleted"
        # The room is asked to take the leaf out, and staff look at the case anew.
        for listener in ("moderator", "colleague"):
            assert (await sockets[listener].expect("account"))["change"] == "cases"
            (item,) = (await sockets[listener].expect("entries"))["items"]
            assert (item[2], pending_removal(item[5]).leaf) == (2, 0)
        seen = await here.seen(here.moderator)
        assert (seen["state"], seen["claimed_by"], seen["concern"]) == (
            "claimed",
            str(here.moderator.account),
            "threats",
        )
        assert (seen["room"], seen.get("opened_by"), seen["mine"]) == (str(here.group.room), None, False)
        assert seen["subjects"] == [str(sender)]
        # What the moderators were shown can still be handed to somebody, with its custody.
        seal = (await here.done(here.moderator, f"{path}/exports", to_seal()))["seal"]
        assert verified_claims(seal, SEAL, signer().public)["case"] == here.case
        custody = (await here.ask(here.moderator, "GET", f"{path}/custody"))[1]
        assert [entry["action"] for entry in custody["entries"]] == [
            "case_claimed", "messages_attested", "evidence_exported",
        ]  # fmt: skip
        assert str(here.member.account) not in json.dumps([seen, custody])
        moderator = sockets["moderator"]
        removal = here.group.removing(here.moderator, [0], [pending_removal(item[5]).ref])
        assert (await moderator.ask(removal, "accepted"))["t"] == "accepted"
        here.group.won(removal)
        assert (await moderator.ask(here.group.message(), "accepted"))["t"] == "accepted"
        assert (await here.done(here.moderator, f"{path}/close", {"outcome": "acted"}))["state"] == "closed"
        assert await here.actions() == ["case_claimed", "messages_attested", "evidence_exported", "case_closed"]


async def test_staff_hear_of_each_step_of_a_decision_and_its_subject_once_it_is_in_force(server: Server) -> None:
    async with desk(server) as (here, sockets):
        everybody, staff = ("member", "moderator", "colleague"), ("moderator", "colleague")

        async def decided(by: Person, path: str, body: object, *told: str) -> str:
            made = await here.done(by, path, body)
            for name, socket in sockets.items():
                if name in told:
                    assert (await socket.expect("account"))["change"] == "cases"
                await socket.settled()
                assert [frame for frame in socket.arrived if frame["t"] == "account"] == [], (path, name)
            identity: str = made.get("id", "")
            return identity

        def about(kind: str) -> dict[str, str]:
            return {
                "id": str(uuid4()),
                "subject": str(here.member.account),
                "kind": kind,
                "ground": "law",
                "finding": "other",
                "law": "A law",
            }

        ban = await decided(here.moderator, "/decisions", about("ban"), *staff)
        await decided(here.colleague, f"/decisions/{ban}/refuse", None, *staff)
        warning = await decided(here.moderator, "/decisions", about("warn"), *everybody)
        await decided(here.member, f"/decisions/{warning}/appeal", None, *everybody)
        stays = {"outcome": "upheld", "reason": "fits"}
        await decided(here.colleague, f"/decisions/{warning}/close-appeal", stays, *everybody)
        await decided(here.moderator, f"/decisions/{warning}/lift", {"reason": "enough"}, *everybody)


FORGET = """
from django.utils import timezone
from datetime import timedelta
from moderation.actions.forgetting import forget_cases
forget_cases(timezone.now() + timedelta(days=184))
"""


async def test_a_case_that_is_forgotten_by_a_worker_takes_its_room_from_whoever_is_connected(
    shared_store: Store,
) -> None:
    environment = {**environ, **shared_store.environment, "DJANGO_SETTINGS_MODULE": "backend.settings"}
    worker = [sys.executable, "manage.py", "shell", "-c", FORGET]
    with Server(shared_store) as server:
        async with desk(server) as (here, sockets):
            await here.done(here.moderator, f"/cases/{here.case}/close", {"outcome": "helped"})
            await asyncio.to_thread(subprocess.run, worker, cwd=ROOT, env=environment, check=True)
            for socket in sockets.values():
                assert (await socket.expect("room", room=here.group.group_id))["change"] == "removed"
            assert (await sockets["member"].ask(here.group.message(), "accepted"))["code"] == "not_in_room"
        answered, rooms = await here.ask(here.member, "GET", "/rooms")
        assert (answered, rooms["rooms"]) == (200, [])
    assert not await in_db(Room.objects.filter(id=here.group.room).exists)
