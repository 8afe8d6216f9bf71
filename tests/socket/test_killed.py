"""A process that is killed between what it wrote and what follows from it: somebody else does that."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from os import environ

from chat.models import Account
from moderation.models import Decision
from tests.delivery.groups import circle
from tests.delivery.harness import ROOT, Server, Store, in_db, socket_to
from tests.socket.test_bans import removals

KILLED = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from moderation.actions import effects
effects.apply = lambda decision: os.kill(os.getpid(), signal.SIGKILL)
call_command("ban_account", sys.argv[1], "--law", "A law", "--facts", "It was so.", "--why", "It is that.")
"""


async def test_a_ban_holds_though_its_process_was_killed_before_it_did_anything(store: Store, server: Server) -> None:
    here = await in_db(circle, 3)
    one, _, gone = here.members
    async with socket_to(server, gone.token) as banned, socket_to(server, one.token) as member:
        environment = {**environ, **store.environment, "DJANGO_SETTINGS_MODULE": "backend.settings"}
        command = [sys.executable, "-c", KILLED, str(gone.account)]
        killed = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, env=environment, check=False)
        assert killed.returncode == -signal.SIGKILL
        decision = await in_db(Decision.objects.get, subject=gone.account)
        assert (decision.state, decision.unfinished) == ("in_force", True)
        assert not (await in_db(Account.objects.get, id=gone.account)).suspended
        assert (await banned.expect("bye", 60))["code"] == "suspended"
        async with asyncio.timeout(30):
            while await in_db(lambda: Decision.objects.get(id=decision.id).unfinished):  # noqa: ASYNC110 (a row tells nobody)
                await asyncio.sleep(0.2)
        assert await in_db(removals, here.room) == [2]
        assert (await member.ask(here.group.message(), "accepted"))["code"] == "epoch_too_old"
