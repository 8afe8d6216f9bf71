"""Lists of web addresses' hosts as truncated hashes, for hints on people's devices (docs/hints.md)."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

#: What a list begins with; then the count (4 bytes, big-endian), then the hashes in ascending order.
MAGIC = b"KHL1"
HASH_BYTES = 8
_HOST = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class NotAHost(ValueError):
    """A line of the list is no host."""

    def __init__(self, line: int) -> None:
        super().__init__(f"Line {line} is no host, as example.org (other letters than a to z as xn--…).")


def place(data_dir: Path) -> Path:
    """Where an operator's own list lies; without one, the client's own is served."""
    return data_dir / "hints" / "links"


def hosts_in(lines: Iterable[str]) -> set[str]:
    """One host a line; what follows `#` is passed over. A leading `www.` does not count. Raises NotAHost."""
    hosts = set()
    for number, line in enumerate(lines, 1):
        host = line.partition("#")[0].strip().lower().rstrip(".").removeprefix("www.")
        if not host:
            continue
        if not _HOST.fullmatch(host):
            raise NotAHost(number)
        hosts.add(host)
    return hosts


def packed(hosts: Iterable[str]) -> bytes:
    """The list as devices fetch it, whole."""
    hashes = sorted({hashlib.sha256(host.encode()).digest()[:HASH_BYTES] for host in hosts})
    return MAGIC + len(hashes).to_bytes(4, "big") + b"".join(hashes)
