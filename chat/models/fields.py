"""A binary column that is `bytes` on every database."""

from typing import Any

from django.db import models


class BytesField(models.BinaryField):  # type: ignore[type-arg]
    """Bytes, never a memoryview, whichever driver read them.

    In migrations it appears as Django's own BinaryField, so that they import no application code.
    """

    _pyi_private_set_type: bytes
    _pyi_private_get_type: bytes

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else bytes(value)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", args, kwargs
