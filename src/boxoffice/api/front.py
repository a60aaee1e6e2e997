"""The front of the API: leads each request to the resource that its path names, and through no other code.

The resources stand in a tree, one level for each segment of a path, made from the operations when the process starts.
Looking one up costs as many steps as the path has segments, however many paths there are.
"""

from collections.abc import Coroutine, Mapping, Sequence
from typing import Generic, TypeVar

from boxoffice.api.call import Call
from boxoffice.api.office import Office
from boxoffice.api.operations import resources
from boxoffice.api.resource import Nowhere
from boxoffice.http.request import Request

Standing = TypeVar("Standing")


class Front:
    """Answers requests with what one office knows."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._paths = Paths(resources())
        self._nowhere = Nowhere()

    def answer(self, request: Request) -> Coroutine[None, None, None]:
        """Answer one request, when awaited."""
        resource, segments = self._paths.find(request.path)
        return (resource or self._nowhere).answer(Call(self._office, request, segments))


class Paths(Generic[Standing]):
    """What stands at which path. A template's {name} stands for any one segment that is not empty.

    Where a word and a {name} stand beside each other, the word comes first and the {name} is not tried again behind it.
    """

    def __init__(self, standing: Mapping[str, Standing]) -> None:
        self._top: _Place[Standing] = _Place()
        for template, here in standing.items():
            place = self._top
            for segment in template.split("/"):
                place = place.made_below(segment)
            place.here = here

    def find(self, path: str) -> tuple[Standing | None, Sequence[str]]:
        """Return what stands at a path, None where nothing does, and the segments that its template names, in order."""
        named: list[str] = []
        place = self._top
        for segment in path.split("/"):
            below = place.literal.get(segment)
            if below is None:
                below = place.named
                if below is None or not segment:
                    return None, named
                named.append(segment)
            place = below
        return place.here, named


class _Place(Generic[Standing]):
    """One level of the tree: what is here, and what is below it, by the next segment."""

    __slots__ = ("here", "literal", "named")

    def __init__(self) -> None:
        self.here: Standing | None = None
        self.literal: dict[str, _Place[Standing]] = {}
        self.named: _Place[Standing] | None = None

    def made_below(self, segment: str) -> "_Place[Standing]":
        """Return the place of a template's next segment."""
        if segment.startswith("{"):
            self.named = self.named or _Place()
            return self.named
        return self.literal.setdefault(segment, _Place())
