"""A share of the attacks on a real service; `make hostile` makes all of them."""

from collections.abc import Iterator
from pathlib import Path
import pytest
from tests.hostile.target import Target, attacked
from tests.hostile.tricks import play, tricks, Trick


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with attacked(tmp_path_factory.mktemp("hostile")) as started:
        yield started
        started.judge()


def test_tricks(target: Target) -> None:
    wrong = []
    for trick in tricks():
        try:
            play(target, trick)
        except AssertionError as error:
            wrong.append((trick.sent[:200], str(error)[:300]))
    for each in wrong:
        print(each)
    assert not wrong
