"""Conditional requests: an ETag over the body, and 304 for a client that has it already (RFC 9110, section 13)."""

import re

from boxoffice.api.call import CONTENT_TYPE, Answer, Call
from boxoffice.api.tags import tag_of
from boxoffice.http.request import Header

OF_THE_BODY = {CONTENT_TYPE, "content-encoding"}

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e]*")')


def unless_known(call: Call, answer: Answer, tag: str | None = None, *more: Header) -> Answer:
    """Return the answer with its ETag and `more` headers, or 304 when the client names that ETag in If-None-Match.

    `tag` is what `tag_of` has made of the body, where that is known.
    """
    tag = tag or tag_of(answer.body)
    if call.has_header("if-none-match") and _is_known(tag, ",".join(call.headers("if-none-match"))):
        kept = [header for header in answer.headers if header[0] not in OF_THE_BODY]
        return Answer(304, b"", (*kept, *more, ("etag", tag)), security=answer.security)
    return Answer(answer.status, answer.body, (*answer.headers, *more, ("etag", tag)), security=answer.security)


def _is_known(tag: str, known: str) -> bool:
    return known.strip() == "*" or tag in _TAG.findall(known)
