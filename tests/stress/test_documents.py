"""docs/stress-test.md names every check and every setting of make, and no other."""

import re

import msgspec

from stress.run import END, MIDST
from stress.sums import check_everything
from stress.thresholds import check_thresholds
from tests.house import pages
from tests.house.tree import page
from tests.stress.results import CLEAN
from tests.stress.test_judging import SETTINGS, WELL
from tests.stress.test_sums import EVENTS, STORIES, TRUTH, records

DOCUMENT = "docs/stress-test.md"


def test_every_check_is_documented() -> None:
    run = records(STORIES, 5)
    audits = [msgspec.structs.replace(CLEAN, when=when) for when in (MIDST, END)]
    checks = [*check_everything(run, EVENTS, TRUTH, [], audits), *check_thresholds(run, SETTINGS, WELL)]
    documented = pages.rows(pages.section(page(DOCUMENT), "What makes it fail"))
    assert pages.disagreements(documented, [check.name for check in checks]) == []


def test_every_setting_of_make_stress_is_documented() -> None:
    makefile = page("Makefile")
    storm, recipe = re.findall(r"^STORM = .*|^stress: (?:.|\n\t)*", makefile, re.M)
    taken = set(re.findall(r"\$\((?:if \$\(|addprefix --set=,\$\()?([A-Z_]{3,})", storm + recipe)) - {
        "BIN",
        "COMPILE",
        "STORM",
    }
    documented = pages.rows(pages.section(page(DOCUMENT), "Running it"))
    by_environment = {"ADMIN_TOKEN"}
    assert pages.disagreements([name.partition("=")[0] for name in documented], taken | by_environment) == []
