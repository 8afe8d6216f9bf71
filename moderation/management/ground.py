"""What commands share that decide about an account: on what it rests, as whom it concerns reads it."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandParser

from chat.api.fields import plain
from moderation.actions.operating import Reasons
from moderation.models.decision import MAX_LAW
from moderation.models.facts import MAX_SAID

READ = (
    "whoever it concerns and the moderators read it, and the server keeps it as long as the account: name nobody else"
)


def ask_for_reasons(parser: CommandParser) -> None:
    """`card` (its number) or `law` (its name), one of which has to be given, `facts` and `why`, both too, and `notice`."""
    ground = parser.add_mutually_exclusive_group(required=True)
    ground.add_argument("--card", type=int, help="the card of the code of conduct that it goes against, from 1")
    ground.add_argument(
        "--law", type=_line("the law", MAX_LAW), help="the law that forbids it, as 'Criminal Code, s. 232'"
    )
    said = _line("it", MAX_SAID)
    parser.add_argument("--facts", type=said, required=True, help=f"what happened, as 'On 3 May you …'; {READ}")
    parser.add_argument("--why", type=said, required=True, help=f"why that falls under the card or the law; {READ}")
    parser.add_argument(
        "--notice", action="store_true", help="somebody told you of it, and you did not see it yourself"
    )


def reasons(options: dict[str, Any]) -> Reasons:
    return Reasons(options["card"], options["law"], options["why"], options["facts"], options["notice"])


def _line(what: str, longest: int) -> Callable[[str], str]:
    def read(said: str) -> str:
        if not 2 <= len(said) <= longest:
            raise ArgumentTypeError(f"say {what} in 2 to {longest} letters")
        try:
            return plain(said)
        except ValueError as error:
            raise ArgumentTypeError(str(error)) from None

    return read
