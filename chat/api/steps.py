"""What the audit log keeps for ever is limited, device by device: nobody makes it grow without end."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from chat.api.auth import Asked
from chat.api.rates import Rate, limit_by_device

# A busy evening at once, then three a minute.
STEPS = Rate("steps", 0.05, 100)

P = ParamSpec("P")
T = TypeVar("T")


def logged(view: Callable[Concatenate[Asked, P], T]) -> Callable[Concatenate[Asked, P], T]:
    """For a view that may write into the log. Raises rate_limited."""

    @wraps(view)
    def limited(request: Asked, /, *args: P.args, **given: P.kwargs) -> T:
        limit_by_device(request.auth, STEPS)
        return view(request, *args, **given)

    return limited
