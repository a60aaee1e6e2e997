"""A port is given once, in this process and beside it, though nobody listens on it yet."""

import subprocess
import sys

import pytest

from tests.house.tree import ROOT
from tests.ports import free_port


def test_a_port_is_given_once_though_nobody_listens_on_it() -> None:
    port = free_port()
    with pytest.raises(AssertionError, match="no port is left"):
        free_port([port])
    again = [sys.executable, "-c", f"from tests.ports import free_port; free_port([{port}])"]
    beside = subprocess.run(again, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "no port is left" in beside.stderr
