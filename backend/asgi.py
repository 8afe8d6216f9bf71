"""The server for any ASGI server: HTTP by Django, `/ws` by Channels."""

import gc
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

# As in manage.py; on again below, since a process that has set Django up calls no BackendConfig.ready here.
gc.disable()

from django.core.asgi import get_asgi_application  # noqa: E402 (after gc.disable, which is what it is for)

# Before anything that imports models.
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402

from backend.asgi_middleware import BodyLimit, CollectedAnswers, SocketGate  # noqa: E402
from backend.checks import refuse_errors  # noqa: E402
from backend.static import ClientFiles  # noqa: E402
from backend.token_gate import TokenGate  # noqa: E402
from chat.consumers import SocketConsumer  # noqa: E402
from chat.push import inside  # noqa: E402

refuse_errors()

application = ProtocolTypeRouter(
    {
        "http": ClientFiles(TokenGate(BodyLimit(CollectedAnswers(django_application)))),
        "websocket": SocketGate(SocketConsumer.as_asgi()),
    }
)

if "daphne.server" in sys.modules:
    from backend import daphne_limits

    daphne_limits.install()

inside.start()

gc.freeze()
gc.enable()

# While another thread computes, a message waits so long for the interpreter at each of its steps: Python's own 5 ms are
# longer than storing it takes.
sys.setswitchinterval(0.0005)
