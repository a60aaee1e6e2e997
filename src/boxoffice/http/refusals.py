"""Why what arrives is not handed on, and what its client hears."""

from http import HTTPStatus

import httptools


class Refused(Exception):  # noqa: N818 - an answer, and no fault of ours
    """What arrives is no request that can be handed on; `status` says why. None: it was handed on without the rest."""

    def __init__(self, status: HTTPStatus | None) -> None:
        super().__init__(status)
        self.status = status


def status_of(error: httptools.HttpParserError) -> HTTPStatus | None:
    """Return what a client hears of what stopped the parser, None where it is not to hear of it."""
    if isinstance(error.__context__, Refused):
        return error.__context__.status
    unknown = isinstance(error, httptools.HttpParserInvalidMethodError)
    return HTTPStatus.NOT_IMPLEMENTED if unknown else HTTPStatus.BAD_REQUEST
