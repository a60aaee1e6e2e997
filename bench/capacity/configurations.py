"""What is measured: the configurations that the model is fitted to, and those that it has to predict."""

from collections.abc import Sequence

from bench.capacity.values import Configuration

CONFIGURATIONS: Sequence[Configuration] = (
    Configuration(name="idle", what="no load", per_second=0),
    Configuration(name="one-buyer", what="one hot date, one connection: each hold flies alone", connections=1),
    Configuration(name="few-buyers", what="one hot date, 16 connections", connections=16),
    Configuration(name="some-buyers", what="one hot date, 64 connections", connections=64),
    Configuration(name="hot-date", what="one hot date, 256 connections"),
    Configuration(name="eight-tickets", what="one hot date, eight tickets in a hold", tickets=8),
    Configuration(name="many-dates", what="1,000 dates of one event", dates=1_000, shards=1),
    Configuration(
        name="many-events", what="200 events of one date, 64 connections", connections=64, events=200, shards=1
    ),
    Configuration(name="steady", what="one hot date, holds due at a steady rate", per_second=1_500),
    Configuration(name="two-processes", what="one hot date, two service processes", workers=2, fitted=False),
    Configuration(name="four-tickets", what="one hot date, four tickets in a hold", tickets=4, fitted=False),
    Configuration(name="eight-dates", what="eight dates of one event", dates=8, fitted=False),
    Configuration(name="eight-events", what="eight events of one date", events=8, shards=1, fitted=False),
)

RELAYED = ("one-buyer", "hot-date", "eight-tickets", "many-dates")
"""Those whose bytes are counted."""
