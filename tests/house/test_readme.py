"""The README's story, run as printed by a shell against a real service with the demo, prints what the README claims."""

import asyncio
import os
import shutil
import subprocess
import sys

import pytest

from tests.conftest import StartServices
from tests.house import pages, story
from tests.house.tree import page

PRINTED_ADDRESS = "http://127.0.0.1:8000"
HOLD_SECONDS = 5
STORY_SECONDS_MAX = 60
STEPS_MIN = 8

PAGE = """
```sh
name=world
echo "hello $name, $$"
```

It prints:

```text
hello world, …
```

```sh
echo "$name"
```
"""


def run_story(text: str) -> list[str]:
    """Run all steps of a page in one shell, which ends at the first line that fails."""
    command = ["sh", "-euc", story.script(story.steps(text))]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=STORY_SECONDS_MAX, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return story.outputs(ended.stdout)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the story is told with curl, which is not installed")
async def test_the_story_goes_as_printed(services: StartServices, database_url: str, redis_url: str) -> None:
    urls = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    command = [sys.executable, "-m", "boxoffice", "demo"]
    await asyncio.to_thread(subprocess.run, command, env={**os.environ, **urls}, check=True)
    [service] = await services(hold_seconds=HOLD_SECONDS)
    text = pages.section(page("README.md"), "The whole story")
    assert text.count(PRINTED_ADDRESS) == 1, "the story names the address once"
    told = story.steps(text)
    assert len(told) >= STEPS_MIN
    assert all(step.output for step in told), "each step says what it prints"
    printed = await asyncio.to_thread(run_story, text.replace(PRINTED_ADDRESS, service.url))
    for step, output in zip(told, printed, strict=True):
        assert story.agrees(step.output or "", output), f"{step.lines}\nprinted\n{output}\nnot\n{step.output}"


def test_control_steps_carry_their_output_and_variables() -> None:
    told = story.steps(PAGE)
    assert [step.output for step in told] == ["hello world, …\n", None]
    printed = run_story(PAGE)
    assert story.agrees(told[0].output or "", printed[0])
    assert printed[1] == "world"


def test_control_a_line_that_fails_ends_the_story() -> None:
    with pytest.raises(AssertionError):
        run_story(PAGE.replace("name=world", "name=$(false)"))


@pytest.mark.parametrize("claimed", ["hello", "hello world", "hello …, 1 and more", "… bye", ""])
def test_control_another_output_is_found(claimed: str) -> None:
    assert not story.agrees(claimed, "hello world, 1")


def test_control_an_output_without_lines_is_found() -> None:
    with pytest.raises(ValueError, match="output without"):
        story.steps("```text\nhello\n```\n")
