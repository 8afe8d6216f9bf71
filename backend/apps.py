import gc

from django.apps import AppConfig


class BackendConfig(AppConfig):
    name = "backend"

    def ready(self) -> None:
        from backend import checks

        checks.register_all()
        # Everything is imported, and none of it is ever garbage.
        gc.freeze()
        gc.enable()
