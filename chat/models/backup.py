"""What an account keeps here to come back with: sealed under words that the server never sees."""

from django.db import models

from chat.models.account import Account
from chat.models.fields import BytesField


class Backup(models.Model):
    """One sealed backup an account, padded by the client. Whoever has its words finds it by a locator of 32 bytes.

    `locator_hash` is the locator's SHA-256; `saved_on` the day of the latest save, never the time.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="backup")
    locator_hash = BytesField(max_length=32, unique=True)
    sealed = BytesField()
    saved_on = models.DateField(auto_now=True)
