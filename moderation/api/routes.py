"""The routers that `backend/urls.py` adds to the API."""

from ninja import Router

from moderation.api import audit, cases

routers: list[Router] = [cases.router, audit.router]
