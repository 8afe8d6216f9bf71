"""The routers that `backend/urls.py` adds to the API."""

from ninja import Router

from moderation.api import audit, branches, cases, decisions, referrals, transparency

routers: list[Router] = [
    cases.router,
    decisions.router,
    branches.router,
    referrals.router,
    audit.router,
    transparency.router,
]
