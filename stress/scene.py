"""What is stormed: a service of our own on embedded servers, or one that somebody else runs."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.errors import CannotRun
from bench.machine import describe_machine
from bench.programs import ROOT, run_program
from bench.servers import ADMIN_TOKEN, Servers
from bench.values import Machine
from stress.artillery import LOAD, NODE
from stress.routes import Routes
from stress.settings import Options
from stress.truth import Witness
from stress.witness_database import DatabaseWitness
from stress.witness_routes import RouteWitness

VERSION_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A service, whoever can tell the truth about it, and those of its processes that are seen, by name.

    `stop` stops it, where it is ours: what its connections counted is known only then.
    """

    url: str
    admin_token: str
    machine: Machine
    witness: Witness
    first_processes: Mapping[str, int]
    stop: Callable[[], None]

    @property
    def routes(self) -> Routes:
        """Its admin routes."""
        return Routes(self.url, self.admin_token)


@contextmanager
def open_scene(options: Options, servers: Servers, folder: Path) -> Iterator[Scene]:
    """Make the scene that is asked for, for as long as the context lasts. Raises CannotRun."""
    if options.target is not None:
        yield _foreign(options, options.target, folder)
        return
    servers.start()
    machine = describe_machine(folder, servers.durability())
    settings = servers.settings(workers=options.workers, hold_seconds=options.seconds_to_pay)
    with servers.running(settings, "boxoffice", "serve", ready="/health/ready") as service:
        yield Scene(
            url=service.url,
            admin_token=ADMIN_TOKEN,
            machine=_with_programs(machine),
            witness=DatabaseWitness(servers.database, options.seconds_to_pay),
            first_processes={"service": service.process_id, "postgres": servers.postgres_process_id},
            stop=service.stop,
        )


def _foreign(options: Options, target: str, folder: Path) -> Scene:
    if not options.admin_token:
        raise CannotRun("ADMIN_TOKEN= is missing: without it no events can be made and nothing can be audited")
    return Scene(
        url=target.rstrip("/"),
        admin_token=options.admin_token,
        machine=_with_programs(describe_machine(folder, {})),
        witness=RouteWitness(Routes(target, options.admin_token)),
        first_processes={},
        stop=lambda: None,
    )


class _Package(msgspec.Struct):
    """What is read of a package.json."""

    version: str


def _with_programs(machine: Machine) -> Machine:
    """Name the programs that send this load, in place of those of the benchmark."""
    package = LOAD / "node_modules/artillery/package.json"
    artillery = msgspec.json.decode(package.read_bytes(), type=_Package).version
    node = run_program([str(NODE), "--version"], seconds=VERSION_SECONDS, folder=ROOT).strip()
    return msgspec.structs.replace(machine, programs={"Artillery": artillery, "Node": node})
