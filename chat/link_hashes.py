"""Lists of web addresses' hosts as truncated hashes, for hints on people's devices (docs/hints.md)."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

#: What a list begins with; then the count (4 bytes, big-endian), then the hashes in ascending order.
MAGIC = b"KHL1"
HASH_BYTES = 8
#: How public lists write a host: for a hosts file, an ad blocker, or with everything below it.
_PUBLISHED = re.compile(r"(?:(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+|\|\||\*\.)(?P<host>[^\s^]+)\^?(?:\$[a-z,-]+)?")
#: What hosts files name besides; `0.0.0.0` is an address there and the machine itself.
_OF_THE_MACHINE = re.compile(
    r"(?:[\d.]+|[0-9a-f:]+)\s+(?:local(?:host(?:\.localdomain)?)?|broadcasthost|ip6-\w+|[0.]+)"
)
#: An ad blocker's rules for less or more than one whole host: a path, a pattern, an exception; a part of a page.
_RULE = re.compile(r"(?:@@|\|\|?|[./])\S*\w\S*")
_PART_OF_A_PAGE = re.compile(r"[^\s#]*#[@?$%]*#\S")
_HOST = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class Read(NamedTuple):
    hosts: set[str]
    #: How many rules were passed over because they are for no whole host.
    passed_over: int


class NotAHost(ValueError):
    """A line of the list is no host."""

    def __init__(self, line: int) -> None:
        super().__init__(f"Line {line} is no host, as example.org (other letters than a to z as xn--…).")


def place(data_dir: Path) -> Path:
    """Where an operator's own list lies; without one, the client's own is served."""
    return data_dir / "hints" / "links"


def hosts_in(lines: Iterable[str]) -> Read:
    """One host a line, plain, `0.0.0.0 host`, `||host^` or `*.host`; what follows `#` is passed over, and so are lines that
    begin with `!` or `[`, and an ad blocker's rules that are for no whole host: `||bit.ly/abc^` says nothing against bit.ly.
    A leading `www.` does not count. Raises NotAHost.
    """
    hosts: set[str] = set()
    passed_over = 0
    for number, line in enumerate(lines, 1):
        whole = line.strip().lower()
        said = whole.partition("#")[0].strip()
        if _PART_OF_A_PAGE.match(whole):
            passed_over += 1
        elif not said or said[0] in "![" or _OF_THE_MACHINE.fullmatch(said):
            continue
        elif host := _host(said):
            hosts.add(host)
        elif _RULE.fullmatch(said):
            passed_over += 1
        else:
            raise NotAHost(number)
    return Read(hosts, passed_over)


def _host(said: str) -> str | None:
    published = _PUBLISHED.fullmatch(said)
    host = (published["host"] if published else said).rstrip(".").removeprefix("www.")
    return host if _HOST.fullmatch(host) else None


def packed(hosts: Iterable[str]) -> bytes:
    """The list as devices fetch it, whole."""
    hashes = sorted({hashlib.sha256(host.encode()).digest()[:HASH_BYTES] for host in hosts})
    return MAGIC + len(hashes).to_bytes(4, "big") + b"".join(hashes)
