"""The demo network, so that one command is enough to try everything. Only with DEMO, which is off once ORIGIN is public."""

import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, islice
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from chat.actions.invites import make_invite
from chat.actions.networks import create_network
from chat.actions.rooms import open_room
from chat.links import SECRET_BYTES, InviteSecret, invite_link
from chat.models import Invite, Network, Role

_TITLE = "Harbour"
_ROOM = "Welcome"
_VALID_FOR = timedelta(days=7)
_MEMBERS = 3


@dataclass(frozen=True)
class Links:
    coordinator: str
    moderator: str
    members: list[str]


def demo_network() -> Network:
    """The first network of this server, made with one open room when there is none."""
    network = Network.objects.order_by("created_at").first()
    if network is None:
        network = create_network(_TITLE)
        open_room(network, _ROOM)
    return network


def links(network: Network, origin: str) -> Links:
    """Single-use links for seven days: those of an earlier start where they are still unused, so that no start adds to them."""

    def some(role: Role, wanted: int) -> list[str]:
        return [invite_link(origin, secret) for secret in islice(_unused(network, role), wanted)]

    return Links(some(Role.COORDINATOR, 1)[0], some(Role.MODERATOR, 1)[0], some(Role.MEMBER, _MEMBERS))


def _unused(network: Network, role: Role) -> Iterator[InviteSecret]:
    """Secrets of invites that nobody has used, made where there is none, one after the other."""
    for secret in _secrets(network, role):
        invite = make_invite(network, secret_hash=secret.digest, role=role, expires_in=_VALID_FOR)
        unused = Invite.objects.filter(pk=invite.pk, used=0, revoked_at=None)
        if unused.update(expires_at=timezone.now() + _VALID_FOR):
            yield secret


def _secrets(network: Network, role: Role) -> Iterator[InviteSecret]:
    """One after the other, the same at each start: made of the server's secret key, which is not in the database."""
    for number in count():
        text = f"demo invite\x00{network.id}\x00{role}\x00{number}".encode()
        yield InviteSecret(hmac.digest(settings.SECRET_KEY.encode(), text, "sha256")[:SECRET_BYTES])


def write_json(file: Path, origin: str, links: Links) -> None:
    """`{address, coordinator, moderator, members: [...]}` with mode 600, in one step."""
    content = {
        "address": origin,
        "coordinator": links.coordinator,
        "moderator": links.moderator,
        "members": links.members,
    }
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
        json.dump(content, handle)
    draft.replace(file)
