"""How the OpenAPI document tells of problems: a schema for each type, and the answers that carry them. Pure."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

import msgspec

from boxoffice.api.problems import TYPES_BELOW, all_problems, problem_answer, unexpected_answer
from boxoffice.errors import BelowSold, MethodNotAllowed, Problem, RateLimited, SoldOut, Unauthorized
from boxoffice.values import Left

Json: TypeAlias = dict[str, object]

MEDIA_TYPE = "application/problem+json"
COUNT: Json = {"type": "integer", "minimum": 0}
EXTENSIONS: Mapping[type[Problem], Json] = {
    SoldOut: {
        "left": {
            "type": "object",
            "description": "What could still be sold, in total and for each type that the event offers.",
            "required": ["available", "ticketTypes"],
            "properties": {
                "available": COUNT,
                "ticketTypes": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["tickettypeId", "available"],
                        "properties": {"tickettypeId": {"type": "integer", "minimum": 1}, "available": COUNT},
                    },
                },
            },
        }
    },
    BelowSold: {"sold": {**COUNT, "description": "What is held and paid on the fullest date."}},
}
HEADERS: Mapping[type[Problem], Json] = {
    Unauthorized: {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}, "description": "Bearer."}},
    MethodNotAllowed: {"Allow": {"required": True, "schema": {"type": "string"}, "description": "What it knows."}},
}
RETRY_AFTER: Json = {
    "Retry-After": {
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "description": "Whole seconds after which to ask again.",
    }
}


def problem_components() -> dict[str, Json]:
    """Return the schema of every problem type by its name, and of faults."""
    return {schema_name(problem): _schema(problem) for problem in all_problems()} | {
        "UnexpectedFault": _problem_schema("about:blank", 500, {})
    }


def problem_responses(problems: Sequence[type[Problem]]) -> dict[str, Json]:
    """Return the answers by status; where several types share a status, one of their schemas holds."""
    answers = {
        str(status): problem_response(list(of_status))
        for status, of_status in groupby(problems, key=lambda each: each.status)
    }
    return answers | {"500": {"$ref": "#/components/responses/UnexpectedFault"}}


def schema_name(problem: type[Problem]) -> str:
    """Return the name of a problem type's schema."""
    return f"{problem.__name__}Problem"


def sample(problem: type[Problem]) -> Problem:
    """Return a problem of this type, for examples."""
    if problem is SoldOut:
        return SoldOut(Left(available=3, types={1: 2, 2: 3}))
    if problem is BelowSold:
        return BelowSold("On 2026-12-24 20:00:00 more is sold already.", sold=812)
    if problem is RateLimited:
        return RateLimited(
            "This address asks more often, or holds more unpaid tickets of the date, than it may.",
            retry_after_seconds=42,
        )
    return problem((problem.__doc__ or problem.title).partition("\n")[0])


def _schema(problem: type[Problem]) -> Json:
    return _problem_schema(TYPES_BELOW + problem.slug, problem.status, EXTENSIONS.get(problem, {}))


def _problem_schema(type_: str, status: int, extensions: Json) -> Json:
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", *extensions],
        "properties": {
            "type": {"const": type_},
            "title": {"type": "string"},
            "status": {"const": status},
            "detail": {"type": "string", "description": "What was wrong, in a sentence for a person."},
            "instance": {"type": "string", "description": "The path that was asked for."},
            **extensions,
        },
    }


def problem_response(problems: Sequence[type[Problem]]) -> Json:
    """Return the answer that carries one of these problems, which share a status."""
    references = [{"$ref": f"#/components/schemas/{schema_name(problem)}"} for problem in problems]
    content: Json = {
        "schema": references[0] if len(references) == 1 else {"oneOf": references},
        "examples": {problem.slug: {"value": _example(problem)} for problem in problems},
    }
    answer: Json = {
        "description": " ".join(f"`{problem.slug}`: {sample(problem).detail}" for problem in problems),
        "content": {MEDIA_TYPE: content},
    }
    headers: Json = {}
    for problem in problems:
        headers.update(HEADERS.get(problem, {}))
        if sample(problem).retry_after_seconds is not None:
            headers.update(RETRY_AFTER)
    if headers:
        answer["headers"] = headers
    return answer


def _example(problem: type[Problem]) -> Json:
    return msgspec.json.decode(problem_answer(sample(problem), "/events/1").body, type=dict[str, object])


FAULT: Json = {
    "description": "A fault of the service's own; written down in its log.",
    "content": {
        MEDIA_TYPE: {
            "schema": {"$ref": "#/components/schemas/UnexpectedFault"},
            "examples": {"fault": {"value": msgspec.json.decode(unexpected_answer("/events").body)}},
        }
    },
}
