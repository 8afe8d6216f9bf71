"""Builds the client alone, as `make run` does before it starts the server."""

from scripts import node, stamps


def main() -> int:
    """Builds client/dist unless it is as the sources are."""
    with stamps.alone():
        node.ensure_client()
    return 0
