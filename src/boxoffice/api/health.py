"""/health: whether this process lives, and whether it should be sent requests."""

import asyncio

from sqlalchemy import text

from boxoffice.api.call import NO_STORE, Answer, Call, json_answer
from boxoffice.api.messages import Health
from boxoffice.api.operation import Granted, Operation
from boxoffice.errors import Overloaded

ANSWER_SECONDS_MAX = 2.0


async def show_live(_: Call) -> Answer:
    """Answer as long as the process answers at all."""
    return json_answer(200, Health(status="live"), NO_STORE)


async def show_ready(call: Call) -> Answer:
    """Answer that requests are welcome; Overloaded while Postgres does not answer or this process is stopping.

    Redis being away is no reason: selling goes on without it.
    """
    if call.office.leaving:
        raise Overloaded("This process is stopping.")
    # Where there are several nodes, selling goes on without the one by which the catalogue is changed.
    engine = call.office.reading if call.office.settings.data_urls else call.office.engine
    async with asyncio.timeout(ANSWER_SECONDS_MAX), engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    return json_answer(200, Health(status="ready"), NO_STORE)


OPERATIONS = (
    Operation(
        method="GET",
        path="/health/live",
        handler=show_live,
        name="getLive",
        group="Service",
        summary="Does this process live",
        granted=(Granted(status=200, description="It does.", kind=Health, example={"status": "live"}),),
        asks_database=False,
    ),
    Operation(
        method="GET",
        path="/health/ready",
        handler=show_ready,
        name="getReady",
        group="Service",
        summary="Should this process be sent requests",
        granted=(Granted(status=200, description="It should.", kind=Health, example={"status": "ready"}),),
    ),
)
