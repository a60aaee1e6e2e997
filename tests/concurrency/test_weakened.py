"""The weakened statements are statements: each lacks what it says, and nothing else."""

from tests.concurrency import weakened
from tests.concurrency.weakened import replaced

WEAK = {
    name: text for name, text in vars(weakened).items() if "_WITHOUT_" in name or "_AGAINST_" in name or "_BY_" in name
}


def test_control_every_part_that_is_taken_out_was_there() -> None:
    assert len(WEAK) >= 12
    assert [name for name, text in WEAK.items() if " times in the statement: " in text] == []


def test_control_a_part_that_is_not_there_makes_no_statement() -> None:
    assert replaced("SELECT 1, 1", "1") == "2 times in the statement: 1"
    assert replaced("SELECT 1, 1", ", 1") == "SELECT 1"
