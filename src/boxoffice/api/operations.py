"""Every operation of the API: the one table from which requests are routed and the OpenAPI document is made."""

from collections.abc import Mapping
from functools import cache

import msgspec

from boxoffice.api import admin, admin_views, events, health, holds, pages, reservations, web
from boxoffice.api.call import CONTENT_TYPE, JSON, NO_CACHE, NO_STORE, Answer, Call
from boxoffice.api.conditional import unless_known
from boxoffice.api.messages import OpenapiDocument
from boxoffice.api.metrics import CONTENT_TYPE as EXPOSITION_TYPE
from boxoffice.api.openapi import openapi_document
from boxoffice.api.operation import Granted, Operation
from boxoffice.api.parameters import CACHE_CONTROL, ETAG, IF_NONE_MATCH
from boxoffice.api.resource import Handler, Resource


async def show_openapi(call: Call) -> Answer:
    """Answer with the OpenAPI document of all operations."""
    return unless_known(call, Answer(200, openapi_json(), (JSON, NO_CACHE)))


async def show_metrics(call: Call) -> Answer:
    """Answer with everything that the processes behind this port counted."""
    return Answer(200, await call.office.metrics.whole_exposition(), ((CONTENT_TYPE, EXPOSITION_TYPE), NO_STORE))


@cache
def openapi_json() -> bytes:
    """Return the OpenAPI document as it is sent; the same bytes from the same program."""
    return msgspec.json.format(msgspec.json.encode(openapi_document(OPERATIONS)), indent=1)


OPERATIONS: tuple[Operation, ...] = (
    *holds.OPERATIONS,
    *reservations.OPERATIONS,
    *events.OPERATIONS,
    *admin.OPERATIONS,
    *admin_views.OPERATIONS,
    *health.OPERATIONS,
    *pages.OPERATIONS,
    Operation(
        method="GET",
        path="/metrics",
        handler=show_metrics,
        name="getMetrics",
        group="Service",
        summary="Counts of the processes behind this port, for Prometheus",
        granted=(Granted(status=200, description="Prometheus's text format.", media_type="text/plain"),),
        asks_database=False,
    ),
    Operation(
        method="GET",
        path="/openapi.json",
        handler=show_openapi,
        name="getOpenapi",
        group="Service",
        summary="This document",
        headers=(IF_NONE_MATCH,),
        granted=(
            Granted(status=200, description="OpenAPI 3.1.", kind=OpenapiDocument, headers=(ETAG, CACHE_CONTROL)),
            Granted(status=304, description="Unchanged.", headers=(ETAG, CACHE_CONTROL)),
        ),
        asks_database=False,
    ),
)


def resources() -> Mapping[str, Resource]:
    """Return the resource of each path's template, with all of its methods; those of the page besides the API's."""
    handlers: dict[str, dict[str, Handler]] = {path: {"GET": handler} for path, handler in web.ROUTES.items()}
    for operation in OPERATIONS:
        handlers.setdefault(operation.path, {})[operation.method] = _handler(operation)
    return {path: Resource(path, methods) for path, methods in handlers.items()}


def _handler(operation: Operation) -> Handler:
    return _behind_token(operation.handler) if operation.admin else operation.handler


def _behind_token(handler: Handler) -> Handler:
    async def checked(call: Call) -> Answer:
        await call.office.door.admit(call.headers("authorization"), call.client)
        given = handler(call)
        return given if isinstance(given, Answer) else await given

    return checked
