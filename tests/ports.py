"""Ports for the servers that tests start: chosen now, listened on a moment later, and given to nobody else meanwhile.

Several test processes run beside each other. A port that is merely free when it is chosen may be chosen by two of them.
"""

import secrets
import socket
from collections.abc import Sequence

from boxoffice.embedded.keepsakes import is_free

PORTS = range(10_000, 20_000)
"""Others than those that embedded servers choose from by themselves, and that systems take for outgoing connections."""


def free_port(ports: Sequence[int] = PORTS) -> int:
    """Return a loopback port on which nothing listens, and which was given to no test process that still runs.

    Who has it is told by a name of the system's, bound until this process ends; such names are no files.
    """
    first = secrets.randbelow(len(ports))
    for place in range(first, first + len(ports)):
        port = ports[place % len(ports)]
        if _claim(port) and is_free(port):
            return port
    raise AssertionError("no port is left")


def _claim(port: int) -> bool:
    """Take the port's name, and tell whether nobody had it."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0boxoffice-test-port-{port}")
    except OSError:
        name.close()
        return False
    name.detach()
    return True
