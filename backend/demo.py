"""The demo network, so that one command is enough to try everything. Only with DEMO, which is off once ORIGIN is public."""

import json
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from chat.actions.invites import make_invite
from chat.actions.networks import create_network
from chat.actions.rooms import open_room
from chat.links import InviteSecret, invite_link
from chat.models import Network, Role

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


def fresh_links(network: Network, origin: str) -> Links:
    """Single-use links for seven days. Those of an earlier start stay good: someone may hold one already."""

    def link(role: Role) -> str:
        secret = InviteSecret()
        make_invite(network, secret_hash=secret.digest, role=role, expires_in=_VALID_FOR)
        return invite_link(origin, secret)

    return Links(link(Role.COORDINATOR), link(Role.MODERATOR), [link(Role.MEMBER) for _ in range(_MEMBERS)])


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
