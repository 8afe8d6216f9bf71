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

from backend.checks import refuse_errors  # noqa: E402
from backend.walls import BodyWall, SocketWall  # noqa: E402
from chat.consumers import SocketConsumer  # noqa: E402
from chat.push import inside  # noqa: E402

refuse_errors()

application = ProtocolTypeRouter(
    {
        "http": BodyWall(django_application),
        "websocket": SocketWall(SocketConsumer.as_asgi()),
    }
)

inside.start()

gc.freeze()
gc.enable()

# While another thread computes, a message waits so long for the interpreter at each of its steps: Python's own 5 ms are
# longer than storing it takes.
sys.setswitchinterval(0.0005)
