"""A box office in this process, opened for one test on real servers; and one behind real sockets where that matters."""

from collections.abc import AsyncIterator

import pytest

from boxoffice.settings import Settings
from tests.api.shop import Shop, open_shop


@pytest.fixture
async def shop(settings: Settings) -> AsyncIterator[Shop]:
    """A client of a box office with the default settings."""
    async with open_shop(settings) as opened:
        yield opened
