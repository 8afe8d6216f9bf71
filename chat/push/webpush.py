"""Web Push (RFC 8030, 8291, 8292) by pywebpush: browsers, installed PWAs, UnifiedPush."""

from __future__ import annotations

import base64
import logging
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from django.conf import settings
from py_vapid import Vapid02
from pywebpush import WebPushException, webpush_async

from chat.push.channels import vapid_private_key
from chat.push.endpoints import BadEndpoint, check_endpoint, origin, public_only, trusted
from chat.push.retry_after import retry_after_ms
from chat.push.sealing import Target
from chat.push.sender import PAYLOAD, TTL_SECONDS, Outcome, Result, of_status

logger = logging.getLogger(__name__)

#: The same for calls: another one would tell the push service who is staff. What is not urgent may take a call's place
#: while the phone is off; calls come again as long as somebody is needed.
TOPIC = "sync"
_VAPID_SECONDS = 12 * 3600
#: Behind it are phones whose sleep only a high urgency ends; elsewhere it would cost battery and gain nothing.
_NEEDS_HIGH = ("fcm.googleapis.com",)
_CONNECTIONS = 200


class _PublicResolver(AbstractResolver):
    """Names of the public internet alone. The connection goes to the very addresses that were checked."""

    def __init__(self) -> None:
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not found or not all(public_only(each["host"].partition("%")[0]) for each in found):
            raise BadEndpoint("public addresses only")
        return found

    async def close(self) -> None:
        await self._inner.close()


class _Answer:
    """What pywebpush reads of a response. The body is left unread: a push service has nothing to tell there."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.status = response.status
        self.reason = response.reason
        self.headers = response.headers

    async def text(self) -> str:
        return ""


class _Post:
    """The session as pywebpush uses it, without redirects and without bodies. Keeps the answer of its only request."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self.answer: _Answer | None = None

    async def post(self, url: str, *, data: bytes, headers: dict[str, str], **_: object) -> _Answer:
        """The time-out is the session's."""
        async with self._session.post(url, data=data, headers=dict(headers), allow_redirects=False) as response:
            self.answer = _Answer(response)
        return self.answer


class WebPushSender:
    def __init__(self) -> None:
        self._vapid = Vapid02(vapid_private_key())
        seconds = settings.PUSH_TIMEOUT_MS / 1000
        self._timeout = aiohttp.ClientTimeout(total=seconds, connect=seconds / 2)
        self._public = self._session(_PublicResolver())
        self._trusted = self._session(None)

    def _session(self, resolver: AbstractResolver | None) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver, limit=_CONNECTIONS),
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "push"},
            trust_env=False,
        )

    def service(self, target: Target) -> str:
        return origin(urlsplit(target.endpoint))

    async def send(self, target: Target, urgent: bool) -> Result:
        try:
            check_endpoint(target.endpoint)
        except BadEndpoint:
            return Result(Outcome.GONE)
        post = _Post(self._trusted if trusted(target.endpoint) else self._public)
        try:
            await self._push(post, target, urgent)
        except BadEndpoint:
            return Result(Outcome.GONE)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return Result(Outcome.LATER)
        except (TimeoutError, aiohttp.ClientError, OSError):
            return Result(Outcome.UNSURE)
        except WebPushException:
            logger.debug("a push service answered with a status above 202")
        answer = post.answer
        if answer is None:
            return Result(Outcome.REFUSED)
        return of_status(answer.status, retry_after_ms(answer.headers.get("Retry-After")))

    async def _push(self, post: _Post, target: Target, urgent: bool) -> None:
        host = urlsplit(target.endpoint).hostname
        headers = {
            "Topic": TOPIC,
            "Urgency": "high" if urgent or host in _NEEDS_HIGH else "normal",
        }
        await webpush_async(
            subscription_info={
                "endpoint": target.endpoint,
                "keys": {"p256dh": _base64url(target.p256dh), "auth": _base64url(target.auth)},
            },
            data=PAYLOAD,
            vapid_private_key=self._vapid,
            vapid_claims={"sub": settings.VAPID_SUBJECT, "exp": int(time.time()) + _VAPID_SECONDS},
            ttl=TTL_SECONDS,
            headers=headers,
            aiohttp_session=_as_session(post),
        )

    async def close(self) -> None:
        await self._public.close()
        await self._trusted.close()


def _as_session(post: _Post) -> Any:
    return post


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
