"""Reading a request's body: JSON of at most 64 KiB, decoded straight into its type."""

from typing import TypeVar

import msgspec

from boxoffice.api.call import Call
from boxoffice.errors import InvalidRequest, TooLarge, UnsupportedMediaType

BODY_BYTES_MAX = 64 * 1024
DRAINED_BYTES_MAX = 1024 * 1024
"""What is still read, and thrown away, of a body that is too large: a client that is sending seldom listens before it
has sent all, and would see its connection reset in place of the answer."""

T = TypeVar("T")


class ClientGone(Exception):  # noqa: N818 - it is an event and no error: there is nobody to answer
    """The client left before its request was complete."""


async def read_body(call: Call, decoder: msgspec.json.Decoder[T]) -> T:
    """Return the decoded body. Raises UnsupportedMediaType, TooLarge, InvalidRequest, ClientGone."""
    _check_media_type(call)
    return decode(await _read_bytes(call), decoder)


def decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Return what the JSON says. Raises InvalidRequest with a sentence that says where it is wrong."""
    if not body.strip():
        raise InvalidRequest("The body is empty; JSON is expected.")
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at ")
        where = place.strip("`") or "$"
        raise InvalidRequest(f"The body does not fit at {where}: {reason}.") from error
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"The body is not JSON: {error}.") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"The body is not UTF-8: {error.reason} at byte {error.start}.") from error
    except RecursionError as error:
        raise InvalidRequest("The body is nested too deeply.") from error


def _check_media_type(call: Call) -> None:
    declared = call.header(b"content-type") or b""
    media_type = declared.partition(b";")[0].strip().lower()
    if media_type != b"application/json" and not _is_json_suffixed(media_type):
        raise UnsupportedMediaType("The body must be declared as Content-Type: application/json.")
    encoding = (call.header(b"content-encoding") or b"identity").strip().lower()
    if encoding != b"identity":
        raise UnsupportedMediaType("The body must be sent without a Content-Encoding.")


def _is_json_suffixed(media_type: bytes) -> bool:
    return media_type.startswith(b"application/") and media_type.endswith(b"+json")


async def _read_bytes(call: Call) -> bytes:
    """Read the body to its end, or to the length it was declared with: waiting for its end costs another round."""
    declared = _declared_length(call)
    body = b""
    while True:
        chunk, more = await _next_chunk(call)
        body = body + chunk if body else chunk
        if len(body) > BODY_BYTES_MAX or (declared is not None and declared > BODY_BYTES_MAX):
            await _drain(call, len(body), more)
            raise TooLarge(f"The body is larger than {BODY_BYTES_MAX} bytes.")
        if not more or len(body) == declared:
            return body


async def _drain(call: Call, read: int, more: bool) -> None:
    while more and read <= DRAINED_BYTES_MAX:
        chunk, more = await _next_chunk(call)
        read += len(chunk)


async def _next_chunk(call: Call) -> tuple[bytes, bool]:
    message = await call.receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    return message.get("body", b""), message.get("more_body", False)


def _declared_length(call: Call) -> int | None:
    declared = call.header(b"content-length")
    return int(declared) if declared is not None and declared.isdigit() else None
