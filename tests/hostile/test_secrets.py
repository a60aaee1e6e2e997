"""Nothing secret gets out: not into logs, not into metrics, not into answers; also when everything goes wrong."""

import asyncio
import re
import signal
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx

from tests.api.shop import BEARER, DATE, TIME, lines
from tests.clients import PATIENCE_SECONDS
from tests.conftest import ADMIN_TOKEN
from tests.hostile.target import Target, attacked
from tests.waiting import until_now

PAYMENT, KEY, GUESS, SEARCH = "secret-payment-4711", "secret-key-4712", "secret-guess-4713", "secret-search-4714"
NO_PAYMENT = "ALTER TABLE reservation ADD CONSTRAINT no_payment CHECK (payment_ref NOT LIKE 'secret%') NOT VALID"
NO_TYPES = "ALTER TABLE ticket_type RENAME TO ticket_types_elsewhere"


def execute(url: str, statement: str) -> None:
    async def connect_and_execute() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(connect_and_execute())


def use_everything(client: httpx.Client) -> Sequence[str]:
    """Hold, pay, fail in every honest way; return the reservations' ids."""
    path = f"/events/1/{DATE}/{TIME}"
    holds = [client.post(path, json=lines({1: 1}), headers={"Idempotency-Key": f"{KEY}-{n}"}) for n in range(3)]
    names = [hold.raise_for_status().json()["reservationId"] for hold in holds]
    client.post(f"/reservation/{names[0]}", json={"paymentReference": PAYMENT}).raise_for_status()
    client.post(f"/reservation/{names[0]}", json={"paymentReference": f"{PAYMENT}-other"})
    client.delete(f"/reservation/{names[1]}")
    client.get("/events", params={"q": SEARCH, "cursor": SEARCH})
    client.get(f"/{SEARCH}/{names[0]}")
    client.post(path, json=[{"tickettypeId": 7, "quantity": SEARCH}])
    client.post("/admin/events", json={"name": SEARCH, "timeZone": SEARCH})
    client.get("/admin/live", headers={"Authorization": f"Bearer {GUESS}"})
    return names


def make_it_fail(target: Target, client: httpx.Client, name: str) -> None:
    """Meet faults that nobody foresaw, whose errors hold whole rows and what was sent."""
    execute(target.database_url, NO_PAYMENT)
    assert client.post(f"/reservation/{name}", json={"paymentReference": PAYMENT}).status_code == 500
    execute(target.database_url, NO_TYPES)
    assert client.post("/admin/ticket-types", json={"name": SEARCH}).status_code == 500


def test_nothing_secret_gets_out(tmp_path: Path) -> None:
    with attacked(tmp_path) as target, target.client() as client:
        names = use_everything(client)
        make_it_fail(target, client, names[2])
        metrics = client.get("/metrics").text
        passwords = [(tmp_path / server / "password").read_text().strip() for server in ("postgres", "valkey")]
        assert urlsplit(target.database_url).password == passwords[0]
        until_now(lambda: target.service.log.read_text().count("unexpected_error") >= 2)
        ended = target.service.process
        ended.send_signal(signal.SIGTERM)
        ended.wait(PATIENCE_SECONDS)
        said = {
            "log of the service": target.service.log.read_text(),
            "log of PostgreSQL": (tmp_path / "postgres" / "log").read_text(errors="replace"),
            "log of Valkey": _text(tmp_path / "valkey" / "log"),
            "metrics": metrics,
        }
    secrets = [ADMIN_TOKEN, BEARER["Authorization"], *passwords, PAYMENT, KEY, GUESS, SEARCH, *names]
    found = [(place, secret) for place, text in said.items() for secret in secrets if secret in text]
    assert found == []
    assert "CheckViolationError [23514]" in said["log of the service"], "the faults are told, without what was sent"
    assert "UndefinedTableError" in said["log of the service"]
    assert re.search(r"no_payment|check constraint", said["log of PostgreSQL"]), "it was PostgreSQL's own complaint"


def _text(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else ""
