"""The content lines of an iCalendar file (RFC 5545, section 3.1) and how they nest, with the line that each begins on.

icalendar splits and decodes each content line. It forgets the line numbers, so the unfolding is done here; on bytes,
because a fold may stand in the middle of a character.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from icalendar.parser import Contentline

from boxoffice.errors import UnreadableCalendar

LINES_MAX = 1_000_000
DEPTH_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One content line: its name and parameters' names in capitals, its value as it stands."""

    line: int
    name: str
    parameters: Mapping[str, str]
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """What stands between BEGIN and END."""

    line: int
    name: str
    properties: list[Property] = field(default_factory=list)
    components: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        """Return the properties of a name, in the order of the file."""
        return [each for each in self.properties if each.name == name]

    def one(self, name: str) -> Property | None:
        """Return the only property of a name, or None. Raises UnreadableCalendar when it stands twice."""
        found = self.all(name)
        if len(found) > 1:
            raise UnreadableCalendar(found[1].line, f"a second {name} in one {self.name}")
        return found[0] if found else None

    def text(self, name: str) -> str:
        """Return the value of the only property of a name in capitals, or an empty string."""
        found = self.one(name)
        return found.value.strip().upper() if found else ""


def read_calendars(content: bytes) -> list[Component]:
    """Return the calendars of a file; its line ends may be CRLF or LF. Raises UnreadableCalendar."""
    calendars: list[Component] = []
    open_ones: list[Component] = []
    line = 1
    for line, text in _unfolded(content):
        here = _property(line, text)
        if here.name == "BEGIN":
            _begin(here, open_ones, calendars)
        elif not open_ones:
            raise UnreadableCalendar(line, "nothing may stand outside of BEGIN:VCALENDAR and END:VCALENDAR")
        elif here.name == "END":
            if here.value.strip().upper() != open_ones[-1].name:
                raise UnreadableCalendar(line, f"END:{here.value} where END:{open_ones[-1].name} must stand")
            open_ones.pop()
        else:
            open_ones[-1].properties.append(here)
    if open_ones:
        raise UnreadableCalendar(line, f"the file ends before END:{open_ones[-1].name}")
    if not calendars:
        raise UnreadableCalendar(1, "this is not an iCalendar file: it has no BEGIN:VCALENDAR")
    return calendars


def _begin(here: Property, open_ones: list[Component], calendars: list[Component]) -> None:
    component = Component(line=here.line, name=here.value.strip().upper())
    if (component.name == "VCALENDAR") == bool(open_ones):
        raise UnreadableCalendar(here.line, f"BEGIN:{here.value} may not stand here")
    if len(open_ones) == DEPTH_MAX:
        raise UnreadableCalendar(here.line, f"more than {DEPTH_MAX} levels of BEGIN")
    (open_ones[-1].components if open_ones else calendars).append(component)
    open_ones.append(component)


def _unfolded(content: bytes) -> Iterator[tuple[int, str]]:
    """Yield each content line with the number of the line it begins on; empty lines are passed over."""
    begun, pieces = 0, list[bytes]()
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if number > LINES_MAX:
            raise UnreadableCalendar(number, f"more than {LINES_MAX:,} lines")
        piece = raw.removesuffix(b"\r")
        if piece[:1] in (b" ", b"\t") and pieces:
            pieces.append(piece[1:])
            continue
        if pieces:
            yield begun, _decoded(begun, b"".join(pieces))
        begun, pieces = number, [piece] if piece else []
    if pieces:
        yield begun, _decoded(begun, b"".join(pieces))


def _decoded(line: int, raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableCalendar(line, "this is not UTF-8") from error
    if any(character < " " and character != "\t" for character in text):
        raise UnreadableCalendar(line, "a control character")
    return text


def _property(line: int, text: str) -> Property:
    try:
        name, parameters, value = Contentline(text).raw_parts()
    except ValueError as error:
        raise UnreadableCalendar(line, f"{text[:60]!r} is not of the form NAME;PARAMETER=VALUE:VALUE") from error
    return Property(
        line=line,
        name=name.upper(),
        parameters={
            key.upper(): value if isinstance(value, str) else ",".join(value) for key, value in parameters.items()
        },
        value=value,
    )
