"""The seeded defects fit the code as it is now, and the page says of each which test notices it."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from tests.defects.__main__ import main
from tests.defects.copied_tree import CopiedTree
from tests.defects.hunt import Catch
from tests.defects.page import BEGIN, END, MISSED, PAGE, explained, read_rows, written
from tests.defects.survivors import Explanation, Survivor, read_explanations, survivor_of
from tests.defects.table import Defect, DoesNotFitError, read_table
from tests.house.tree import ROOT

DEFECTS = read_table()
DEFECTS_MIN = 20
SAMPLE = Defect(name="one", file="src/boxoffice/one.py", old="a = 1\n", new="a = 2\n", tests=("tests/unit",))


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS) >= DEFECTS_MIN


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_fits_the_code(defect: Defect) -> None:
    wrong = defect.applied_to((ROOT / defect.file).read_text(encoding="utf-8"))
    assert defect.new != defect.old
    assert defect.file.startswith("src/boxoffice/")
    if defect.file.endswith(".py"):
        ast.parse(wrong)
    assert defect.tests
    assert [path for path in defect.tests if not (ROOT / path).exists()] == []


def test_control_where_no_defect_is_asked_for_none_was_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only=nobody wrote this"]) == 1
    assert "nobody wrote this" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["a = 3\n", "a = 1\na = 1\n", ""])
def test_control_a_defect_that_fits_no_more_is_found(text: str) -> None:
    with pytest.raises(DoesNotFitError):
        SAMPLE.applied_to(text)


def test_the_page_names_every_defect_and_the_test_that_notices_it() -> None:
    rows = read_rows(PAGE.read_text(encoding="utf-8"))
    assert list(rows) == [defect.name for defect in DEFECTS]
    for name, (_, test, _) in rows.items():
        path, _, function = test.partition("::")
        assert test != MISSED, name
        assert f"def {function.partition('[')[0]}(" in (ROOT / "tests" / path).read_text(encoding="utf-8"), name


def test_the_page_explains_the_mutants_that_survive() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert explained(text, read_explanations()) == text


def test_an_explanation_speaks_of_what_is_like_it_and_of_nothing_else() -> None:
    shown = "--- a\n+++ b\n@@ -1 +1 @@\n def two(a):\n-    return a < 1\n+    return a <= 1\n"
    survivor = survivor_of("boxoffice.one.xǁRoomsǁtwo__mutmut_3", shown)
    assert survivor == Survivor("boxoffice.one.Rooms.two", "return a < 1", "return a <= 1")
    assert survivor_of("boxoffice.one.x_two__mutmut_12", shown).function == "boxoffice.one.two"
    explanation = Explanation(function="boxoffice.…", old="…a < 1", new="return a <= 1", because="It is so.")
    assert explanation.explains(survivor)
    for other in (replace(explanation, old="a < 1"), replace(explanation, new="return a . 1")):
        assert not other.explains(survivor)


def test_the_page_keeps_what_was_not_looked_for() -> None:
    other = Defect(name="two", file="src/boxoffice/two.sql", old="b", new="c", tests=("tests/unit",))
    catch = Catch(test="tests/unit/test_one.py::test_one[a|b]", words="assert False", seconds=3.4)
    page = written(f"Before.\n\n{BEGIN}\n{END}\nBehind.\n", [SAMPLE, other], {"one": catch})
    page = written(page, [SAMPLE, other], {"two": Catch(test=None, words="", seconds=1)})
    assert read_rows(page) == {
        "one": ("one.py", "unit/test_one.py::test_one", 3),
        "two": ("two.sql", MISSED, 1),
    }
    assert page.startswith("Before.\n")
    assert page.endswith("Behind.\n")


def test_a_defect_is_in_the_copy_for_as_long_as_it_is_hunted(tmp_path: Path) -> None:
    tree = CopiedTree(tmp_path)
    file = tmp_path / SAMPLE.file
    file.parent.mkdir(parents=True)
    file.write_text("a = 1\n")
    with tree.with_defect(SAMPLE):
        assert file.read_text() == "a = 2\n"
    assert file.read_text() == "a = 1\n"
    assert not (ROOT / SAMPLE.file).exists()
