"""What the generator has written so far, while it runs: counts for the line that shows progress."""

from collections import Counter
from pathlib import Path

import msgspec

from stress.records import MOMENTS, MomentLine
from stress.words import OUTCOMES, outcome


class Tally:
    """Reads on from where it was; whole lines only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}
        self._decoder = msgspec.json.Decoder(MomentLine)
        self.counts: Counter[str] = Counter()

    def update(self) -> None:
        """Read what was added. Lines that are none are left to whoever reads them in the end."""
        for file in self._folder.glob(MOMENTS):
            with file.open("rb") as opened:
                opened.seek(self._read.get(file, 0))
                added = opened.read()
            whole = added[: added.rfind(b"\n") + 1]
            self._read[file] = self._read.get(file, 0) + len(whole)
            for line in whole.splitlines():
                try:
                    self.counts.update(self._decoder.decode(line).counts)
                except msgspec.MsgspecError:
                    continue

    def __str__(self) -> str:
        """Say it in one line."""
        return ", ".join(f"{self.counts[name]:,} {outcome(name)}" for name in OUTCOMES if self.counts[name])
