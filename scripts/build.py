"""Builds the client for tests: as `make run` does before it starts the server, but quickly."""

from scripts import node, stamps


def main() -> int:
    """Builds client/dist unless it is as the sources are."""
    with stamps.alone():
        node.ensure_client(quick=True)
    return 0
