"""Pages as they were sent last: whoever asks the same again, while memory holds the same, gets the same bytes.

What a page is made of comes from memory each time; the reading of the query, the JSON, the ETag and the encoding are
spared.
"""

from typing import Generic, TypeVar

from boxoffice.api.call import Answer, Call, lasting
from boxoffice.api.conditional import unless_known
from boxoffice.api.tags import tag_of
from boxoffice.availability.remembered import Remembered
from boxoffice.http.request import Header

PAGES_MAX = 256
QUERY_CHARACTERS_MAX = 200

Asked = TypeVar("Asked")
MadeOf = TypeVar("MadeOf")


class Page(Generic[Asked, MadeOf]):
    """One answer: what was asked, what of memory it was made of, and what is sent."""

    __slots__ = ("_answer", "_more", "_sent", "_tag", "asked", "made_of")

    def __init__(self, asked: Asked, made_of: MadeOf, answer: Answer) -> None:
        self.asked = asked
        self.made_of = made_of
        self._answer = answer
        self._tag = tag_of(answer.body)
        self._sent: Answer | None = None
        self._more: tuple[Header, ...] = ()

    def again(self, call: Call, *more: Header) -> Answer:
        """Return the answer with its ETag and `more` headers, or 304 when the client has it already."""
        if call.has_header("if-none-match"):
            return unless_known(call, self._answer, self._tag, *more)
        if self._sent is None or self._more != more:
            headers = (*self._answer.headers, ("etag", self._tag), *more)
            self._sent = lasting(Answer(self._answer.status, self._answer.body, headers))
            self._more = more
        return self._sent


class Shown(Generic[Asked, MadeOf]):
    """The latest pages of one route, at most PAGES_MAX, by path and query."""

    def __init__(self) -> None:
        self._pages: Remembered[tuple[str, str], Page[Asked, MadeOf]] = Remembered(PAGES_MAX)

    def last(self, call: Call) -> Page[Asked, MadeOf] | None:
        """Return what was sent the last time that this was asked."""
        return self._pages.get((call.path, call.query_string))

    def keep(self, call: Call, asked: Asked, made_of: MadeOf, answer: Answer) -> Page[Asked, MadeOf]:
        """Return a new page, which is the last one from now on unless its query is very long."""
        page = Page(asked, made_of, answer)
        if len(call.query_string) <= QUERY_CHARACTERS_MAX:
            self._pages.put((call.path, call.query_string), page)
        return page
