"""Keys that are rotated in the middle of a case: what was proven stays so, and evidence of both keys verifies offline."""

import hashlib
import json
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.conf import settings

from chat import franking
from chat.api.fields import b64decode, b64encode
from moderation.attestation import read
from moderation.evidence import bundle as form
from moderation.evidence.bundle import Bundle, Custody, Message
from moderation.evidence.container import pack, unpack
from moderation.evidence.content import said
from moderation.evidence.page import Place, render
from moderation.evidence.verify import Verdict, verify
from moderation.published import FEWEST
from moderation.signing import Signer, b64, fingerprint, public_keys, published_keys
from tests.factories import Person
from tests.http.serving import Server
from tests.http.test_serve import join
from tests.moderation.bundles import AT, DAYS, mimi
from tests.moderation.golden import forgery


@dataclass
class Escalation:
    """A case on a server of its own, with what its member and its moderator keep of it."""

    server: Server
    member: Person = field(default_factory=Person)
    moderator: Person = field(default_factory=Person)
    case: str = field(default_factory=lambda: str(uuid4()))
    room: UUID = field(default_factory=uuid4)
    sender: UUID = field(default_factory=uuid4)

    def begin(self) -> None:
        links = self.server.links()
        self.member, self.moderator = (join(self.server, link)[0] for link in (links["members"][0], links["moderator"]))
        asked = {"id": self.case, "room": str(uuid4()), "concern": "threats", "urgency": "today"}
        self.post(self.member, "/cases", asked)
        self.post(self.moderator, f"/cases/{self.case}/claim")

    def call(self, method: str, path: str, person: Person | None = None, body: Any = None) -> tuple[int, Any]:
        headers = {} if person is None else {"authorization": person.authorization}
        with self.server.client(headers=headers) as client:
            reply = client.request(method, path, json=body)
        return reply.status_code, reply.json()

    def post(self, person: Person, path: str, body: Any = None) -> Any:
        status, answer = self.call("POST", f"/api/v1{path}", person, body or {})
        assert status == 200, answer
        return answer

    def logged(self) -> list[str]:
        """The actions of the audit log."""
        with sqlite3.connect(self.server.data / "kindred.sqlite3") as database:
            return [action for (action,) in database.execute("SELECT action FROM moderation_auditentry")]

    @property
    def hub(self) -> Path:
        return self.server.data / "keys" / "hub.json"

    def stamped(self, text: str, seq: int) -> tuple[bytes, dict[str, Any]]:
        """A message as a member has it, stamped with the key that the server used at that time."""
        kept = json.loads(self.hub.read_text())
        number, content = kept["current"], mimi(self.sender, self.room, text, domain=settings.DOMAIN)
        salt = said(content).salt
        assert salt is not None
        tag = franking.franking_tag(salt, content)
        uris = franking.user_uri(settings.DOMAIN, self.sender), franking.room_uri(settings.DOMAIN, self.room)
        frank = franking.frank(b64decode(kept["keys"][str(number)]), tag, franking.context(*uris, seq, AT))
        where = {"sender": str(self.sender), "room": str(self.room), "seq": seq, "time": AT, "key": number}
        return content, where | {"tag": b64encode(tag), "frank": b64encode(frank)}

    def attest(self, message: dict[str, Any]) -> tuple[int, Any]:
        return self.call("POST", f"/api/v1/cases/{self.case}/attest", self.member, {"messages": [message]})

    def attested(self, message: dict[str, Any]) -> str:
        status, answer = self.attest(message)
        assert status == 200, answer
        token: str = answer["attestations"][0]
        return token

    def published(self) -> Any:
        return self.call("GET", "/.well-known/kindred-keys.json")[1]

    def signing_key(self) -> Signer:
        """As whoever copied the server's keys has it."""
        kept = json.loads((self.server.data / "keys" / "attestation.json").read_text())
        return Signer(kept["current"], {kid: b64decode(seed) for kid, seed in kept["keys"].items()}, {})

    def restart(self) -> None:
        assert self.server.stop() == 0
        self.server.start()

    def export(self, shown: list[tuple[str, bytes]]) -> bytes:
        """A bundle as the moderator's device makes it."""
        custody: dict[str, Any]
        _, custody = self.call("GET", f"/api/v1/cases/{self.case}/custody", self.moderator)
        keys = self.published()
        stamps = [read(token, public_keys(keys)) for token, _ in shown]
        bundle = Bundle(
            format="kindred-evidence/1",
            domain=settings.DOMAIN,
            network=custody["network"],
            case=self.case,
            made_at=custody["at"],
            made_by=custody["by"],
            handed_over=None,
            messages=[
                Message(token, "Person A", b64(content), said(content).text, None, []) for token, content in shown
            ],
            custody=[msgspec.convert(entry, Custody) for entry in custody["entries"]],
        )
        files = {
            form.BUNDLE: msgspec.json.encode(bundle),
            form.PAGE: render(bundle, [Place(stamp.seq, stamp.time, stamp.room) for stamp in stamps]),
            form.KEYS: msgspec.json.encode(keys),
        }
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
        manifest = msgspec.json.encode({"format": form.FORMAT, "files": sums})
        digest = b64encode(hashlib.sha256(manifest).digest())
        body = {"manifest": digest, "made_at": bundle.made_at}
        seal: str = self.post(self.moderator, f"/cases/{self.case}/exports", body)["seal"]
        return pack(files | {form.MANIFEST: manifest, form.SEALED: seal.encode()})

    def verified(self, bundle: bytes) -> Verdict:
        """Offline, with the keys that are published now."""
        return verify(bundle, published_keys(self.published()))


def kid(token: str) -> str:
    found: str = json.loads(b64decode(token.split(".", maxsplit=1)[0]))["kid"]
    return found


def test_evidence_of_a_case_in_which_the_signing_key_was_rotated_verifies_with_both_keys() -> None:
    with Server() as server:
        here = Escalation(server)
        here.begin()
        first, one = here.stamped("I have work for you abroad", 4)
        second, other = here.stamped("send me pictures", 9)
        before = here.attested(one)
        early = here.export([(before, first)])
        stolen, now = here.signing_key(), time.time_ns() // 1_000_000
        forged = [forgery(stolen, UUID(here.case), now - ago) for ago in (60_000, 90 * DAYS * 1000)]
        assert here.verified(forged[0]).problems == []
        assert server.manage("rotate_attestation_key").returncode == 0
        # The server that runs signs with the new key at once.
        after, again = here.attested(other), here.attested(one)
        assert kid(before) != kid(after) == kid(again)
        keys = public_keys(here.published())
        assert {kid(before), kid(after)} == set(keys)
        # The same message says the same under either key.
        assert read(before, keys) == read(again, keys)
        for bundle, count in ((early, 1), (here.export([(before, first), (after, second)]), 2)):
            verdict = here.verified(bundle)
            assert (verdict.problems, verdict.messages) == ([], count)
        # Whoever copied the key while it was in use forges nothing of that time any more, and never did of before.
        assert [here.verified(one).problems for one in forged] == [
            [f"{form.SEALED}: its key was replaced, and the server's log of that time does not have it"],
            [f"{form.SEALED}: signed at a time when its key was not in use"],
        ]
        here.post(here.moderator, f"/cases/{here.case}/close", {"outcome": "acted"})
        assert server.manage("verify_audit").returncode == 0


def test_what_was_sealed_under_a_key_is_published_with_it_and_nobody_can_count_it() -> None:
    with Server() as server:
        here = Escalation(server)
        here.begin()
        content, one = here.stamped("I have work for you abroad", 4)
        bundles = [here.export([(here.attested(one), content)]) for _ in range(2)]
        (key,) = here.published()["keys"]
        assert "exp" not in key
        assert "seals" not in key
        assert server.manage("rotate_attestation_key").returncode == 0
        old = next(each for each in here.published()["keys"] if each["kid"] == key["kid"])
        assert key["nbf"] <= old["exp"]
        assert len(old["seals"]) == len(set(old["seals"])) == FEWEST
        seals = {fingerprint(unpack(bundle)[form.SEALED].decode()) for bundle in bundles}
        assert seals < set(old["seals"])
        here.restart()
        again = next(each for each in here.published()["keys"] if each["kid"] == key["kid"])
        assert again == old


def test_messages_from_before_and_after_the_hub_key_was_rotated_are_attested_in_one_case() -> None:
    with Server() as server:
        here = Escalation(server)
        here.begin()
        first, one = here.stamped("I have work for you abroad", 4)
        early = here.attested(one)
        rotated = server.manage("rotate_hub_key")
        assert (rotated.returncode, rotated.stdout.split(":")[0]) == (0, "Done")
        # The server that runs knows the new key without a restart.
        second, other = here.stamped("send me pictures", 9)
        assert (one["key"], other["key"]) == (1, 2)
        shown = [(here.attested(one), first), (here.attested(other), second)]
        assert read(early, public_keys(here.published())) == read(shown[0][0], public_keys(here.published()))
        assert here.verified(here.export(shown)).problems == []
        # A frank fits only the key that made it.
        for swapped in (one | {"key": 2}, other | {"key": 1}, other | {"key": 3}):
            status, answer = here.attest(swapped)
            assert (status, answer["error"]["code"]) == (422, "bad_frank")
        # It stands in the log of each network, as the operator's.
        assert here.logged().count("hub_key_rotated") == 1
        assert server.manage("verify_audit").returncode == 0
        # Whoever takes an old key away takes the proof of what it stamped.
        kept = json.loads(here.hub.read_text())
        del kept["keys"]["1"]
        here.hub.write_text(json.dumps(kept))
        here.restart()
        assert here.attest(one)[0] == 422
        assert here.attest(other)[0] == 200
        assert here.verified(here.export(shown)).problems == []
