"""Reading a request's body: JSON of at most 64 KiB, decoded straight into its type."""

from typing import TypeVar

import msgspec

from boxoffice.api.call import Call
from boxoffice.errors import InvalidRequest, TooLarge, UnsupportedMediaType
from boxoffice.http.request import BODY_BYTES_MAX

JSON = "application/json"

T = TypeVar("T")


def read_body(call: Call, decoder: msgspec.json.Decoder[T]) -> T:
    """Return the decoded body. Raises UnsupportedMediaType, TooLarge, InvalidRequest."""
    return decode(json_of(call), decoder)


def json_of(call: Call) -> bytes:
    """Return the body, which is declared as JSON. Raises UnsupportedMediaType, TooLarge."""
    _check_media_type(call)
    body = call.request.body
    if body is None:
        raise TooLarge(f"The body is larger than {BODY_BYTES_MAX} bytes.")
    return body


def decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Return what the JSON says. Raises InvalidRequest with a sentence that says where it is wrong."""
    if not body.strip():
        raise InvalidRequest("The body is empty; JSON is expected.")
    try:
        if not body.isascii():
            body.decode()  # the decoder looks into no text that it leaves out
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
