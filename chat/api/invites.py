"""Network invites, and joining by one."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from chat import queries
from chat.access import access_invite, access_invite_as_staff, access_network_as_staff, access_network_to_invite
from chat.actions.invites import make_invite, revoke_invite
from chat.actions.join import Joining, join
from chat.api import answers, bodies
from chat.api.auth import Asked
from chat.api.rates import INVITE_CHECK, JOIN, limit_by_address
from chat.api.steps import logged
from chat.models import Invite

router = Router()


@router.post("/invites/check", auth=None, response=answers.InviteCheck)
def check(request: HttpRequest, body: bodies.Secret) -> dict[str, Any]:
    limit_by_address(request, INVITE_CHECK)
    invite = access_invite(body.secret)
    return {
        "network": invite.network,
        "role": invite.role,
        "conduct": queries.conduct_of(invite.network),
        "expires_at": invite.expires_at,
    }


@router.post("/join", auth=None, response=answers.Me)
def join_network(request: HttpRequest, body: bodies.Join) -> queries.MeView:
    limit_by_address(request, JOIN)
    return queries.me(join(Joining(**dict(body))))


@router.get("/invites", response=answers.Invites)
def invites(request: Asked) -> dict[str, Any]:
    network = access_network_as_staff(request.auth)
    return {"invites": [_view(invite) for invite in queries.invites(network)]}


@router.post("/invites", response=answers.Invite)
@logged
def make(request: Asked, body: bodies.MakeInvite) -> dict[str, Any]:
    network = access_network_to_invite(request.auth, body.role)
    return _view(
        make_invite(
            network,
            secret_hash=body.secret_hash,
            role=body.role,
            uses=body.uses,
            expires_in=timedelta(milliseconds=body.expires_in_ms),
            created_by=request.auth.account,
        )
    )


@router.post("/invites/{uuid:invite}/revoke", response=answers.Invite)
@logged
def revoke(request: Asked, invite: UUID) -> dict[str, Any]:
    return _view(revoke_invite(access_invite_as_staff(request.auth, invite), request.auth.account))


def _view(invite: Invite) -> dict[str, Any]:
    return {
        "id": invite.id,
        "role": invite.role,
        "uses": invite.uses,
        "used": invite.used,
        "expires_at": invite.expires_at,
        "revoked": invite.revoked_at is not None,
        "created_at": invite.created_at,
    }
