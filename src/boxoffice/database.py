"""Connections to Postgres: an asyncpg pool for booking, an SQLAlchemy engine for the catalogue.

The only place where a driver's error becomes one of ours; the cause is kept.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import asyncpg
from sqlalchemy import ExceptionContext, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from boxoffice.data_nodes import DataNodes
from boxoffice.errors import CannotStart, Overloaded
from boxoffice.log import message_of
from boxoffice.settings import Settings

# A change of a large event rewrites all of its counters; a reading is bounded like a booking.
CHANGE_MS_MAX = 60_000
CHANGE_CONNECTIONS_MAX = 4
# A process that stops in the middle of a transaction must not keep its locks.
IDLE_IN_TRANSACTION_MS_MAX = 10_000

UNREACHABLE = (
    OSError,
    TimeoutError,
    PoolTimeoutError,
    asyncpg.InterfaceError,
    # The driver's word when the server's farewell has arrived on a connection and its end has not: nothing was sent.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    # Undone on account of others, a deadlock or a serialization failure: it is there, and may be asked again.
    asyncpg.TransactionRollbackError,
)

# A distributed database's words, by the SQLSTATE of its own faults, when a node was lost on the way. What was to be
# done may have happened or not. The second half is what the nodes' own client says of a connection that ended.
NODE_LOST = (
    "could not commit transaction",
    "failed to prepare transaction",
    "failure on connection",
    "postmaster was shut down",
    "server closed the connection unexpectedly",
    "could not receive data from server",
    "could not send data to server",
    "SSL connection has been closed unexpectedly",
    "SSL SYSCALL error",
    "SSL error",
    "no connection to the server",
    "lost synchronization with server",
)

# Only an attempt to connect fails so: what was to be sent has not been.
NEVER_REACHED = (ConnectionRefusedError, asyncpg.CannotConnectNowError, asyncpg.TargetServerAttributeNotMatched)


def database_url(settings: Settings) -> str:
    """Return the URL for asyncpg. Raises CannotStart when there is none."""
    if settings.database_url is None:
        raise CannotStart("no database: set DATABASE_URL, or start an embedded one with `boxoffice run`")
    return settings.database_url


def data_nodes(settings: Settings) -> DataNodes:
    """Return the nodes to sell by. Raises CannotStart when there is none."""
    return DataNodes(settings.nodes or [database_url(settings)])


async def open_pool(settings: Settings, nodes: DataNodes | None = None, *, distributed: bool = False) -> asyncpg.Pool:
    """Open the booking side's few connections, and two for the sweeper.

    Raises CannotStart when the database cannot be reached.
    """
    nodes = nodes or data_nodes(settings)
    # One plan for flights of every size; one that was made for few rows is bad for many. In a distributed database the
    # plan has to know the event, which says the node.
    plans = "auto" if distributed else "force_generic_plan"
    try:
        pool = await asyncpg.create_pool(
            connect=nodes.connect_for_pool,
            min_size=1,
            max_size=settings.database_connections_max + 2,
            command_timeout=settings.statement_ms_max / 1000,
            max_inactive_connection_lifetime=0,
            reset=_leave_as_it_is,
            server_settings={
                "application_name": "boxoffice",
                "jit": "off",
                "plan_cache_mode": plans,
                # Nor one for an empty table, which is read whole: the checks of foreign keys would go on doing that
                # while the first thousand buyers fill it.
                "enable_seqscan": "off",
                "statement_timeout": str(settings.statement_ms_max),
                "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MS_MAX),
            },
        )
    except (*UNREACHABLE, asyncpg.PostgresError, ssl.SSLError, ValueError) as error:
        raise CannotStart(f"the database cannot be reached: {first_line(error)}") from error
    nodes.on_return(pool.expire_connections)
    return pool


async def _leave_as_it_is(connection: asyncpg.Connection) -> None:
    """Give a connection back without the driver's own reset, which costs a round trip after every statement.

    Booking leaves nothing behind in a session; a transaction that was left open all the same the driver has rolled
    back before it calls this.
    """


def open_engine(
    settings: Settings,
    statement_ms_max: int = CHANGE_MS_MAX,
    connections_max: int = CHANGE_CONNECTIONS_MAX,
    nodes: DataNodes | None = None,
) -> AsyncEngine:
    """Make an engine for the catalogue; it connects when first used, to DATABASE_URL where no nodes are given.

    A statement that takes longer is given up.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://",
        # The driver reads the URL itself, as it does for the pool: SQLAlchemy would stumble over ?sslmode= and others.
        async_creator=partial(
            (nodes or DataNodes([database_url(settings)])).connect,
            command_timeout=statement_ms_max / 1000,
            server_settings={
                "application_name": "boxoffice catalogue",
                "jit": "off",
                "statement_timeout": str(statement_ms_max),
                "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MS_MAX),
            },
        ),
        hide_parameters=True,  # errors go into the log, and parameters are none of its business
        pool_size=connections_max,
        max_overflow=0,
        pool_timeout=settings.flight_wait_ms_max / 1000,
        pool_pre_ping=False,
    )
    event.listen(engine.sync_engine, "handle_error", _throw_away_what_could_not_begin)
    if nodes:
        nodes.on_return(engine.dispose)
    return engine


def _throw_away_what_could_not_begin(context: ExceptionContext) -> None:
    """Have a connection replaced on which no transaction is open after an error: its BEGIN failed, or its COMMIT.

    The driver goes on believing that a BEGIN which failed has opened one. Whoever were given the connection next would
    send it a SAVEPOINT, which is an error outside of a transaction, and so for ever.
    """
    if context.connection is None or context.connection.invalidated:
        return
    driver = context.connection.connection.driver_connection
    if isinstance(driver, asyncpg.Connection) and not driver.is_in_transaction():
        context.is_disconnect = True
        context.invalidate_pool_on_disconnect = False


@asynccontextmanager
async def one_connection(nodes: DataNodes) -> AsyncIterator[asyncpg.Connection]:
    """Open one connection to any of the nodes. Raises CannotStart when none can be reached."""
    try:
        connection = await nodes.connect()
    except (*UNREACHABLE, asyncpg.PostgresError, ssl.SSLError, ValueError) as error:
        raise CannotStart(f"the database cannot be reached: {first_line(error)}") from error
    try:
        yield connection
    finally:
        connection.terminate()


@asynccontextmanager
async def reachable_engine(settings: Settings, statement_ms_max: int = CHANGE_MS_MAX) -> AsyncIterator[AsyncEngine]:
    """Open an engine for one command. Raises CannotStart when the database cannot be reached, or no longer."""
    try:
        engine = open_engine(settings, statement_ms_max)
        async with engine.connect():
            pass
    except (*UNREACHABLE, asyncpg.PostgresError, SQLAlchemyError, ssl.SSLError, ValueError) as error:
        raise CannotStart(f"the database cannot be reached: {first_line(error)}") from error
    try:
        yield engine
    except (*UNREACHABLE, DBAPIError) as error:
        if not _is_unreachable(error):
            raise
        raise CannotStart(f"the database does not answer any more: {first_line(error)}") from error
    finally:
        await engine.dispose()


def first_line(error: BaseException) -> str:
    """Return what a driver's error says in one line; what one about the URL quotes of it is left out."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, ValueError):
        return message_of(cause)
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__


@contextmanager
def unreachable_as_overloaded(detail: str = "The database does not answer.") -> Iterator[None]:
    """Turn a lost or refused database into Overloaded, which says `detail`, or that the database was never asked."""
    try:
        yield
    except NEVER_REACHED as error:
        raise Overloaded("The database cannot be reached; nothing has changed.") from error
    except (*UNREACHABLE, asyncpg.InternalServerError, DBAPIError) as error:
        if not _is_unreachable(error):
            raise
        raise Overloaded(detail, outcome_unknown=True) from error


def _is_unreachable(error: Exception) -> bool:
    """Tell whether an error says that the database is lost or refuses to work, also where SQLAlchemy has wrapped it."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _says_so(getattr(error.orig, "__cause__", None))
    return _says_so(error)


def _says_so(error: BaseException | None) -> bool:
    if isinstance(error, asyncpg.InternalServerError):
        return str(error).startswith(NODE_LOST)
    return isinstance(error, UNREACHABLE)
