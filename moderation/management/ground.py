"""What commands share that decide about an account: on what it rests."""

from django.core.management.base import CommandParser


def ask_for_ground(parser: CommandParser) -> None:
    """`card` (its number, or None for the law) among the options; one of the two has to be given."""
    ground = parser.add_mutually_exclusive_group(required=True)
    ground.add_argument("--card", type=int, help="the card of the code of conduct that it goes against, from 1")
    ground.add_argument("--law", action="store_true", help="it is about something that the law forbids")
