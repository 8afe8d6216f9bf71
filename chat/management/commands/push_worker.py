import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand

from chat.push.channels import push_on
from chat.push.worker import Worker


class Command(BaseCommand):
    help = "Wakes devices that are away, until it is stopped. Any number of these may run beside each other."

    def handle(self, *args: Any, **options: Any) -> None:
        if not push_on():
            # It stays, since a process manager would take its end for a failure and stop everything.
            self.stderr.write("Push is off: set VAPID_SUBJECT or FCM_SERVICE_ACCOUNT_FILE and start this again.")
        asyncio.run(_run())


async def _run() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stopped.set)
    if push_on():
        await Worker(stopped).run()
    else:
        await stopped.wait()
