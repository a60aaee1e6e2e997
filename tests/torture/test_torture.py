"""A cheap share of `make torture`: smaller loads and shorter faults, judged as the large ones are.

The times to recovery are figures, and no test holds a machine to them.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture.faults import FAULTS, Fault
from tests.torture.results import Options
from tests.torture.trial import run_trial

SMALL = Options(
    per_second=120.0,
    buyers=48,
    warm_seconds=1.0,
    before_seconds=1.0,
    fault_seconds=2.0,
    after_seconds=0.5,
    load_min=1.0,
    share_back=0.3,
    without_key=0.0,
)
CHEAP = [fault for fault in FAULTS if fault.name in {"worker-killed", "commits-cut"}]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder where another user can get at it, unlike pytest's own: PostgreSQL of root may have to run as nobody."""
    with tempfile.TemporaryDirectory(prefix="boxoffice-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


@pytest.mark.parametrize("fault", CHEAP, ids=lambda fault: fault.name)
async def test_every_answer_is_accounted_for(fault: Fault, place: Path, database_url: str, redis_url: str) -> None:
    urls = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    trial = await run_trial(fault, SMALL, place, seed=0, say=print, urls=urls)
    assert trial.untrue == []
    assert trial.counts.holds > 0
    assert trial.counts.settled == trial.counts.no_answer > 0
    assert trial.counts.sold_in_the_end > 0
