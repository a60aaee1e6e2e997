"""Whether an answer is one that the OpenAPI document tells of: status, media type, body and headers."""

import json
import re
from typing import Any

import httpx
import jsonschema_rs

from boxoffice.api.operations import openapi_json
from boxoffice.api.web import ROUTES

Json = dict[str, Any]

DOCUMENT: Json = json.loads(openapi_json())
PAGE = [re.compile(re.sub(r"{\w+}", "[^/]+", path)) for path in ROUTES]
TEMPLATES = {re.compile(re.sub(r"{\w+}", "[^/]+", path)): item for path, item in DOCUMENT["paths"].items()}
NOT_TOLD = {404, 405}
"""What is answered to paths that are no route and to methods that are not known."""


async def assert_told(answer: httpx.Response) -> None:
    """Assert that the OpenAPI document tells of this answer."""
    await answer.aread()
    method = answer.request.method.lower()
    operation = _path_item(answer.request.url.path).get("get" if method == "head" else method)
    if operation is None and any(page.fullmatch(answer.request.url.path) for page in PAGE):
        return  # the page is no part of the API
    if operation is None:
        assert answer.status_code in NOT_TOLD
        return
    told = operation["responses"].get(str(answer.status_code))
    assert told is not None, f"{method} {answer.request.url.path} answered {answer.status_code}, which is not told"
    told = DOCUMENT["components"]["responses"]["UnexpectedFault"] if "$ref" in told else told
    for name, header in told.get("headers", {}).items():
        assert name in answer.headers or not header["required"], f"{name} is missing"
    if method != "head":
        _assert_body(answer, told.get("content", {}))


def _path_item(path: str) -> Json:
    found: list[Json] = [item for template, item in TEMPLATES.items() if template.fullmatch(path)]
    return found[0] if found else {}


def _assert_body(answer: httpx.Response, content: Json) -> None:
    if not content:
        assert answer.content == b""
        return
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in content or "*/*" in content, media_type
    if media_type.endswith("json"):
        schema = {**content[media_type]["schema"], "components": DOCUMENT["components"]}
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(answer.json())
