"""A share of the attacks on a real service; `make hostile` makes all of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from boxoffice.api.operations import OPERATIONS
from tests.hostile.bodies import send_bodies
from tests.hostile.headers import send_headers
from tests.hostile.schema import PHASES, Cases, send_cases
from tests.hostile.target import Target, attacked
from tests.hostile.texts import TEXTS, send_texts
from tests.hostile.tricks import play, tricks

EXAMPLES = 3
SEED = 2026


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """One service for all attacks of this file; judged behind the last one."""
    with attacked(tmp_path_factory.mktemp("hostile")) as started:
        yield started
        started.judge()


def test_what_proxies_and_servers_read_differently(target: Target) -> None:
    assert len([play(target, trick) for trick in tricks()]) > 250


def test_bodies_and_headers_that_nobody_means(target: Target) -> None:
    bodies, headers = send_bodies(target, every=4), send_headers(target)
    assert bodies.total() > 400
    assert headers.total() > 800


def test_texts_that_mean_something_elsewhere(target: Target) -> None:
    texts = TEXTS[2::4]
    answered = send_texts(target, texts)
    assert answered["payment reference", 200] > len(texts) // 2
    assert answered["event", 201] > len(texts) // 2


def test_cases_made_from_the_document(target: Target) -> None:
    target.prepare(days_before=1)
    cases = send_cases(target, examples=EXAMPLES, seed=SEED)
    assert cases.wrong == []
    assert set(cases.phases) == set(PHASES)
    assert {operation for operation, _ in cases.answered} >= {f"{each.method} {each.path}" for each in OPERATIONS}
    assert cases.total > 20 * len(OPERATIONS)
    assert any(status == 201 for _, status in cases.answered)


def test_control_what_is_wrong_is_found(target: Target) -> None:
    """A document that tells of no 410 makes every one of them a finding."""

    def forget_410(document: dict[str, Any]) -> None:
        for item in document["paths"].values():
            for method, operation in item.items():
                if method != "parameters":
                    operation["responses"].pop("410", None)

    cases: Cases = send_cases(target, examples=1, seed=SEED, change=forget_410, operation="getReservation")
    assert any("status_code_conformance" in wrong for wrong in cases.wrong)
