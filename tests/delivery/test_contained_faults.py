"""One thing that goes wrong on the event loop stays one thing."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from chat.delivery import fanout, messages
from chat.delivery.hub import Hub
from chat.delivery.layer import Layer
from chat.delivery.local_room import LocalRoom
from chat.delivery.log import Appended, Batch, Stamp
from chat.delivery.patience import SILENT_SECONDS
from chat.delivery.writer import Writer
from chat.protocol.errors import ProtocolError
from tests.delivery.harness import until
from tests.delivery.test_hub import ROOM, batch, connection


class Boom(Exception):
    pass


async def test_a_message_that_cannot_be_heard_does_not_end_hearing() -> None:
    heard: list[messages.AnyMessage] = []

    def hear(message: messages.AnyMessage) -> None:
        heard.append(message)
        if len(heard) == 1:
            raise Boom

    class Told:
        def __init__(self) -> None:
            self.waiting = [messages.encode(messages.DeliveredTo(b"other", uuid4(), seq)) for seq in (1, 2)]

        async def new_channel(self, prefix: str) -> str:
            return "here"

        async def receive(self, channel: str) -> dict[str, Any]:
            if not self.waiting:
                await asyncio.Event().wait()
            return {"data": self.waiting.pop(0)}

    told: Any = Told()
    task = asyncio.create_task(Layer(hear)._receive(told))
    await until(lambda: len(heard) == 2)
    assert not task.done()
    task.cancel()


def test_a_batch_that_cannot_be_given_out_keeps_no_other_back_and_its_owners_are_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = Hub()
    (sender, own), (reader, other) = connection(1), connection(2)
    for one in (sender, reader):
        hub.add(one)
        hub.subscribe(ROOM, one, 0)
    deliver = fanout.deliver

    def fail_first(room: LocalRoom, given: Batch) -> None:
        monkeypatch.setattr("chat.delivery.hub.deliver", deliver)
        raise Boom

    monkeypatch.setattr("chat.delivery.hub.deliver", fail_first)
    hub.publish(Appended([batch(1, 1, {1: sender}), batch(2, 1, {2: sender})]))
    assert own.seen() == [1, 2]
    assert other.seen() == [2]


async def test_a_fault_in_giving_out_leaves_no_job_waiting_and_the_writer_going() -> None:
    def fail(done: Appended) -> None:
        raise Boom

    writer = Writer(asyncio.get_running_loop(), lambda: Stamp("x", 1, bytes(32)), fail)
    writer.start()
    async with asyncio.timeout(30):
        assert await writer.run(lambda: ("done", [])) == "done"
        await writer.idle()
    await asyncio.to_thread(writer.stop)


async def test_a_database_that_answers_nothing_refuses_jobs_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    monkeypatch.setattr("chat.delivery.outstanding.SILENT_SECONDS", 1.0)
    assert SILENT_SECONDS > 1
    frozen = threading.Event()
    writer = Writer(asyncio.get_running_loop(), lambda: Stamp("x", 1, bytes(32)), lambda _: None)
    writer.start()

    begun: list[str] = []

    def work(name: str = "done") -> tuple[str, list[Batch]]:
        begun.append(name)
        frozen.wait()
        return "done", []

    # Two wait for it, a third is refused at once; what had not begun by then is never done.
    waiting = [asyncio.ensure_future(writer.run(lambda name=name: work(name))) for name in ("first", "second")]  # type: ignore[misc] # a lambda with a default
    assert [type(end) for end in await asyncio.gather(*waiting, return_exceptions=True)] == [ProtocolError] * 2
    with pytest.raises(ProtocolError):
        await writer.run(work)
    await asyncio.wait_for(writer.idle(), 30)
    frozen.set()
    await until(lambda: not writer.silent)
    assert await writer.run(work) == "done"
    assert begun == ["first", "done"]
    await asyncio.to_thread(writer.stop)
