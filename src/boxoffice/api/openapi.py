"""The OpenAPI 3.1 document, made from the table of operations: what is routed is what is told. Pure."""

import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import TypeAlias

import msgspec

from boxoffice.api.links import links_told
from boxoffice.api.operation import Granted, Operation, Parameter
from boxoffice.api.problem_schemas import FAULT, problem_components, problem_response, problem_responses
from boxoffice.errors import MethodNotAllowed

Json: TypeAlias = dict[str, object]

REFERENCES = "#/components/schemas/{name}"
TOKEN = "adminToken"  # noqa: S105 - the scheme's name in the document
DESCRIPTION = """Sells tickets for dates of events. A hold lives for a minute and becomes a sale when it is paid;
unpaid, its tickets go back on sale by themselves.

Every answer to a request that is not granted is `application/problem+json` (RFC 9457); the page behind each `type`
explains it. A path that is not listed here is answered 404 `not-found`, a method that is not listed 405
`method-not-allowed` with `Allow`. `HEAD` is answered wherever `GET` is. Unknown query parameters and unknown fields of
a body are ignored.
"""
GROUPS = {
    "Events": "What is for sale, and what is left of it.",
    "Tickets": "Hold, pay, let go.",
    "Admin": "What is for sale: making and changing it.",
    "Service": "The service itself.",
}
PATH_SCHEMAS: dict[str, Json] = {
    "event_id": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1, "examples": [1]},
    "date": {"type": "string", "format": "date", "examples": ["2026-12-24"]},
    "start_time": {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$", "examples": ["20:00"]},
    "reservation_id": {"type": "string", "examples": ["1-019abf2e8c5b7d3e9a417f0c2b6d8e51"]},
    "slug": {"type": "string", "examples": ["sold-out"]},
    "file": {"type": "string", "examples": ["start.js"]},
}
PATH_DESCRIPTIONS = {
    "event_id": "The event's id.",
    "date": "A date of the event, local to its time zone.",
    "start_time": "The date's start, local to the event's time zone, HH:MM or HH:MM:SS.",
    "reservation_id": "The reservation's id, as the hold answered it.",
    "slug": "The last segment of a problem's `type`.",
    "file": "The file's name.",
}


def openapi_document(operations: Sequence[Operation]) -> Json:
    """Return the whole document."""
    schemas = _Schemas(operations)
    paths: dict[str, Json] = {}
    for operation in operations:
        item = paths.setdefault(operation.path, _path_item(operation.path))
        item[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Boxoffice", "version": version("boxoffice"), "description": DESCRIPTION},
        "tags": [{"name": name, "description": description} for name, description in GROUPS.items()],
        "paths": paths,
        "components": {
            "schemas": {**schemas.components, **problem_components()},
            "responses": {"UnexpectedFault": FAULT, "MethodNotAllowed": problem_response([MethodNotAllowed])},
            "securitySchemes": {
                TOKEN: {"type": "http", "scheme": "bearer", "description": "The admin token of this installation."}
            },
        },
    }


class _Schemas:
    """The JSON Schemas of every type that the operations name; those of structs are references to components."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._kinds = list(_kinds(operations))
        self._schemas, self.components = msgspec.json.schema_components(self._kinds, ref_template=REFERENCES)

    def of(self, kind: object) -> Json:
        """Return the schema of a type, or the reference to it."""
        # By identity and equality of the annotations themselves: some are not hashable.
        return self._schemas[self._kinds.index(kind)]


def _kinds(operations: Iterable[Operation]) -> Iterable[object]:
    for operation in operations:
        if operation.body is not None:
            yield operation.body
        for parameter in (*operation.query, *operation.headers):
            yield parameter.kind
        for granted in operation.granted:
            if granted.kind is not None:
                yield granted.kind
            for header in granted.headers:
                yield header.kind


def _path_item(path: str) -> Json:
    names = re.findall(r"{(\w+)}", path)
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": PATH_DESCRIPTIONS[name],
            "schema": PATH_SCHEMAS[name],
        }
        for name in names
    ]
    return {"parameters": parameters} if parameters else {}


def _operation(operation: Operation, schemas: _Schemas) -> Json:
    described: Json = {"operationId": operation.name, "tags": [operation.group], "summary": operation.summary}
    if operation.description:
        described["description"] = operation.description
    parameters = [_parameter(each, "query", schemas) for each in operation.query]
    parameters += [_parameter(each, "header", schemas) for each in operation.headers]
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        examples = {name: {"value": value} for name, value in operation.body_examples.items()}
        content = {"application/json": {"schema": schemas.of(operation.body), "examples": examples}}
        described["requestBody"] = {"required": True, "content": content}
    granted = {str(each.status): _granted(each, schemas) for each in operation.granted}
    links = links_told(operation.name)
    if links:
        granted[str(operation.granted[0].status)]["links"] = links
    described["responses"] = {**granted, **problem_responses(operation.all_problems())}
    if operation.admin:
        described["security"] = [{TOKEN: []}]
    return described


def _parameter(parameter: Parameter, place: str, schemas: _Schemas) -> Json:
    return {
        "name": parameter.name,
        "in": place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": schemas.of(parameter.kind),
    }


def _granted(granted: Granted, schemas: _Schemas) -> Json:
    answer: Json = {"description": granted.description}
    if granted.headers:
        answer["headers"] = {
            header.name: {
                "description": header.description,
                "required": header.required,
                "schema": schemas.of(header.kind),
            }
            for header in granted.headers
        }
    if granted.kind is not None:
        content: Json = {"schema": schemas.of(granted.kind)}
        if granted.example is not None:
            content["examples"] = {"an answer": {"value": granted.example}}
        answer["content"] = {"application/json": content}
    elif granted.media_type is not None:
        answer["content"] = {granted.media_type: {"schema": {"type": "string"}}}
    return answer
