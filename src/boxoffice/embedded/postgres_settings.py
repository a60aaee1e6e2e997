"""What the embedded PostgreSQL is told: durable, and quick on a small machine."""

from collections.abc import Mapping
from pathlib import Path

MEMORY_AND_CONNECTIONS: Mapping[str, str] = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "dynamic_shared_memory_type": "mmap",  # containers often have a tiny /dev/shm
    "jit": "off",
    "random_page_cost": "1.1",
    "io_method": "sync",
    "track_io_timing": "off",
    "shared_preload_libraries": "pg_stat_statements",
}

LOG_OF_CHANGES: Mapping[str, str] = {
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_buffers": "16MB",
    "min_wal_size": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
}

PLACE: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    "log_error_verbosity": "terse",  # the details quote whole rows: who pays by what is nobody's business
    "log_min_error_statement": "panic",
    "lc_messages": "C",
}


def write_settings(file: Path, *, port: int, durable: bool) -> None:
    """Replace the server's own file; what ALTER SYSTEM sets stands in another and still wins."""
    settings = {**MEMORY_AND_CONNECTIONS, **LOG_OF_CHANGES, **PLACE}
    settings |= {"port": str(port), "fsync": "on" if durable else "off"}
    file.write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
