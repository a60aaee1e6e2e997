"""A model made up for tests, and configurations for it."""

import msgspec

from bench.capacity.values import Configuration, Cost, Model

MODEL = Model(
    costs={
        "web": Cost(seconds=0.01, flights=200e-6, holds=40e-6, tickets=4e-6, rows=5e-6),
        "database": Cost(seconds=0.01, flights=300e-6, holds=12e-6, tickets=8e-6, rows=10e-6),
        "redis": Cost(seconds=0.001),
        "kernel": Cost(flights=20e-6),
        "generator": Cost(holds=10e-6, tickets=1e-6),
        "wal_bytes": Cost(flights=300, holds=400, tickets=250, rows=70),
        "http_in": Cost(holds=200),
        "http_out": Cost(holds=300, tickets=100),
    },
    wait_seconds=0.0004,
    chained=0.4,
    rows_of_date=2,
)


def asked(**changes: object) -> Configuration:
    """One hot date and 256 connections, but for what is given."""
    return msgspec.convert({"name": "hot-date", "what": "one hot date", **changes}, Configuration)
