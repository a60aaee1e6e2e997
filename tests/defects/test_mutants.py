"""What became of the mutants is counted by file, told in a line, and stands on the page."""

from dataclasses import replace

from tests.defects.mutants import count_of, faults_of, told
from tests.defects.page import BEGIN_OF_COUNTS, END, PAGE, counted, file_of, read_counts, read_not_counted
from tests.defects.survivors import Count, Explanation, Survivor, belongs_to, pure_modules
from tests.house.tree import ROOT
from tests.proof.parts import chosen

EXPLANATION = Explanation(function="boxoffice.guess.turn", old="a", new="b", because="It is so.")
SURVIVOR = Survivor("boxoffice.guess.turn", "a", "b")
OTHER = replace(SURVIVOR, new="c")
FIRST, SECOND, THIRD = (f"boxoffice.guess.x_turn__mutmut_{number}" for number in (1, 2, 3))


def test_a_mutant_belongs_to_its_own_module_alone() -> None:
    assert belongs_to("boxoffice.values.xǁDateKeyǁthen__mutmut_1", "boxoffice.values")
    assert belongs_to("boxoffice.values.x_then__mutmut_1", "boxoffice.values")
    assert not belongs_to("boxoffice.booking.values.x_then__mutmut_1", "boxoffice.values")
    assert not belongs_to("boxoffice.valuesx.x_then__mutmut_1", "boxoffice.values")


def test_what_became_of_a_module_is_counted() -> None:
    outcomes = {FIRST: "killed", SECOND: "survived", THIRD: "no tests", "boxoffice.other.x_a__mutmut_1": "killed"}
    found = {SECOND: SURVIVOR, THIRD: OTHER}
    count = count_of("boxoffice.guess", outcomes, found, [EXPLANATION])
    assert count == Count(changes=3, noticed=1, explained=1)
    assert told([count, Count(changes=4, noticed=4, explained=0)]) == "5 of 7 noticed, 1 explained"


def test_what_is_not_noticed_must_be_explained_and_what_is_noticed_must_not() -> None:
    other = replace(EXPLANATION, new="d")
    assert faults_of([SURVIVOR], [EXPLANATION], [EXPLANATION]) == []
    assert faults_of([SURVIVOR, OTHER], [EXPLANATION], [EXPLANATION]) == [f"NOT NOTICED {OTHER}"]
    (needless,) = faults_of([SURVIVOR], [EXPLANATION, other], [EXPLANATION, other])
    assert needless.endswith(str(other))
    assert faults_of([SURVIVOR], [], [EXPLANATION, other]) == [], "what a part of the modules cannot tell is left alone"


def test_the_proof_reads_what_is_told() -> None:
    (part,) = chosen(["mutants"])
    line = told([Count(changes=7, noticed=5, explained=2)])
    assert part.counts_in(f"    5 killed\n{line}\n") == line


def test_the_page_keeps_what_was_not_counted_now() -> None:
    one, two = Count(changes=3, noticed=2, explained=1), Count(changes=4, noticed=4, explained=0)
    modules = ["boxoffice.guess", "boxoffice.booking.values"]
    text = counted(f"Before.\n\n{BEGIN_OF_COUNTS}\n{END}\nBehind.\n", modules, {modules[1]: one})
    assert read_not_counted(text) == ["guess.py"]
    text = counted(text, modules, {modules[0]: two})
    assert read_not_counted(text) == []
    assert read_counts(text) == {"guess.py": two, "booking/values.py": one}
    assert text.startswith("Before.\n")
    assert text.endswith("Behind.\n")


def test_the_page_names_every_pure_file_and_all_that_survived_of_those_counted_is_explained() -> None:
    modules, text = pure_modules(), PAGE.read_text(encoding="utf-8")
    assert [module for module in modules if not (ROOT / "src/boxoffice" / file_of(module)).exists()] == []
    counts, missing = read_counts(text), read_not_counted(text)
    assert counted(text, modules, {}) == text
    assert sorted([*counts, *missing]) == sorted(map(file_of, modules))
    assert [file for file, each in counts.items() if each.noticed + each.explained != each.changes] == []
