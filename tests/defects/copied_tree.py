"""A copy of the project in which one file at a time is made wrong. The working tree is never touched."""

import compileall
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.defects.table import Defect
from tests.house.tree import ROOT

LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "*.egg-info", "test-results")


class CopiedTree:
    """The project, copied to `root`; whatever runs with `environment` imports it from there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {**os.environ, "PYTHONPATH": str(root / "src"), "PYTHONUNBUFFERED": "1"}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)

    @contextmanager
    def with_defect(self, defect: Defect) -> Iterator[None]:
        """Have the defect in the copy within. Raises DoesNotFitError."""
        path = self.root / defect.file
        right = path.read_text(encoding="utf-8")
        path.write_text(defect.applied_to(right), encoding="utf-8")
        self._compile(path)
        try:
            yield
        finally:
            path.write_text(right, encoding="utf-8")
            self._compile(path)

    def _compile(self, path: Path) -> None:
        if path.suffix == ".py" and not compileall.compile_file(path, quiet=1, force=True):
            raise SyntaxError(str(path))


@contextmanager
def copied_tree() -> Iterator[CopiedTree]:
    """Copy the project within."""
    with TemporaryDirectory(prefix="boxoffice-defects-") as folder:
        root = Path(folder) / "tree"
        shutil.copytree(ROOT, root, symlinks=True, ignore=LEFT_OUT)
        compileall.compile_dir(root / "src", quiet=1)
        yield CopiedTree(root)


PYTHON = sys.executable
