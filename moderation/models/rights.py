"""What a network lets its moderators do."""

from django.db import models

from chat.models import Account, Network


class Rights(models.Model):
    """What coordinators have taken from a moderator: kinds of decisions, `export`, `hand_over`. Without a row nothing is.

    Of a coordinator it says what they lose again as a moderator.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="moderation_rights")
    denied = models.JSONField(default=list)


class Rules(models.Model):
    """A network's own rules for its moderators. Without a row, bans and hand-overs need a second one."""

    network = models.OneToOneField(Network, on_delete=models.CASCADE, related_name="moderation_rules")
    second_for = models.JSONField(default=list)
