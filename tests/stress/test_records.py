"""What the generator writes is read whole, and nothing is taken for a record that is none."""

from pathlib import Path

import pytest

from stress.errors import Unreadable
from stress.latency import distribution_of, latency_of, merged, percentile_ms, shares_up_to
from stress.records import read_records
from stress.tally import Tally
from tests.house.tree import ROOT

FIRST = '{"second":100,"counts":{"held":2,"buyers":3},"latency_us":{"hold":{"1000":1,"2000":1}},"reasons":{}}\n'
AGAIN = '{"second":100,"counts":{"held":1},"latency_us":{"hold":{"2000":1}},"reasons":{"pay answered 500":1}}\n'
LATER = '{"second":103,"counts":{"paid":1},"latency_us":{"pay":{"500":1}}}\n'
STORY = (
    '{"buyer":"b","scenario":"rush","event_id":1,"tickets":2,"end":"paid","reservation":"1-a",'
    '"asked":{"held":true,"paid":true,"let_go":false},"acknowledged":{"held":true,"paid":true,"let_go":false}}\n'
)


def write(folder: Path, **files: str) -> None:
    """Write what a thread would have written; __ stands for a hyphen."""
    for name, text in files.items():
        (folder / f"{name.replace('__', '-')}.ndjson").write_text(text)


def test_the_lines_of_all_threads_are_added_up(tmp_path: Path) -> None:
    write(tmp_path, moments__1__1=FIRST + LATER, moments__1__2=AGAIN, stories__1__1=STORY, stories__1__2="")
    records = read_records(tmp_path)
    assert (records.began, records.threads) == (100, 2)
    assert [moment.counts for moment in records.moments] == [{"held": 3, "buyers": 3}, {}, {}, {"paid": 1}]
    assert [moment.second for moment in records.moments] == [0, 1, 2, 3]
    assert records.moments[0].latency["hold"].count == 3
    assert records.totals == {"held": 3, "buyers": 3, "paid": 1}
    assert records.reasons == {"pay answered 500": 1}
    assert [(story.end, story.acknowledged.paid) for story in records.stories] == [("paid", True)]
    assert records.latency["hold"].latency.p50_ms == 2


def test_a_generator_that_sent_nothing_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="it sent nothing"):
        read_records(tmp_path)


@pytest.mark.parametrize("line", ['{"second":1', '{"counts":{}}', '{"second":1,"counts":{"held":"2"},"latency_us":{}}'])
def test_a_line_that_is_no_record_is_named(tmp_path: Path, line: str) -> None:
    write(tmp_path, moments__1__1=FIRST + line)
    with pytest.raises(Unreadable, match=r"moments-1-1\.ndjson, line 2"):
        read_records(tmp_path)


def test_an_end_that_nobody_knows_is_named(tmp_path: Path) -> None:
    write(tmp_path, moments__1__1=FIRST, stories__1__1=STORY.replace('"end":"paid"', '"end":"vanished"'))
    with pytest.raises(Unreadable, match="stories"):
        read_records(tmp_path)


def test_every_class_of_answers_of_the_scenarios_has_a_place_here() -> None:
    from stress.words import KINDS, MEANINGS, OUTCOMES

    answers = (ROOT / "load/answers.js").read_text(encoding="utf-8")
    listed = answers.partition("OUTCOMES = ")[2].partition("])")[0]
    assert {line.strip(" ',") for line in listed.splitlines()[1:] if line.strip()} == set(OUTCOMES) == set(MEANINGS)
    sources = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "load").glob("*.js")))
    timed = sources.partition("const TIMED = ")[2].partition("\n)")[0]
    assert all(f"'{kind}'" in timed for kind in KINDS), timed


def test_a_tally_counts_whole_lines_as_they_come(tmp_path: Path) -> None:
    tally = Tally(tmp_path)
    tally.update()
    assert str(tally) == ""
    write(tmp_path, moments__1__1=FIRST + LATER[:20])
    tally.update()
    assert str(tally) == "2 held"
    write(tmp_path, moments__1__1=FIRST + LATER, moments__1__2=AGAIN)
    tally.update()
    assert str(tally) == "3 held, 1 paid"


def test_percentiles_are_bounds_of_buckets() -> None:
    histogram = {1_000: 50, 2_000: 45, 4_000: 4, 8_000: 1}
    found = latency_of(histogram)
    assert (found.count, found.p50_ms, found.p95_ms, found.p99_ms) == (100, 1, 2, 4)
    assert percentile_ms(histogram, 1) == 8
    assert percentile_ms({}, 0.5) == 0
    assert merged([{1_000: 1}, {1_000: 2, 2_000: 1}]) == {1_000: 3, 2_000: 1}


def test_a_distribution_rises_from_its_first_bucket_to_all() -> None:
    found = distribution_of({2_000: 3, 1_000: 1, 4_000: 0})
    assert shares_up_to(found.buckets) == [(1, 0.25), (2, 1)]
