"""The data folder has one launcher at a time, and tells its URLs for as long as that launcher lives."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from boxoffice.embedded.folder import DataFolder
from boxoffice.errors import CannotStart

URLS = {"DATABASE_URL": "postgresql://boxoffice:a$b'c@127.0.0.1:1/boxoffice", "REDIS_URL": "redis://:x y@127.0.0.1:2/0"}

LAUNCH = """
import sys
from pathlib import Path
from boxoffice.embedded.folder import DataFolder
folder = DataFolder(Path(sys.argv[1]))
folder.lock()
folder.write_urls({"DATABASE_URL": "postgresql://somewhere/", "REDIS_URL": "redis://somewhere/"})
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def launcher(folder: DataFolder) -> Iterator[subprocess.Popen[str]]:
    """Another process that has locked the folder."""
    command = [sys.executable, "-c", LAUNCH, str(folder.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_a_second_launcher_is_refused_in_one_line(folder: DataFolder, launcher: subprocess.Popen[str]) -> None:
    assert launcher.poll() is None
    with pytest.raises(CannotStart, match="another `boxoffice run` already uses the data folder") as refused:
        folder.lock()
    assert "\n" not in str(refused.value)


def test_a_killed_launcher_leaves_no_lock(folder: DataFolder, launcher: subprocess.Popen[str]) -> None:
    launcher.kill()
    launcher.wait()
    folder.lock()
    folder.unlock()


def test_a_folder_let_go_can_be_taken_again(folder: DataFolder) -> None:
    folder.lock()
    folder.unlock()
    again = DataFolder(folder.path)
    again.lock()
    again.unlock()


def test_urls_are_told_while_their_launcher_lives(folder: DataFolder, launcher: subprocess.Popen[str]) -> None:
    assert folder.read_urls() == {"DATABASE_URL": "postgresql://somewhere/", "REDIS_URL": "redis://somewhere/"}
    launcher.kill()
    launcher.wait()
    assert folder.urls_file.exists()
    assert folder.read_urls() == {}


def test_without_a_folder_no_urls_are_told(folder: DataFolder) -> None:
    assert folder.read_urls() == {}
    assert not folder.path.exists()


def test_urls_are_private_and_read_back_as_written(folder: DataFolder) -> None:
    folder.lock()
    folder.write_urls(URLS)
    assert folder.urls_file.stat().st_mode & 0o777 == 0o600
    assert DataFolder(folder.path).read_urls() == URLS
    folder.forget_urls()
    assert DataFolder(folder.path).read_urls() == {}
    folder.unlock()


def test_a_shell_reads_the_urls_too(folder: DataFolder) -> None:
    folder.make()
    folder.write_urls(URLS)
    script = f'. {shlex.quote(str(folder.urls_file))}; printf "%s\\n%s" "$DATABASE_URL" "$REDIS_URL"'
    shown = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines() == list(URLS.values())


def test_the_admin_token_is_made_once_and_private(folder: DataFolder) -> None:
    token = folder.admin_token()
    assert len(token) >= 32
    assert folder.admin_token() == token
    assert folder.token_file.stat().st_mode & 0o777 == 0o600


def test_a_secret_that_others_could_read_is_kept_and_closed_to_them(folder: DataFolder) -> None:
    token = folder.admin_token()
    folder.token_file.chmod(0o644)
    assert folder.admin_token() == token
    assert folder.token_file.stat().st_mode & 0o777 == 0o600
