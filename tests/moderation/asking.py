"""What tests of cases ask the API."""

from uuid import uuid4

from tests.factories import Person
from tests.http.api import Reply, get


def opening(**changed: object) -> dict[str, object]:
    return {"id": str(uuid4()), "room": str(uuid4()), "concern": "harassment", "urgency": "today"} | changed


def shown(person: Person, case: object) -> Reply:
    return get(person, f"/cases/{case}")


def queue(person: Person) -> list[str]:
    return [item["id"] for item in get(person, "/cases").body["cases"]]
