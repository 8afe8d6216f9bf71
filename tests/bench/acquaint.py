# ruff: noqa: E402 (Django wants to be set up before its models are imported)
"""Puts everybody on the server whose DATA_DIR is set into one room, so that each may add each: `python -m tests.bench.acquaint`.

A thousand devices would take minutes to meet by themselves.
"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

import django

django.setup()

from chat.models import Device, Room, RoomDevice


def main() -> int:
    devices = list(Device.objects.select_related("account"))
    network = devices[0].account.network
    room = Room.objects.create(network=network, kind="group", epoch=1, head=0, group_info=b"")
    RoomDevice.objects.bulk_create(
        RoomDevice(room=room, device=device, leaf=leaf) for leaf, device in enumerate(devices)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
