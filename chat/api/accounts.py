"""Those whom one shares a room with."""

from typing import Any
from uuid import UUID

from ninja import Router

from chat import queries
from chat.access import access_account, access_accounts
from chat.api import answers, bodies
from chat.api.auth import Asked, suspended_too

router = Router()


@router.get("/accounts/{uuid:account}", auth=suspended_too, response=answers.Account)
def account(request: Asked, account: UUID) -> queries.AccountView:
    return queries.account(request.auth, access_account(request.auth, account))


@router.post("/accounts", auth=suspended_too, response=answers.Accounts)
def accounts(request: Asked, body: bodies.AccountsRequest) -> dict[str, Any]:
    return {"accounts": queries.accounts(request.auth, access_accounts(request.auth, set(body.accounts)))}
