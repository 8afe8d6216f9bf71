"""The audit log: whole, or the place where it is not is named."""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from django.db import connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from moderation import audit, log_queries
from moderation.actions.log import record
from moderation.audit import Entry, Signed, checkpoint, read_checkpoint, signed, verify
from moderation.keys import signer
from moderation.models import AuditEntry
from moderation.pseudonyms import pseudonym
from tests.http.serving import Server
from tests.http.test_serve import join
from tests.moderation.conftest import Harbour, settle
from tests.moderation.signers import new_signer

NETWORK = uuid4()
SIGNER = new_signer()


def chain(length: int) -> list[Signed]:
    made: list[Signed] = []
    previous = audit.START
    for seq in range(1, length + 1):
        case = uuid4().bytes if seq % 3 else None
        entry = Entry(NETWORK.bytes, seq, 1_795_504_155_000 + seq, "A-AAAAAAAAAA", "case_claimed", case, "", "")
        made.append(signed(entry, previous, SIGNER))
        previous = made[-1].digest
    return made


def test_a_whole_log_has_nothing_wrong() -> None:
    assert list(verify(chain(20), SIGNER.public)) == []


Change = Callable[[Entry], Entry]
CHANGES: dict[str, Change] = {
    "at": lambda entry: replace(entry, at=entry.at + 1),
    "actor": lambda entry: replace(entry, actor="A-BBBBBBBBBB"),
    "action": lambda entry: replace(entry, action="case_closed"),
    "case": lambda entry: replace(entry, case=uuid4().bytes),
    "subject": lambda entry: replace(entry, subject="A-CCCCCCCCCC"),
    "detail": lambda entry: replace(entry, detail="x"),
    "network": lambda entry: replace(entry, network=uuid4().bytes),
}


@given(st.data())
def test_any_random_edit_is_found_at_its_place(data: st.DataObject) -> None:
    log = chain(12)
    at = data.draw(st.integers(0, 11))
    how = data.draw(st.sampled_from([*CHANGES, "drop", "swap", "digest", "signature", "key", "rechain", "double"]))
    victim = log[at]
    match how:
        case "drop":
            if at == 11:
                return  # cut off at the end: see the checkpoints
            del log[at]
        case "double":
            log.insert(at, victim)
        case "swap":
            other = (at + 1 + data.draw(st.integers(0, 10))) % 12
            log[at], log[other] = log[other], log[at]
            at = min(at, other)
        case "digest" | "signature":
            raw = bytearray(getattr(victim, how))
            raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
            log[at] = replace(victim, digest=bytes(raw)) if how == "digest" else replace(victim, signature=bytes(raw))
        case "key":
            log[at] = replace(victim, key_id="another")
        case "rechain":
            # Somebody with the database but without the key makes every later digest fit.
            log[at] = replace(victim, entry=CHANGES["action"](victim.entry))
            previous = log[at - 1].digest if at else audit.START
            for number in range(at, 12):
                digest = log[number].entry.digest(previous)
                log[number] = replace(log[number], digest=digest)
                previous = digest
        case _:
            log[at] = replace(victim, entry=CHANGES[how](victim.entry))
    problems = list(verify(log, SIGNER.public))
    assert problems
    named = int(problems[0].split()[1].rstrip(":"))
    assert named in (at + 1, at + 2)


def kept(log: list[Signed]) -> bytes:
    """A log as somebody might keep it in a file."""
    return msgspec.json.encode(log)


@given(st.data())
def test_a_change_of_any_byte_of_a_kept_log_is_found(data: st.DataObject) -> None:
    whole = kept(chain(6))
    changed = bytearray(whole)
    at = data.draw(st.integers(0, len(whole) - 1))
    changed[at] ^= data.draw(st.integers(1, 255))
    try:
        read = msgspec.json.decode(bytes(changed), type=list[Signed])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return  # no log any more: found, too
    # What spells the same log in another way (a space, the other end of the base64 alphabet) is the same log.
    same = kept(read) == whole
    assert same or list(verify(read, SIGNER.public))


@given(st.data())
def test_anything_cut_out_of_a_log_or_put_into_it_is_found(data: st.DataObject) -> None:
    log, other = chain(8), chain(8)
    start = data.draw(st.integers(0, 6))
    end = data.draw(st.integers(start, 7))
    put = data.draw(st.lists(st.sampled_from([*log, *other]), max_size=3))
    changed = log[:start] + put + log[end:]
    assert changed == log or list(verify(changed, SIGNER.public))


def test_entries_cut_off_at_the_end_are_missed_by_whoever_kept_a_checkpoint() -> None:
    log = chain(10)
    kept = read_checkpoint(checkpoint(NETWORK, {"seq": 10}, log[-1].digest, 0, SIGNER), SIGNER.public)
    assert list(verify(log, SIGNER.public, [kept])) == []
    assert list(verify(log[:8], SIGNER.public, [kept])) == [
        "entry 10: a checkpoint names it, and the log does not have it"
    ]


def test_a_log_that_was_written_anew_with_the_key_contradicts_a_kept_checkpoint() -> None:
    first, second = chain(5), chain(5)
    kept = read_checkpoint(checkpoint(NETWORK, {"seq": 5}, first[-1].digest, 0, SIGNER), SIGNER.public)
    assert list(verify(second, SIGNER.public, [kept])) == ["entry 5: a checkpoint says otherwise"]


def test_a_checkpoint_that_does_not_say_which_entry_it_is_of_is_missed_as_well() -> None:
    log, other = chain(10), chain(10)
    kept = read_checkpoint(checkpoint(NETWORK, {"until": "2026-09-30"}, log[7].digest, 0, SIGNER), SIGNER.public)
    assert list(verify(log, SIGNER.public, [kept])) == []
    lost = [f"entry with the digest {kept.digest}: a checkpoint names it, and the log does not have it"]
    assert list(verify(log[:7], SIGNER.public, [kept])) == list(verify(other, SIGNER.public, [kept])) == lost


def test_two_checkpoints_that_contradict_each_other_are_named_whichever_the_log_has() -> None:
    """A server that showed different people different logs cannot show one that fits both."""
    log, other = chain(5), chain(5)
    told = [
        read_checkpoint(checkpoint(NETWORK, {"seq": 4}, one[3].digest, 0, SIGNER), SIGNER.public)
        for one in (log, other, log)
    ]
    for kept in (told[:2], told[1::-1]):
        assert "entry 4: two checkpoints contradict each other" in list(verify(log, SIGNER.public, kept))
    assert list(verify(log, SIGNER.public, [told[0], told[2]])) == []


def test_actions_are_written_with_pseudonyms_alone(harbour: Harbour) -> None:
    actor = harbour.account(harbour.moderator)
    with transaction.atomic():
        record(harbour.network.id, actor, "case_handed_over", case=uuid4(), subject=harbour.colleague.account)
        record(harbour.network.id, None, "account_suspended", subject=harbour.infiltrator.account, detail="x")
    log = log_queries.audit_log(harbour.network.id)
    assert list(verify(log, signer().public)) == []
    assert log[0].entry.actor == pseudonym(harbour.network.id, actor.id)
    assert log[1].entry.actor == "operator"
    kept = str(AuditEntry.objects.values_list())
    for person in (harbour.moderator, harbour.colleague, harbour.infiltrator):
        assert str(person.account) not in kept
        assert person.account.hex not in kept


def test_the_same_account_has_different_pseudonyms_in_different_networks() -> None:
    account = uuid4()
    assert pseudonym(uuid4(), account) != pseudonym(uuid4(), account)


@pytest.mark.django_db(transaction=True)
def test_writing_outside_of_a_transaction_is_a_fault() -> None:
    harbour = settle()
    with pytest.raises(RuntimeError, match="transaction"):
        record(harbour.network.id, None, "case_opened")
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_make_one_chain() -> None:
    harbour = settle()

    def write() -> None:
        try:
            for _ in range(5):
                with transaction.atomic():
                    record(harbour.network.id, None, "case_claimed")
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    log = log_queries.audit_log(harbour.network.id)
    assert [item.entry.seq for item in log] == list(range(1, 31))
    assert list(verify(log, signer().public)) == []


def test_the_command_finds_an_edit_in_a_real_database(tmp_path: Path) -> None:
    with Server() as server:
        member, _ = join(server, server.links()["members"][0])
        moderator, _ = join(server, server.links()["moderator"])
        coordinator, _ = join(server, server.links()["coordinator"])
        case = str(uuid4())
        opening = {"id": case, "room": str(uuid4()), "concern": "danger", "urgency": "now"}
        with server.client(headers={"authorization": member.authorization}) as client:
            assert client.post("/api/v1/cases", json=opening).status_code == 200
        with server.client(headers={"authorization": moderator.authorization}) as client:
            assert client.post(f"/api/v1/cases/{case}/claim").status_code == 200
            keys = tmp_path / "keys.json"
            keys.write_bytes(client.get("/.well-known/kindred-keys.json").content)
        with server.client(headers={"authorization": coordinator.authorization}) as client:
            checkpoint = client.get("/api/v1/audit/checkpoint").json()["checkpoint"]
            # Before the two came what the operator did to start the network.
            last = len(client.get("/api/v1/audit").json()["entries"])
        command = ("verify_audit", "--keys", str(keys), "--checkpoint", checkpoint)
        whole = server.manage(*command)
        assert (whole.returncode, whole.stdout.split(": ")[1]) == (0, f"{last} entries, whole\n")
        refused = server.manage("verify_audit", "--checkpoint", "x.y.z")
        assert refused.returncode == 1
        assert "cannot be used" in refused.stderr
        with sqlite3.connect(server.data / "kindred.sqlite3") as database:
            database.execute("UPDATE moderation_auditentry SET action = 'case_closed' WHERE seq = ?", [last])
        edited = server.manage(*command)
        assert edited.returncode == 1
        assert f"entry {last}: it or an entry before it was changed" in edited.stderr
        with sqlite3.connect(server.data / "kindred.sqlite3") as database:
            database.execute("DELETE FROM moderation_auditentry WHERE seq = ?", [last])
        assert f"entry {last}: a checkpoint names it" in server.manage(*command).stderr


def test_a_rotated_key_keeps_the_log_verified() -> None:
    with Server() as server:
        member, _ = join(server, server.links()["members"][0])

        def opened() -> int:
            opening = {"id": str(uuid4()), "room": str(uuid4()), "concern": "other", "urgency": "soon"}
            with server.client(headers={"authorization": member.authorization}) as client:
                return client.post("/api/v1/cases", json=opening).status_code

        with server.client() as client:
            # Somebody has to be there to see a case.
            join(server, server.links()["moderator"])
            assert opened() == 200
            before = client.get("/.well-known/kindred-keys.json").json()["keys"]
        assert server.manage("rotate_attestation_key").returncode == 0
        # The server that runs takes the new key up at once.
        assert opened() == 200
        with server.client(headers={"authorization": member.authorization}) as client:
            after = client.get("/.well-known/kindred-keys.json").json()["keys"]
        assert len(after) == 2
        assert before[0]["x"] in [key["x"] for key in after]
        with sqlite3.connect(server.data / "kindred.sqlite3") as database:
            log = [action for (action,) in database.execute("SELECT action FROM moderation_auditentry")]
        assert [log.count(action) for action in ("case_opened", "attestation_key_rotated")] == [2, 1]
        assert f" {len(log)} entries, whole" in server.manage("verify_audit").stdout
