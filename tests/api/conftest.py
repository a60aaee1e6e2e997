"""A box office in this process, opened for one test on real servers; and one behind real sockets where that matters."""

from collections.abc import AsyncIterator

import httpx
import pytest

from boxoffice.settings import Settings
from tests.api.shop import Shop, open_sale, open_shop
from tests.clients import client_to
from tests.conftest import Service, StartServices


@pytest.fixture
async def shop(settings: Settings) -> AsyncIterator[Shop]:
    """A client of a box office with the default settings."""
    async with open_shop(settings) as opened:
        yield opened


@pytest.fixture
async def service(services: StartServices) -> Service:
    """One real service with one booking connection and much patience, and an event of ten tickets in it."""
    return await open_sale(services)


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the real service."""
    async with client_to(service.url) as opened:
        yield opened
