"""HTTP: cases, the audit log, the published keys. A view parses, asks access, calls one action, answers."""

from moderation.api.routes import routers

__all__ = ["routers"]
