"""What one operation of the API promises: the record from which it is routed and from which the OpenAPI is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from boxoffice.api.resource import Handler
from boxoffice.errors import (
    InvalidRequest,
    NotFound,
    Overloaded,
    Problem,
    RateLimited,
    TooLarge,
    Unauthorized,
    UnsupportedMediaType,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A query parameter or header; `kind` is an annotation as msgspec takes it."""

    name: str
    description: str
    kind: object
    required: bool = False
    example: str | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """An answer to a request that is granted: JSON of `kind`, or another media type."""

    status: int
    description: str
    kind: object = None
    media_type: str | None = None
    headers: Sequence[Parameter] = ()
    example: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path. `problems` are those that its kind does not already imply."""

    method: str
    path: str
    handler: Handler
    name: str
    summary: str
    description: str = ""
    group: str
    granted: Sequence[Granted]
    query: Sequence[Parameter] = ()
    headers: Sequence[Parameter] = ()
    body: object = None
    body_examples: Mapping[str, object] = field(default_factory=dict)
    problems: Sequence[type[Problem]] = ()
    admin: bool = False
    asks_database: bool = True

    def all_problems(self) -> list[type[Problem]]:
        """Return every problem that the operation may answer with, by status."""
        found = set(self.problems)
        if "{" in self.path:
            found.add(NotFound)
        if self.query:
            found.add(InvalidRequest)
        if self.body is not None:
            found |= {InvalidRequest, TooLarge, UnsupportedMediaType}
        if self.admin:
            found |= {Unauthorized, RateLimited}
        if self.asks_database:
            found.add(Overloaded)
        return sorted(found, key=lambda problem: (problem.status, problem.slug))
