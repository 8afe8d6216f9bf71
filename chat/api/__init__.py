"""The HTTP API (docs/protocol.md, section 3): one router per subject; a view parses, gets one guarded object,
calls one action and answers."""

from chat.api.app import api

__all__ = ["api"]
