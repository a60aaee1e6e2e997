"""Hosts that are network namespaces, joined by one bridge; no other network is reached from there.

This file runs where `enter` has led: in a network namespace of our own, with a /run of its own, as its root. That
namespace is itself the host where the database, the shared memory and the buyers are. What is made here ends with it.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.debian import ROOT_USER, find_program
from tests.embedded.processes import clean_environment

NEEDED = ("ip", "unshare", "nsenter", "mount", "tc")
HOME = "10.77.0.1"
BRIDGE = "wire"
SLOW_RATE = "256kbit"
"""What a slow host's line carries, each way."""


def enter(command: Sequence[str]) -> list[str]:
    """Return the command that runs `command` in namespaces of its own, as root there; they end when it does."""
    as_root = [] if os.geteuid() == ROOT_USER else ["--user", "--map-root-user"]
    return ["unshare", *as_root, "--net", "--mount", "--fork", "--kill-child=TERM", "--", *command]


def cannot_enter() -> str | None:
    """Return why there can be no such room here; None when there can."""
    missing = [name for name in NEEDED if find_program(name) is None]
    if missing:
        return f"there is no {', '.join(missing)}: apt-get install iproute2 util-linux mount"
    script = "mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add one && ip link add wire type bridge"
    tried = subprocess.run(
        enter(["sh", "-c", script]), env=_with_programs(), capture_output=True, text=True, check=False
    )
    return None if tried.returncode == 0 else f"network namespaces cannot be made here: {tried.stderr.strip()}"


class Room:
    """The bridge and its hosts. Make one, once, in a namespace that was entered."""

    def __init__(self) -> None:
        _run("mount -t tmpfs tmpfs /run")
        Path("/run/netns").mkdir()
        _run("ip link set lo up")
        _run(f"ip link add {BRIDGE} type bridge forward_delay 0")
        _run(f"ip address add {HOME}/24 dev {BRIDGE}")
        _run(f"ip link set {BRIDGE} up")

    def add(self, host: str, address: str) -> None:
        """Add a host with this address."""
        _run(f"ip netns add {host}")
        _run(f"ip link add {_port(host)} type veth peer name wire netns {host}")
        _run(f"ip link set {_port(host)} master {BRIDGE} up")
        _run(f"ip -n {host} address add {address}/24 dev wire")
        _run(f"ip -n {host} link set wire up")
        _run(f"ip -n {host} link set lo up")

    def cut_off(self, host: str) -> None:
        """Pull a host's cable: whatever is sent to it or by it is lost, and nobody is told."""
        _run(f"ip link set {_port(host)} down")

    def join(self, host: str) -> None:
        """Put its cable in again."""
        _run(f"ip link set {_port(host)} up")

    def slow_down(self, host: str) -> None:
        """Have a host's line carry little, each way."""
        _run(f"tc qdisc add dev {_port(host)} root tbf rate {SLOW_RATE} burst 8kb latency 2s")
        _run(f"tc -n {host} qdisc add dev wire root tbf rate {SLOW_RATE} burst 8kb latency 2s")

    def speed_up(self, host: str) -> None:
        """Give it a line as the others have."""
        _run(f"tc qdisc del dev {_port(host)} root")
        _run(f"tc -n {host} qdisc del dev wire root")


def at(host: str, command: Sequence[str]) -> list[str]:
    """Return the command that runs `command` on a host."""
    return ["nsenter", f"--net=/run/netns/{host}", "--", *command]


def _port(host: str) -> str:
    """Return a host's port at the bridge."""
    return f"to-{host}"


def _run(command: str) -> None:
    subprocess.run(command.split(), env=_with_programs(), check=True)


def _with_programs() -> dict[str, str]:
    environment = clean_environment({})
    return {**environment, "PATH": f"{environment.get('PATH', '')}:/usr/sbin:/sbin"}
