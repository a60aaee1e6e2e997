"""Charts over time as inline SVG: what is under the pointer is said beside it, by the page's style alone, no script."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.drawing import ROOM_ABOVE, Scale, box, line, picture, round_step, text
from stress.values import Phase

WIDTH, HEIGHT = 1040, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 46, 40
LETTER_WIDTH = 6.6
ROW = 16
PLACES_MAX = 180
PHASE_WORDS_MIN = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure over time: its name, its class in the style, and its value at each second; none where unknown."""

    name: str
    kind: str
    points: Mapping[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The time that all charts of a run share: from second 0 up to `seconds`, and the phases in it."""

    seconds: int
    phases: Sequence[Phase]

    @property
    def across(self) -> Scale:
        """Where a second stands."""
        return Scale(0, max(1, self.seconds), LEFT, WIDTH - RIGHT)

    def middle(self, second: int) -> float:
        """Where what belongs to a whole second stands."""
        return self.across.place(second + 0.5)

    @property
    def step(self) -> int:
        """For how many seconds one place under the pointer stands."""
        return -(-max(1, self.seconds) // PLACES_MAX)


def time_chart(title: str, frame: Frame, lines: Sequence[Line], write: Callable[[float], str], *, stacked: bool) -> str:
    """Draw lines over time or, stacked, columns on top of each other. `write` says a value as people read it."""
    lines = [each for each in lines if any(each.points.values())] or list(lines[:1])
    highest = max([0.0, *(_height(lines, second, stacked=stacked) for second in range(frame.seconds))])
    up = Scale(0, ROOM_ABOVE * highest or 1.0, HEIGHT - BOTTOM, TOP)
    step = round_step(highest)
    parts = phase_bands(frame, HEIGHT - BOTTOM)
    for number in range(int(highest / step + 1e-9) + 1):
        parts.append(line("grid", LEFT, up.place(step * number), WIDTH - RIGHT, up.place(step * number)))
        parts.append(text(write(step * number), LEFT - 8, up.place(step * number) + 4, "end"))
    parts += seconds_below(frame, HEIGHT)
    parts += _columns(lines, frame, up) if stacked else [_polyline(each, frame, up) for each in lines]
    parts += legend(lines)
    told = [_told(lines, second, write) for second in range(0, frame.seconds, frame.step)]
    parts += hover(frame, told, HEIGHT)
    return picture(WIDTH, HEIGHT, title, parts)


def phase_bands(frame: Frame, bottom: float) -> list[str]:
    """Draw where each phase begins, with its name where there is room for it."""
    parts = []
    for number, phase in enumerate(frame.phases):
        left, right = frame.across.place(phase.begins), frame.across.place(min(phase.ends, frame.seconds))
        if right <= left:
            continue
        if number % 2:
            parts.append(box("band", left, TOP, right - left, bottom - TOP))
        name = phase.name.replace("_", " ")
        if PHASE_WORDS_MIN + LETTER_WIDTH * len(name) < right - left:
            parts.append(text(name, (left + right) / 2, TOP - 5, "middle"))
    return parts


def seconds_below(frame: Frame, height: float) -> list[str]:
    """Draw the axis of time."""
    step = max(1, int(round_step(frame.seconds)))
    places = range(0, frame.seconds + 1, step)
    return [text(f"{second} s", frame.across.place(second), height - BOTTOM + 18, "middle") for second in places]


def legend(lines: Sequence[Line]) -> list[str]:
    """Draw names beside their colours, in one row."""
    parts, place = [], float(LEFT)
    for each in lines:
        parts.append(f'<rect class="fill {each.kind}" x="{place:.1f}" y="5" width="10" height="10" rx="2"/>')
        parts.append(text(each.name, place + 15, 14, "start"))
        place += 32 + LETTER_WIDTH * len(each.name)
    return parts


def hover(frame: Frame, told: Sequence[Sequence[tuple[str, str]]], height: float) -> list[str]:
    """Draw what shows under the pointer: at each place a line, and what there is to tell, each with its colour."""
    parts = []
    for number, rows in enumerate(told):
        middle = frame.middle(number * frame.step)
        wide = frame.across.place(frame.step) - frame.across.place(0)
        catch = box("catch", middle - wide / 2, TOP, wide, height - BOTTOM - TOP)
        parts.append(f'<g class="at">{catch}<g class="told">{tip(rows, middle, height)}</g></g>')
    return parts


def tip(rows: Sequence[tuple[str, str]], middle: float, height: float) -> str:
    """Draw what one place has to tell, beside it, on the side where there is room."""
    wide = 22 + LETTER_WIDTH * max(len(words) for _, words in rows)
    left = middle + 8 if middle + 8 + wide < WIDTH else middle - 8 - wide
    parts = [
        line("pointer", middle, TOP, middle, height - BOTTOM),
        box("tip", left, TOP + 4, wide, 8 + ROW * len(rows)),
    ]
    for number, (kind, words) in enumerate(rows):
        baseline = TOP + 18 + ROW * number
        if kind:
            parts.append(f'<rect class="fill {kind}" x="{left + 7:.1f}" y="{baseline - 8:.1f}" width="8" height="8"/>')
        parts.append(text(words, left + (19 if kind else 7), baseline, "start"))
    return "".join(parts)


def _told(lines: Sequence[Line], second: int, write: Callable[[float], str]) -> Sequence[tuple[str, str]]:
    known = [(each.kind, f"{each.name}: {write(each.points[second])}") for each in lines if second in each.points]
    return [("", f"second {second}"), *known]


def _height(lines: Sequence[Line], second: int, *, stacked: bool) -> float:
    figures = [each.points.get(second, 0.0) for each in lines]
    return sum(figures) if stacked else max(figures)


def _polyline(drawn: Line, frame: Frame, up: Scale) -> str:
    """Draw one line; it is interrupted where nothing is known."""
    pieces: list[list[str]] = [[]]
    for second in range(frame.seconds):
        if second in drawn.points:
            pieces[-1].append(f"{frame.middle(second):.1f},{up.place(drawn.points[second]):.1f}")
        elif pieces[-1]:
            pieces.append([])
    return "".join(f'<polyline class="{drawn.kind}" points="{" ".join(piece)}"/>' for piece in pieces if piece)


def _columns(lines: Sequence[Line], frame: Frame, up: Scale) -> list[str]:
    parts = []
    wide = frame.across.place(1) - frame.across.place(0)
    for second in range(frame.seconds):
        below = 0.0
        for each in lines:
            figure = each.points.get(second, 0.0)
            if figure:
                top, bottom = up.place(below + figure), up.place(below)
                left = frame.across.place(second)
                parts.append(box(f"fill {each.kind}", left, top, max(0.5, wide - 0.6), bottom - top))
            below += figure
    return parts
