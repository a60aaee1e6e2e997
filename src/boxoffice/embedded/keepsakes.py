"""Small things that are made once and kept in the data folder: secrets and ports."""

import os
import secrets
import socket
import tempfile
from pathlib import Path

OTHERS = 0o077
PORTS = range(20_000, 32_000)
"""Below the range from which systems take ports for outgoing connections, so that a kept port stays free."""


def kept_secret(file: Path) -> str:
    """Return the secret in `file`; made by the system's generator when there is none. Only its owner may read it."""
    if file.exists() and (kept := file.read_text().strip()):
        if file.stat().st_mode & OTHERS:  # copied here by somebody, or restored
            file.chmod(0o600)
        return kept
    made = secrets.token_urlsafe(32)
    write_private(file, made + "\n")
    return made


def kept_port(file: Path) -> int:
    """Return the port in `file` while it is free, otherwise a new one, which is kept."""
    if file.exists() and (kept := file.read_text().strip()).isdecimal() and is_free(int(kept)):
        return int(kept)
    made = free_port()
    write_private(file, f"{made}\n")
    return made


def free_port() -> int:
    """Return a loopback port on which nothing listens now."""
    while not is_free(port := secrets.choice(PORTS)):
        pass
    return port


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this loopback port now."""
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def write_private(file: Path, content: str) -> None:
    """Replace `file` at one stroke; only its owner may read it."""
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(descriptor, "w") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    Path(temporary).replace(file)
