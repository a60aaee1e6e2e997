"""wrk: closed loops from one thread, at about ten microseconds a request.

What a row sends stands in a script in `lua/`; all share `counting.lua`, which prints what was answered as JSON.
"""

from pathlib import Path

from bench.load import Load, RunningLoad
from bench.programs import find_program, start_program

SCRIPTS = Path(__file__).parent / "lua"
ANSWER_SECONDS_MAX = 60


def start_wrk(load: Load, seconds: float) -> RunningLoad:
    """Begin to send a load for a time. Raises CannotRun without wrk."""
    duration = max(1, round(seconds))
    command = [find_program("wrk"), "-t1", f"-c{load.connections}", f"-d{duration}s"]
    command += [f"--timeout={ANSWER_SECONDS_MAX}s", "-s", f"{load.script}.lua", load.url, "--"]
    command += [str(argument) for argument in load.arguments]
    return RunningLoad(start_program(command, folder=SCRIPTS), load, seconds)
