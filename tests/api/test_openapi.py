"""The OpenAPI document: complete, true to what is routed, and true to what is answered."""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import jsonschema_rs
import pytest

from boxoffice.api.openapi import openapi_document
from boxoffice.api.operations import OPERATIONS, openapi_json, resources
from boxoffice.api.problem_schemas import schema_name
from boxoffice.api.problems import all_problems
from boxoffice.api.web import ROUTES
from boxoffice.errors import MethodNotAllowed
from tests.api.shop import Shop

Json = dict[str, Any]
DOCUMENT: Json = json.loads(openapi_json())
CONTRACT = {
    "GET /events": "200 304 422 503",
    "GET /events/{event_id}": "200 304 404 422 503",
    "POST /events/{event_id}/{date}/{start_time}": "201 404 409 413 415 422 429 503",
    "GET /reservation/{reservation_id}": "200 404 410 503",
    "POST /reservation/{reservation_id}": "200 404 409 410 413 415 422 503",
    "DELETE /reservation/{reservation_id}": "204 404 409 410 503",
    "POST /admin/ticket-types": "201 401 413 415 422 429 503",
    "GET /admin/ticket-types": "200 401 429 503",
    "POST /admin/events": "201 401 413 415 422 429 503",
    "POST /admin/events/{event_id}/dates": "201 401 404 409 413 415 422 429 503",
    "PATCH /admin/events/{event_id}": "200 401 404 409 413 415 422 429 503",
    "GET /admin/events/{event_id}": "200 401 404 429 503",
    "GET /admin/events/{event_id}/{date}/{start_time}/shards": "200 401 404 429 503",
    "GET /admin/events/{event_id}/{date}/{start_time}/reservations": "200 401 404 422 429 503",
    "GET /admin/events/{event_id}/audit": "200 401 404 429 503",
    "GET /admin/live": "200 401 429",
    "POST /admin/recurrence": "200 401 413 415 422 429",
    "GET /health/live": "200",
    "GET /health/ready": "200 503",
    "GET /metrics": "200",
    "GET /docs": "200 304",
    "GET /docs/{file}": "200 304 404",
    "GET /problems/{slug}": "200 304 404",
    "GET /openapi.json": "200 304",
}


def operations() -> Iterator[tuple[str, Json]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation


async def test_it_is_served(shop: Shop) -> None:
    answer = await shop.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == DOCUMENT
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert (await shop.get("/openapi.json", If_None_Match=answer.headers["etag"])).status_code == 304


def test_every_operation_tells_every_status_of_the_contract() -> None:
    told = {name: " ".join(sorted(set(operation["responses"]) - {"500"})) for name, operation in operations()}
    assert told == CONTRACT
    assert all("500" in operation["responses"] for _, operation in operations())


def test_every_route_is_told_and_every_told_one_routed() -> None:
    assert set(resources()) == set(DOCUMENT["paths"]) | set(ROUTES)
    assert set(ROUTES).isdisjoint(DOCUMENT["paths"]), "the page is no part of the API"
    names = [operation["operationId"] for _, operation in operations()]
    assert len(names) == len(set(names)) == len(OPERATIONS)


def test_every_problem_type_is_told_with_its_status() -> None:
    used = set(re.findall(r"#/components/schemas/(\w+)Problem", json.dumps(DOCUMENT)))
    assert used == {problem.__name__ for problem in all_problems()}
    for problem in all_problems():
        schema = DOCUMENT["components"]["schemas"][schema_name(problem)]
        assert schema["properties"]["type"] == {"const": f"/problems/{problem.slug}"}
        assert schema["properties"]["status"] == {"const": problem.status}
        statuses = {
            status
            for _, operation in operations()
            for status, response in operation["responses"].items()
            if f"/{schema_name(problem)}" in json.dumps(response)
        }
        assert statuses == (set() if problem is MethodNotAllowed else {str(problem.status)})


def test_headers_are_told() -> None:
    told = {
        (name, status, header)
        for name, operation in operations()
        for status, response in operation["responses"].items()
        for header in response.get("headers", {})
    }
    hold = "POST /events/{event_id}/{date}/{start_time}"
    assert {
        (hold, "201", "Location"),
        (hold, "201", "Idempotent-Replayed"),
        (hold, "429", "Retry-After"),
        (hold, "503", "Retry-After"),
        ("GET /events", "200", "Link"),
        ("GET /events/{event_id}", "200", "Availability-Age-Ms"),
        ("GET /events/{event_id}", "304", "ETag"),
        ("POST /admin/events", "401", "WWW-Authenticate"),
    } <= told


def test_admin_operations_and_no_others_name_the_token() -> None:
    for name, operation in operations():
        assert (operation.get("security") == [{"adminToken": []}]) == (" /admin/" in name)
    assert DOCUMENT["components"]["securitySchemes"]["adminToken"]["scheme"] == "bearer"


def test_references_lead_somewhere() -> None:
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(DOCUMENT))):
        place: Any = DOCUMENT
        for step in reference.split("/"):
            place = place[step]


def parameters_of(name: str) -> set[str]:
    item, operation = next(
        (item, each)
        for item in DOCUMENT["paths"].values()
        for method, each in item.items()
        if method != "parameters" and each["operationId"] == name
    )
    return {each["name"] for each in (*item.get("parameters", ()), *operation.get("parameters", ()))}


def stands_at(schema: Json, steps: list[str]) -> bool:
    """Tell whether a value of this schema may have something at this place."""
    if "$ref" in schema:
        return stands_at(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]], steps)
    if not steps:
        return True
    below = schema.get("items") if steps[0].isdigit() else schema.get("properties", {}).get(steps[0])
    return below is not None and stands_at(below, steps[1:])


def links() -> Iterator[tuple[str, Json, str, Json]]:
    for name, operation in operations():
        for response in operation["responses"].values():
            for link_name, link in response.get("links", {}).items():
                yield name, response, link_name, link


def test_links_lead_to_operations_that_take_what_the_answer_says() -> None:
    assert len(list(links())) > 20
    for name, response, link_name, link in links():
        assert set(link["parameters"]) <= parameters_of(link["operationId"]), (name, link_name)
        for source in link["parameters"].values():
            place, _, path = source.partition("#/")
            if place == "$response.body":
                schema = response["content"]["application/json"]["schema"]
                assert stands_at(schema, path.split("/")), (name, link_name, source)
            else:
                assert "{" + source.removeprefix("$request.path.") + "}" in name, (name, link_name, source)


def test_every_list_leads_to_its_next_page() -> None:
    paged = {name for name, operation in operations() if "cursor" in parameters_of(operation["operationId"])}
    assert {name for name, _, link_name, _ in links() if link_name == "nextPage"} == paged != set()


def examples() -> Iterator[tuple[str, Json, object]]:
    """Every example with the schema that it must fit, references included."""
    for name, operation in operations():
        places = {"body": operation.get("requestBody", {}), **operation["responses"]}
        for place, content in places.items():
            for media in content.get("content", {}).values():
                for title, example in media.get("examples", {}).items():
                    yield f"{name} {place} {title}", media["schema"], example["value"]


@pytest.mark.parametrize(
    ("name", "schema", "example"), list(examples()), ids=lambda part: part if isinstance(part, str) else ""
)
def test_every_example_fits_its_schema(name: str, schema: Json, example: object) -> None:
    validator = jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]})
    validator.validate(example)


def test_every_body_and_every_answer_in_json_has_an_example() -> None:
    named = {name.rsplit(" ", 1)[0] for name, _, _ in examples()}
    assert len(named) > 40
    for name, operation in operations():
        if "requestBody" in operation:
            assert any(each.startswith(f"{name} body") for each in named), name
        for status, response in operation["responses"].items():
            if "application/json" in response.get("content", {}) and "openapi" not in name:
                assert any(each.startswith(f"{name} {status}") for each in named), (name, status)


def test_it_is_the_same_for_the_same_operations() -> None:
    assert openapi_document(OPERATIONS) == openapi_document(OPERATIONS)
    assert all(int(status) in set(HTTPStatus) for _, operation in operations() for status in operation["responses"])
