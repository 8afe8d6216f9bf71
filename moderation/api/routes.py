"""The routers that `backend/urls.py` adds to the API."""

from ninja import Router

from moderation.api import audit, cases, decisions, referrals, transparency

routers: list[Router] = [cases.router, decisions.router, referrals.router, audit.router, transparency.router]
