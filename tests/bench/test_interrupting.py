"""Commands that start servers stop them when they are told to end."""

import signal
import subprocess
import sys

from tests.house.tree import ROOT

WAITING = """
import signal
from bench.interrupting import end_as_interrupted
end_as_interrupted()
try:
    print("started", flush=True)
    signal.pause()
except KeyboardInterrupt:
    print("put away")
"""


def test_a_command_that_is_told_to_end_puts_away_what_it_started() -> None:
    with subprocess.Popen([sys.executable, "-c", WAITING], cwd=ROOT, stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        assert command.stdout.readline() == "started\n"
        command.send_signal(signal.SIGTERM)
        assert command.stdout.read() == "put away\n"
    assert command.returncode == 0
