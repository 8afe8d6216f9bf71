"""Keeps tests on this machine: whatever they start, nothing of it reaches the internet."""

import ipaddress
import socket
from typing import Any

import pytest


def deny_the_internet(patch: pytest.MonkeyPatch) -> None:
    """Makes this process refuse every connection that leaves loopback, as long as `patch` holds."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(self: socket.socket, address: Any) -> None:
        refuse_elsewhere(self, address)
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        refuse_elsewhere(self, address)
        return connect_ex(self, address)

    patch.setattr(socket.socket, "connect", guarded)
    patch.setattr(socket.socket, "connect_ex", guarded_ex)


def refuse_elsewhere(connection: socket.socket, address: Any) -> None:
    """AssertionError when `address` of an internet socket is not on loopback."""
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = address[0]
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise AssertionError(f"A test tried to reach {host}: tests stay on this machine.")
