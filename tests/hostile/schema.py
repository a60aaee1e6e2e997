"""Schemathesis over the whole OpenAPI document: examples, coverage, fuzzing, and stateful walks along its links."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.schemas import BaseSchema

from boxoffice.api.operations import openapi_json
from tests.api.shop import BEARER
from tests.clients import PATIENCE_SECONDS
from tests.hostile.target import TRACES, Target

Tell: TypeAlias = Callable[[int], None]
Change: TypeAlias = Callable[[dict[str, Any]], None]
PHASES = ("examples", "coverage", "fuzzing", "stateful")
# Data that fits the document may still name an event that is not there, or ask for more than is left.
CHECKS = {"positive_data_acceptance": {"enabled": False}, "max_response_time": PATIENCE_SECONDS}


@dataclass(slots=True)
class Cases:
    """What was sent and answered: by operation and status, by phase, and what was wrong with it."""

    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.answered.total()

    def add(self, other: "Cases") -> None:
        self.answered += other.answered
        self.phases += other.phases
        self.wrong += other.wrong


def send_cases(
    target: Target,
    *,
    examples: int,
    seed: int,
    tell: Tell | None = None,
    change: Change | None = None,
    operation: str | None = None,
) -> Cases:
    """Send every phase's cases, so many examples for each operation; `tell` hears how many were sent so far.

    A control changes the document before, and sends the cases of one operation only.
    """
    document = json.loads(openapi_json())
    if change is not None:
        change(document)
    cases = Cases()
    # Walks come first: the others change limits and dates, and whoever walks should still find something to hold.
    for phases in (("stateful",), ("examples", "coverage", "fuzzing")):
        if operation is not None and phases == ("stateful",):
            continue
        schema = schemathesis.openapi.from_dict(document, config=_config(target, phases, examples, seed))
        chosen: BaseSchema = schema if operation is None else schema.include(operation_id=operation)
        _send(chosen, cases, tell)
    return cases


def _config(target: Target, phases: Sequence[str], examples: int, seed: int) -> SchemathesisConfig:
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "workers": 1,
            "headers": dict(BEARER),
            "continue-on-failure": True,
            "request-timeout": PATIENCE_SECONDS,
            "generation": {"max-examples": examples},
            "phases": {phase: {"enabled": phase in phases} for phase in PHASES},
            "checks": CHECKS,
        }
    )
    config.projects.override.update(base_url=target.url)
    return config


def _send(schema: BaseSchema, cases: Cases, tell: Tell | None) -> None:
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _count(cases, event.phase.value, event.recorder)
            if tell is not None:
                tell(cases.total)
        elif isinstance(event, events.NonFatalError):
            cases.wrong.append(f"schemathesis: {event.label}: {event.info.format()}")
        elif isinstance(event, events.FatalError):
            cases.wrong.append(f"schemathesis: {event.exception!r}")


def _count(cases: Cases, phase: str, recorder: ScenarioRecorder) -> None:
    for case_id, interaction in recorder.interactions.items():
        known = recorder.cases.get(case_id)
        operation = known.value.operation.label if known else recorder.label
        cases.phases[phase] += 1
        if interaction.response is None:
            cases.wrong.append(f"{operation}: no answer to {interaction.request.uri}")
            continue
        cases.answered[operation, interaction.response.status_code] += 1
        if TRACES.search(interaction.response.content or b"") and not _is_documentation(operation):
            cases.wrong.append(f"{operation}: the answer tells of the inside: {interaction.response.content!r}")
    cases.wrong += _failures(recorder)


def _is_documentation(operation: str) -> bool:
    """These answers are the program's own files, the same for everybody."""
    return operation in {"GET /docs/{file}", "GET /openapi.json"}


def _failures(recorder: ScenarioRecorder) -> Iterator[str]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                sent = recorder.cases[case_id].value.as_curl_command()
                yield f"{recorder.label}: {check.name}: {check.failure_info.failure}\n    {sent}"
