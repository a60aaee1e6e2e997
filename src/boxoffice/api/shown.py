"""Pages as they were sent last: whoever asks the same again, while memory holds the same, gets the same bytes.

What a page is made of comes from memory each time; only the reading of the query, the JSON and the ETag are spared.
"""

from typing import Generic, NamedTuple, TypeVar

from boxoffice.api.call import Answer, Call
from boxoffice.api.conditional import unless_known
from boxoffice.api.tags import tag_of
from boxoffice.availability.remembered import Remembered
from boxoffice.http.request import Header

PAGES_MAX = 256
QUERY_CHARACTERS_MAX = 200

Asked = TypeVar("Asked")
MadeOf = TypeVar("MadeOf")


class Page(NamedTuple, Generic[Asked, MadeOf]):
    """One answer: what was asked, what of memory it was made of, and what was sent."""

    asked: Asked
    made_of: MadeOf
    answer: Answer
    tag: str
    headers: tuple[Header, ...]

    def again(self, call: Call, *more: Header) -> Answer:
        """Return the answer with its ETag and `more` headers, or 304 when the client has it already."""
        if call.has_header("if-none-match"):
            return unless_known(call, self.answer, self.tag, *more)
        return Answer(self.answer.status, self.answer.body, (*self.headers, *more))


class Shown(Generic[Asked, MadeOf]):
    """The latest pages of one route, at most PAGES_MAX, by path and query."""

    def __init__(self) -> None:
        self._pages: Remembered[tuple[str, str], Page[Asked, MadeOf]] = Remembered(PAGES_MAX)

    def last(self, call: Call) -> Page[Asked, MadeOf] | None:
        """Return what was sent the last time that this was asked."""
        return self._pages.get((call.path, call.query_string))

    def keep(self, call: Call, asked: Asked, made_of: MadeOf, answer: Answer) -> Page[Asked, MadeOf]:
        """Return a new page, which is the last one from now on unless its query is very long."""
        tag = tag_of(answer.body)
        page = Page(asked, made_of, answer, tag, (*answer.headers, ("etag", tag)))
        if len(call.query_string) <= QUERY_CHARACTERS_MAX:
            self._pages.put((call.path, call.query_string), page)
        return page
