"""Firebase Cloud Messaging by firebase-admin (HTTP v1), for a packaged Android client."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from functools import partial
from typing import Any

import firebase_admin
from django.conf import settings
from firebase_admin import credentials, exceptions, messaging
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request

from chat.push.retry_after import retry_after_ms
from chat.push.sealing import Target
from chat.push.sender import PAYLOAD, TTL_SECONDS, Outcome, Result, of_status

logger = logging.getLogger(__name__)

COLLAPSE_KEY = "sync"


class FcmSender:
    def __init__(self) -> None:
        account = json.loads(settings.FCM_SERVICE_ACCOUNT)
        self._seconds = settings.PUSH_TIMEOUT_MS / 1000
        self._app = firebase_admin.initialize_app(
            credentials.Certificate(account), {"httpTimeout": self._seconds}, name=os.urandom(8).hex()
        )
        self._credential = self._app.credential.get_credential()
        self._refreshing = asyncio.Lock()
        _point_at(settings.FCM_URL, self._app, account["project_id"])

    def service(self, target: Target) -> str:
        return settings.FCM_URL

    async def send(self, target: Target, urgent: bool) -> Result:
        try:
            await self._refresh()
        except GoogleAuthError as error:
            logger.warning("FCM gives no access token: %s", type(error).__name__)
            return Result(Outcome.LATER)
        try:
            # One message a call: when authorising fails inside, firebase-admin forgets what came of the others.
            async with asyncio.timeout(2 * self._seconds):
                answers = await messaging.send_each_async([_message(target.token)], app=self._app)
        except TimeoutError:
            return Result(Outcome.UNSURE)
        except exceptions.FirebaseError as error:
            return _of_error(error.cause if isinstance(error.cause, exceptions.FirebaseError) else error)
        answer = answers.responses[0]
        return Result(Outcome.SENT, 200) if answer.success else _of_error(answer.exception)

    async def _refresh(self) -> None:
        """Ahead of firebase-admin, which would do it on the event loop and keep every other wake-up waiting."""
        async with self._refreshing:
            if not self._credential.valid:
                request = partial(Request(), timeout=self._seconds)
                await asyncio.to_thread(self._credential.refresh, request)

    async def close(self) -> None:
        firebase_admin.delete_app(self._app)


def _point_at(url: str, app: Any, project: str) -> None:
    """The only place that says where messages go: firebase-admin has no setting for it."""
    service = messaging._get_messaging_service(app)  # noqa: SLF001
    service._fcm_url = f"{url}/v1/projects/{project}/messages:send"  # noqa: SLF001


def _message(token: str) -> Any:
    return messaging.Message(
        token=token,
        data={"m": PAYLOAD},
        android=messaging.AndroidConfig(
            collapse_key=COLLAPSE_KEY,
            # Android puts off everything else until the phone is picked up.
            priority="high",
            ttl=TTL_SECONDS,
        ),
    )


def _of_error(error: Any) -> Result:
    """What FCM refused, by its documented error codes."""
    response = error.http_response
    if response is None:
        unsent = isinstance(error, exceptions.UnavailableError) or isinstance(error.cause, GoogleAuthError)
        return Result(Outcome.LATER if unsent else Outcome.UNSURE)
    status: int = response.status_code
    if isinstance(error, messaging.UnregisteredError | messaging.SenderIdMismatchError):
        return Result(Outcome.GONE, status)
    if isinstance(error, exceptions.InvalidArgumentError):
        # The message is a constant of ours, so it is the token that is wrong.
        return Result(Outcome.GONE, status)
    if status == 404:
        # Not the token: that would be UNREGISTERED. FCM_URL or the project, which whoever runs the server can mend.
        return Result(Outcome.LATER, status)
    return of_status(status, retry_after_ms(response.headers.get("Retry-After")))
