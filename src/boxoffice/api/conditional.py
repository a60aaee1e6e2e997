"""Conditional requests: an ETag over the body, and 304 for a client that has it already (RFC 9110, section 13)."""

import hashlib
import re

from boxoffice.api.call import Answer, Call

_TAG = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_ONLY_WITH_BODY = {b"content-type", b"content-length"}


def unless_known(call: Call, answer: Answer) -> Answer:
    """Return the answer with its ETag, or 304 when the client names that ETag in If-None-Match."""
    tag = b'"' + hashlib.blake2b(answer.body, digest_size=16).hexdigest().encode() + b'"'
    known = b",".join(call.headers(b"if-none-match"))
    if known.strip() == b"*" or tag in _TAG.findall(known):
        kept = [header for header in answer.headers if header[0] not in _ONLY_WITH_BODY]
        return Answer(304, b"", [*kept, (b"etag", tag)])
    return Answer(answer.status, answer.body, [*answer.headers, (b"etag", tag)])
