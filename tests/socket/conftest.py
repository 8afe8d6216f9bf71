from tests.delivery.conftest import database_allowed, server, shared_store, store

__all__ = ["database_allowed", "server", "shared_store", "store"]
