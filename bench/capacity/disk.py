"""How fast the disk takes a log: what is written in one file, synchronised piece by piece."""

import os
import tempfile
import time
from pathlib import Path

PIECE_BYTES = 1 << 20
PIECES = 128


def log_bytes_per_second(folder: Path) -> float:
    """Write and synchronise pieces one after the other, in a file that is as long already, as PostgreSQL's log is."""
    piece = bytes(PIECE_BYTES)
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(PIECES):
            os.write(file.fileno(), piece)
        os.fsync(file.fileno())
        began = time.perf_counter()
        for number in range(PIECES):
            os.pwrite(file.fileno(), piece, number * PIECE_BYTES)
            os.fdatasync(file.fileno())
        return PIECES * PIECE_BYTES / (time.perf_counter() - began)
