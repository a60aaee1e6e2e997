"""A stage of the Dockerfile carried out without a container engine: the same commands, by an ordinary user.

The paths of the image lead into a folder; the context is what .dockerignore lets in; the base image has a Python that
is made from this one, with pip and nothing else.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from boxoffice.embedded.unprivileged import namespace_prefix
from tests.debian import ROOT_USER
from tests.deploy.dockerfile import Stage, is_let_in, sources
from tests.house.tree import ROOT

ROOTS = ("/opt/boxoffice", "/build")
"""The folders of the image that the stages write to."""
STEP_SECONDS_MAX = 600
ALLOWED = ("PATH", "PIP_INDEX_URL", "PIP_CONFIG_FILE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "NODE_USE_SYSTEM_CA")


class Image:
    """The stages' file systems, each in a folder of its own, below an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._base = folder / "base"
        subprocess.run([sys.executable, "-m", "venv", str(self._base)], check=True)
        (folder / "home").mkdir()

    def path(self, of_image: str, stage: str) -> Path:
        """Return where a path of a stage is."""
        return self.folder / "stages" / stage / of_image.lstrip("/")

    def build(self, stage: Stage) -> None:
        """Carry out the instructions of one stage that copy and run. Raises CalledProcessError with what was said."""
        place = "/"
        for root in ROOTS:
            self.path(root, stage.name).parent.mkdir(parents=True, exist_ok=True)
        for kind, said in stage.instructions:
            if kind == "WORKDIR":
                place = said
                self.path(place, stage.name).mkdir(parents=True, exist_ok=True)
            elif kind == "COPY":
                self._copy(said, place, stage.name)
            elif kind == "RUN":
                self._run(said, place, stage)

    def as_ordinary_user(self, command: Sequence[str]) -> list[str]:
        """Return the command that runs `command` as an ordinary user: nobody, in a namespace, where we are root."""
        prefix = namespace_prefix() if os.geteuid() == ROOT_USER else []
        assert prefix or os.geteuid() != ROOT_USER, "there are no user namespaces here: run this as an ordinary user"
        return [*prefix, *command]

    def translated(self, text: str, stage: str) -> str:
        """Return a command with a stage's folders replaced by ours."""
        for root in ROOTS:
            text = text.replace(root, str(self.path(root, stage)))
        return text

    def _environment(self, told: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a step: what the stage sets, and of ours only how to reach package registries."""
        base = {name: value for name, value in os.environ.items() if name in ALLOWED}
        base["PATH"] = os.pathsep.join([str(self._base / "bin"), str(Path(sys.executable).parent), base["PATH"]])
        base["HOME"] = str(self.folder / "home")
        base.setdefault("NODE_USE_SYSTEM_CA", "1")  # as the Makefile has it
        return {**base, **told}

    def _run(self, said: str, place: str, stage: Stage) -> None:
        command = self.as_ordinary_user(["sh", "-euc", self.translated(said, stage.name)])
        ended = subprocess.run(
            command,
            cwd=self.path(place, stage.name),
            env=self._environment(stage.environment()),
            capture_output=True,
            text=True,
            timeout=STEP_SECONDS_MAX,
            check=False,
        )
        assert ended.returncode == 0, f"{said}\n{ended.stdout}{ended.stderr}"

    def _copy(self, said: str, place: str, into: str) -> None:
        stage, copied, to = sources(said)
        target = self.path(to if to.startswith("/") else f"{place}/{to}", into)
        for each in copied:
            source = self.path(each, stage) if stage else ROOT / each
            assert source.exists(), f"COPY {said}: there is no {each}"
            if source.is_dir():
                ignore = None if stage else _not_let_in
                shutil.copytree(source, target, symlinks=True, ignore=ignore, dirs_exist_ok=True)
            else:
                file = target / source.name if to.endswith("/") else target
                file.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, file)


def _not_let_in(folder: str, names: list[str]) -> set[str]:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    inside = Path(folder).relative_to(ROOT)
    return {name for name in names if not is_let_in((inside / name).as_posix(), ignored)}
