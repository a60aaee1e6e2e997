"""Reading a request's body: JSON of at most 64 KiB, decoded straight into its type."""

from typing import TypeVar

import msgspec

from boxoffice.api.call import Call
from boxoffice.api.rsgi import TRANSPORT_ENDED
from boxoffice.errors import InvalidRequest, TooLarge, UnsupportedMediaType

BODY_BYTES_MAX = 64 * 1024
DRAINED_BYTES_MAX = 1024 * 1024
"""What is still read, and thrown away, of a body that is too large: a client that is sending seldom listens before it
has sent all, and would see its connection reset in place of the answer."""

JSON = "application/json"

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
    declared = call.header("content-type") or ""
    if declared != JSON and not _is_json(declared.partition(";")[0].strip().lower()):
        raise UnsupportedMediaType("The body must be declared as Content-Type: application/json.")
    if (call.header("content-encoding") or "identity").strip().lower() != "identity":
        raise UnsupportedMediaType("The body must be sent without a Content-Encoding.")


def _is_json(media_type: str) -> bool:
    return media_type == JSON or (media_type.startswith("application/") and media_type.endswith("+json"))


async def _read_bytes(call: Call) -> bytes:
    """Read the body: at once when its length was declared, else in pieces.

    The server holds a body to its declared length, and drops a length that is declared beside chunks.
    """
    declared = call.header("content-length")
    try:
        if declared is not None and int(declared) <= BODY_BYTES_MAX:
            return await call.exchange()
        return await _read_pieces(call)
    except TRANSPORT_ENDED as error:
        raise ClientGone from error


async def _read_pieces(call: Call) -> bytes:
    """Read a body of unknown length, and no more of one that is too large than a client needs to be answered."""
    body, read = b"", 0
    async for piece in call.exchange:
        read += len(piece)
        if read > DRAINED_BYTES_MAX:
            break
        if read <= BODY_BYTES_MAX:
            body += piece
    if read > BODY_BYTES_MAX:
        raise TooLarge(f"The body is larger than {BODY_BYTES_MAX} bytes.")
    return body
