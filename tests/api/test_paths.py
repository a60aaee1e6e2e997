"""Which resource a path leads to: exactly the templates of the operations, and nothing beside them."""

import pytest

from boxoffice.api.front import Paths
from boxoffice.api.operations import OPERATIONS, resources
from boxoffice.api.resource import Resource

RESOURCES = resources()
TEMPLATES = sorted({operation.path for operation in OPERATIONS})


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_found_with_the_segments_that_it_names(template: str) -> None:
    names = [segment for segment in template.split("/") if segment.startswith("{")]
    values = [f"ä {number}?#%2F" for number in range(len(names))]
    path = template
    for name, value in zip(names, values, strict=True):
        path = path.replace(name, value)
    found, segments = Paths(RESOURCES).find(path)
    assert found is RESOURCES[template]
    assert segments == values


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("change", ["{}/", "/{}", "{}\n", " {}", "{}/x/y/z/0", "x{}", "*", "", "{}//"])
def test_what_is_nearly_a_template_is_nothing(template: str, change: str) -> None:
    path = change.format(template)
    found, _ = Paths(RESOURCES).find(path)
    if not template.endswith("}") or change != "{}\n":  # a name may hold anything but a slash
        assert found is None


def test_an_empty_segment_is_no_name() -> None:
    paths = Paths({"/a/{x}/b": Resource("/a/{x}/b", {})})
    assert paths.find("/a/1/b")[0] is not None
    for path in ("/a//b", "//1/b", "/a/1//b", "/a/1/", "/a/1"):
        assert paths.find(path)[0] is None


@pytest.mark.parametrize("others", [("/a/b", "/a/{x}"), ("/a/{x}/c", "/a/b/c")])
def test_two_templates_that_one_path_could_mean_are_refused(others: tuple[str, str]) -> None:
    for pair in (others, reversed(others)):
        with pytest.raises(ValueError, match="could mean"):
            Paths({template: Resource(template, {}) for template in pair})
