"""The recorded turns of vectors.json, in the values that the rules take."""

import json
from base64 import b64decode
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chat.mls.external import pending_removal
from chat.mls.facts import CommitContext, CommitFacts
from chat.mls.group import GroupState
from chat.mls.identity import Member
from chat.mls.key_package import parse_key_package
from chat.mls.rules import judge_commit


class Everyone:
    """A set of accounts that leaves nobody out."""

    def __contains__(self, account: object) -> bool:
        return isinstance(account, UUID)


EVERYONE = Everyone()


@cache
def vectors() -> dict[str, Any]:
    """The file as it stands; make_vectors.mjs says what is in it."""
    loaded: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text())
    return loaded


def made_at() -> int:
    return int(vectors()["madeAt"])


def server_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(b64decode(vectors()["serverSeed"]))


def member(name: str) -> Member:
    person = vectors()["people"][name]
    return Member(person["clientId"], b64decode(person["signatureKey"]))


def key_packages(name: str) -> list[bytes]:
    return [b64decode(text) for text in vectors()["people"][name]["keyPackages"]]


@cache
def offered() -> dict[bytes, Member]:
    """Every recorded key package by its ref, as if all had been handed out."""
    names = vectors()["people"]
    facts = [parse_key_package(raw, made_at()) for name in names for raw in key_packages(name)]
    return {fact.ref: fact.member for fact in facts}


@dataclass(frozen=True)
class Turn:
    """One commit as a device sent it. `code` is the refusal due, `kept` False when the room went on without it."""

    title: str
    group_id: bytes
    epoch: int
    sender: Member
    commit: bytes
    group_info: bytes
    welcome: bytes | None
    pending: tuple[bytes, ...]
    code: str | None
    kept: bool
    roster: tuple[str, ...]

    def context(self) -> CommitContext:
        return CommitContext(
            group_id=self.group_id,
            server_key=server_key().public_key().public_bytes_raw(),
            sender=self.sender,
            now=made_at(),
            pending=tuple(map(pending_removal, self.pending)),
            offered=offered(),
            may_be_added=EVERYONE,
            may_enter=EVERYONE,
        )

    def judge(self, before: GroupState | None) -> CommitFacts:
        return judge_commit(self.commit, self.group_info, self.welcome, before, self.context())


@cache
def turns() -> tuple[Turn, ...]:
    return tuple(
        Turn(
            title=step["title"],
            group_id=b64decode(step["group"]),
            epoch=step["epoch"],
            sender=Member(step["sender"], b64decode(step["signatureKey"])),
            commit=b64decode(step["commit"]),
            group_info=b64decode(step["groupInfo"]),
            welcome=b64decode(step["welcome"]) if step["welcome"] else None,
            pending=tuple(b64decode(message) for message in step["pending"]),
            code=step["code"],
            kept=step["kept"],
            roster=tuple(step["roster"] or ()),
        )
        for step in vectors()["steps"]
    )


@cache
def before(title: str) -> GroupState | None:
    """The room as the turn of that title found it."""
    wanted = turn(title)
    state = None
    for earlier in turns():
        if earlier.title == title:
            return state
        if earlier.group_id == wanted.group_id and earlier.kept:
            state = earlier.judge(state).after
    raise LookupError(title)


def turn(title: str) -> Turn:
    return next(each for each in turns() if each.title == title)
