"""What commands share that decide about an account: on what it rests."""

from argparse import ArgumentTypeError

from django.core.management.base import CommandParser

from chat.api.fields import plain
from moderation.models.decision import MAX_LAW


def ask_for_ground(parser: CommandParser) -> None:
    """`card` (its number) and `law` (its name) among the options; one of the two has to be given, the other is None."""
    ground = parser.add_mutually_exclusive_group(required=True)
    ground.add_argument("--card", type=int, help="the card of the code of conduct that it goes against, from 1")
    ground.add_argument("--law", type=_law, help="the law that forbids it, as 'Criminal Code, section 232'")


def _law(said: str) -> str:
    if not 2 <= len(said) <= MAX_LAW:
        raise ArgumentTypeError(f"name the law in 2 to {MAX_LAW} letters")
    try:
        return plain(said)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
