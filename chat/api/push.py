"""How the caller's device is woken, and whether it is."""

from ninja import Router

from chat import queries
from chat.actions.push import do_not_wake, wake_by
from chat.api import answers, bodies
from chat.api.auth import Asked, suspended_too
from chat.api.rates import PUSH, limit_by_device
from chat.push import channels
from chat.push.sealing import Target

router = Router()


@router.get("/push", response=answers.PushChannels)
def push(request: Asked) -> answers.PushChannels:
    on = channels.webpush_on()
    key = channels.vapid_public_key() if on else None
    return answers.PushChannels(webpush=on, fcm=channels.fcm_on(), vapid_public_key=key)


@router.get("/me/push", response=answers.Push)
def my_push(request: Asked) -> queries.PushView:
    return queries.push(request.auth)


@router.put("/me/push", response=answers.Push)
def wake_me(request: Asked, body: bodies.WakeMe) -> queries.PushView:
    limit_by_device(request.auth, PUSH)
    given = body.target
    target = (
        Target(token=given.token)
        if isinstance(given, bodies.FcmTarget)
        else Target(endpoint=given.endpoint, p256dh=given.p256dh, auth=given.auth)
    )
    quiet = None if body.quiet is None else (body.quiet.start, body.quiet.end, body.quiet.offset)
    wake_by(request.auth, given.channel, target, quiet=quiet, delay_ms=body.delay_ms, muted=body.muted)
    return queries.push(request.auth)


@router.delete("/me/push", auth=suspended_too, response=answers.Empty)
def forget_me(request: Asked) -> dict[str, str]:
    do_not_wake(request.auth)
    return {}
