"""Making decisions about accounts in tests, and reading what whoever they are about is told."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from tests.factories import Person
from tests.http.api import Reply, get, post


def soon(days: float = 2) -> int:
    return int((timezone.now() + timedelta(days=days)).timestamp() * 1000)


def decide(by: Person, about: Person, kind: str, **changed: Any) -> Reply:
    body = {
        "id": str(uuid4()),
        "subject": str(about.account),
        "kind": kind,
        "ground": "conduct",
        "card": 4,
        "finding": "other",
    }
    if kind in ("mute", "suspend", "limit_reports"):
        body["until"] = soon()
    return post(by, "/decisions", {name: value for name, value in (body | changed).items() if value is not None})


def told(person: Person) -> list[dict[str, Any]]:
    statements: list[dict[str, Any]] = get(person, "/me/decisions").body["statements"]
    return statements
