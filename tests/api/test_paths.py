"""Which resource a path leads to: exactly the templates of the operations, and nothing beside them."""

import pytest

from boxoffice.api.front import Paths
from boxoffice.api.operations import resources
from boxoffice.api.resource import Resource

RESOURCES = resources()
TEMPLATES = sorted(RESOURCES)


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


def test_a_word_comes_before_a_name_beside_it() -> None:
    templates = ("/a/{x}", "/a/b", "/a/{x}/c", "/a/b/d")
    for given in (templates, templates[::-1]):
        paths = Paths({template: template for template in given})
        assert [paths.find(path)[0] for path in ("/a/b", "/a/c", "/a/b/d", "/a/d/c")] == [
            "/a/b",
            "/a/{x}",
            "/a/b/d",
            "/a/{x}/c",
        ]
        assert paths.find("/a/b/c")[0] is None, "the name is not tried again behind the word"
