"""An installed package carries the built page, as a clone finds it by a link."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.house.tree import ROOT

LINK = "src/boxoffice/page"
BUILT = ("index.html", "index.html.br", "assets/index-1.js", "assets/index-1.js.gz")


def test_a_wheel_holds_the_page_that_was_built(tmp_path: Path) -> None:
    project = tmp_path / "project"
    leave_out = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", project / "src", symlinks=True, ignore=leave_out)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, project)
    assert (project / LINK).is_symlink()
    for name in BUILT:
        file = project / "web/dist" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(project)], check=True, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = {
            name: archive.read(name).decode() for name in archive.namelist() if name.startswith("boxoffice/page/")
        }
    assert carried == {f"boxoffice/page/{name}": name for name in BUILT}
