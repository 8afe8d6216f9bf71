"""Networks and the code of conduct that a new one starts with."""

import re
from collections.abc import Sequence

from django.db import transaction

from chat.actions.acts import tell
from chat.models import Account, Conduct, Network

_LANGUAGE = re.compile(r"[a-z]{2,3}")
MOST_LANGUAGES = 20

# Coordinators replace these by their network's own words. Reading age eleven; no blame (ux.md in spirit).
# `finding` is what moderators are offered first for a breach of the card (`Finding` of moderation/models/decision.py).
DEFAULT_CARDS = [
    {
        "title": "Be kind",
        "text": "Everyone here has been through a lot. Speak to others the way you would like to be spoken to. "
        "You can disagree with someone and still be gentle.",
        "finding": "hurtful",
    },
    {
        "title": "What is said here stays here",
        "text": "Please do not share what others write, or who is here, with anyone outside. "
        "You decide what to tell about yourself. You never have to share your real name or where you are.",
        "finding": "told_on",
    },
    {
        "title": "Go at your own pace",
        "text": "You can read without writing. You can take a break or leave at any time, and come back later. "
        "Before you write about something hard, say so first, so that people can choose.",
    },
    {
        "title": "No buying, selling or recruiting",
        "text": "Nobody here may offer work, money, travel or dates, or ask for pictures or passwords. "
        "If someone does, it is not your fault. You can block them and tell a moderator.",
        "finding": "lured",
    },
    {
        "title": "You can ask for help",
        "text": "Moderators are people from this network who are here for you. "
        "If something worries you, you can show them the messages you choose. Nobody is told that you asked.",
    },
]


def create_network(title: str, cards: list[dict[str, str]] | None = None) -> Network:
    """A network with version 1 of its code of conduct."""
    with transaction.atomic():
        network = Network.objects.create(title=title, conduct_version=1)
        Conduct.objects.create(network=network, version=1, cards=cards or DEFAULT_CARDS)
    return network


def lock_every_network() -> None:
    """Until the transaction ends nobody else writes into the record of any network."""
    list(Network.objects.select_for_update(no_key=True).order_by("id").values_list("id", flat=True))


def tell_every_network(action: str) -> None:
    """What the operator does to the whole server, for the record of each network. Call it inside the transaction that does it."""
    for network in Network.objects.order_by("id").values_list("id", flat=True):
        tell(network, None, action)


def set_languages(network: Network, languages: Sequence[str]) -> None:
    """What its people write in, as ISO 639 codes (`es`), set by the operator. Repeating it changes nothing. Raises ValueError."""
    chosen = list(dict.fromkeys(languages))
    wrong = [language for language in chosen if not _LANGUAGE.fullmatch(language)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no language code, as es or uk")
    if len(chosen) > MOST_LANGUAGES:
        raise ValueError(f"at most {MOST_LANGUAGES} languages")
    with transaction.atomic():
        fresh = Network.objects.select_for_update(no_key=True).get(pk=network.pk)
        if fresh.languages != chosen:
            fresh.languages = chosen
            fresh.save(update_fields=["languages"])
            tell(fresh.id, None, "languages_set", detail=",".join(chosen))


def set_contacts(by: Account, contacts: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Whom the network's members are told to call, in this order, in the place of all that were there; answers with them.

    What is written down about it is how many there are. Repeating it changes nothing.
    """
    chosen = list(contacts)
    with transaction.atomic():
        network = Network.objects.select_for_update(no_key=True).get(pk=by.network_id)
        if network.contacts != chosen:
            network.contacts = chosen
            network.save(update_fields=["contacts"])
            tell(network.id, by, "contacts_set", detail=str(len(chosen)))
    return chosen
