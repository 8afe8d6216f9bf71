"""Everything that is served over HTTP besides the client's files."""

from django.urls import URLPattern, URLResolver, path

from backend import errors, health
from chat.api import api
from moderation.api import routers
from moderation.api.audit import published_keys
from moderation.api.public import public_report

for router in routers:
    api.add_router("", router)

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path(".well-known/kindred-keys.json", published_keys),
    path("transparency/<uuid:network>", public_report),
    path("api/v1/", api.urls),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
