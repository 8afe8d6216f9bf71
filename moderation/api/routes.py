"""The routers that `backend/urls.py` adds to the API."""

from ninja import Router

from moderation.api import audit, cases, decisions, transparency

routers: list[Router] = [cases.router, decisions.router, audit.router, transparency.router]
