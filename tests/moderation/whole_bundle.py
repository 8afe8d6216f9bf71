"""One evidence bundle that is whole, and what a moderator who lies makes of it before the server seals it."""

from dataclasses import dataclass
from functools import cache
from uuid import uuid4

import msgspec

from moderation.evidence.bundle import Bundle, Message
from moderation.evidence.verify import Verdict, verify
from tests.moderation.bundles import Maker
from tests.moderation.pictures import JPEG, png, sent

REPORTER, INFILTRATOR, BYSTANDER, OTHER_ROOM = uuid4(), uuid4(), uuid4(), uuid4()
HAND_OVER = str(uuid4())


@dataclass(frozen=True)
class Made:
    maker: Maker
    bundle: Bundle
    pictures: dict[str, bytes]
    data: bytes

    def verified(self, data: bytes | None = None) -> Verdict:
        return verify(self.data if data is None else data, self.maker.published)


@cache
def made() -> Made:
    maker = Maker()
    hill, street, face = sent(png(), "a hill"), sent(JPEG), sent(png(b"bystander face"), "bystander description")
    messages = [
        maker.message(INFILTRATOR, "Person A", "I have work for you abroad. <b>No papers</b> & good pay", 4),
        maker.message(REPORTER, "Person B", "لا أريد", 6),
        maker.message(INFILTRATOR, "Person A", "send me pictures", 9, pictures=[hill]),
        maker.message(INFILTRATOR, "Person A", "", 10, pictures=[street]),
        maker.withheld(BYSTANDER, "bystander words", 5, pictures=[face]),
    ]
    bundle, pictures = maker.bundle(messages), {one.name: one.data for one in (hill, street)}
    return Made(maker, bundle, pictures, maker.zip(bundle, pictures))


def sealed_anew(bundle: Bundle) -> list[str]:
    """A moderator who lies before the server seals it. The server's log is what it was."""
    named = {name for message in bundle.messages for name in message.pictures}
    pictures = {name: data for name, data in made().pictures.items() if name in named}
    return made().verified(made().maker.zip(bundle, pictures, made().bundle.custody)).problems


def sealed_with(messages: list[Message]) -> list[str]:
    """Of messages of which the server's log has each."""
    named = {name for message in messages for name in message.pictures}
    pictures = {name: data for name, data in made().pictures.items() if name in named}
    return made().verified(made().maker.zip(made().maker.bundle(messages), pictures)).problems


def with_message(number: int, **changed: object) -> Bundle:
    messages = list(made().bundle.messages)
    messages[number - 1] = msgspec.structs.replace(messages[number - 1], **changed)
    return msgspec.structs.replace(made().bundle, messages=messages)
