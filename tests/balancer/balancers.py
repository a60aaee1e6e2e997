"""HAProxy and nginx with the configurations of deploy/: told where to listen and whom to send to, and run."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

from tests.debian import find_program
from tests.house.tree import ROOT

SHIPPED = ROOT / "deploy"
PACKAGES = {"haproxy": "haproxy", "nginx": "nginx-light"}
AS_SHOWN = " max_fails=1 fail_timeout=5s"
"""What servers.conf says of each server; one that is given with more than its address keeps that."""
IN_FOREGROUND = "daemon off; user root;"
"""A namespace may know no other user than root. Where nginx is not run by root, it says that it ignores this."""

Changed: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A balancer that is ready to be run: the command that runs it, the one that checks it, and the environment."""

    command: Sequence[str]
    check: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balancer:
    """One kind of balancer. `told` writes what is not shipped into an empty folder.

    `listen` None: where the shipped configuration listens. `changed` makes another text of the shipped configuration,
    for controls.
    """

    name: str
    program: str
    told: Callable[[Path, str | None, Sequence[str], Changed | None], Told]
    seconds_to_return: float
    """So long after it is ready again a server may be without requests."""
    repeats_releases: bool = False


def _found(program: str) -> str:
    """Return the path of a program, or its name where it is not installed."""
    return find_program(program) or program


def _haproxy(
    folder: Path,
    listen: str | None,
    servers: Sequence[str],
    changed: Changed | None,
    besides: Mapping[str, str] | None = None,
) -> Told:
    file = SHIPPED / "haproxy" / "haproxy.cfg"
    if changed is not None:
        file = _rewritten(file, folder / "haproxy.cfg", changed)
    environment = {f"WEB_{number}": server for number, server in enumerate(servers, start=1)}
    environment |= besides or {}
    run = (_found("haproxy"), "-f", str(file))
    return Told(
        command=run, check=(*run, "-c"), environment=environment if listen is None else {**environment, "BIND": listen}
    )


def _nginx(folder: Path, listen: str | None, servers: Sequence[str], changed: Changed | None) -> Told:
    (folder / "temporary").mkdir()
    for name in ("nginx.conf", "listen.conf"):
        shutil.copy(SHIPPED / "nginx" / name, folder)
    if changed is not None:
        _rewritten(SHIPPED / "nginx" / "nginx.conf", folder / "nginx.conf", changed)
    if listen is not None:
        (folder / "listen.conf").write_text(f"listen {listen};\n")
    lines = [f"server {server}{'' if ' ' in server else AS_SHOWN};\n" for server in servers]
    (folder / "servers.conf").write_text("".join(lines))
    run = (_found("nginx"), "-e", "stderr", "-p", f"{folder}/", "-c", "nginx.conf")
    return Told(command=(*run, "-g", IN_FOREGROUND), check=(*run, "-t", "-q"))


def _rewritten(shipped: Path, file: Path, changed: Changed) -> Path:
    before = shipped.read_text(encoding="utf-8")
    after = changed(before)
    if after == before:
        raise AssertionError(f"the change changes nothing in {shipped}")
    file.write_text(after, encoding="utf-8")
    return file


HAPROXY = Balancer(name="haproxy", program="haproxy", told=_haproxy, seconds_to_return=2.0)
HAPROXY_BY_EVENT = Balancer(
    name="haproxy-by-event",
    program="haproxy",
    told=partial(_haproxy, besides={"BY_EVENT": "1"}),
    seconds_to_return=HAPROXY.seconds_to_return,
)
NGINX = Balancer(name="nginx", program="nginx", told=_nginx, seconds_to_return=6.0, repeats_releases=True)
BALANCERS = (HAPROXY, NGINX)
"""Each kind once."""
WAYS = (HAPROXY, HAPROXY_BY_EVENT, NGINX)
"""Each kind, in every way of sending that its configuration has."""
