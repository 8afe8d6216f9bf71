"""Which process of tests runs what: tests that share a server run in one, or else each process would start it."""

import re

from xdist.scheduler import LoadScopeScheduling

#: What a test's id says of the database that it and the others of its file share.
_DATABASE = re.compile(r"[\[-](sqlite|postgresql)\b", re.IGNORECASE)
#: Files whose tests share a server on one database alone.
_FILES = frozenset(
    {
        "tests/delivery/test_processes.py",
        "tests/http/test_quiet.py",
        "tests/http/test_serve.py",
        "tests/socket/test_limits.py",
    }
)


def shared(test: str) -> str:
    """What names everything that has to run in the same process as this test: its own id, when that is nothing else."""
    file = test.split("::", maxsplit=1)[0]
    database = _DATABASE.search(test)
    if database is not None:
        return f"{file} on {database[1]}"
    return file if file in _FILES else test


class Sharing(LoadScopeScheduling):  # type: ignore[misc] # xdist carries no types
    """Hands out tests one by one, but those that share a server together, and first."""

    def _split_scope(self, nodeid: str) -> str:
        return shared(nodeid)
