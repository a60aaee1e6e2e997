"""Exhausted marks: refusing what a date cannot hold without asking Postgres, and never for longer than the bound.

A mark says what a full pass over a date saw. It refuses a request only while the pass is younger than the bound,
`exhausted_ms_max`, in whichever layer it is held. Modes of a date in L1: unmarked, marked (until the bound, or until
something of the date is opened). Why no mark can refuse for longer:

- L1 counts from `passed_at`, read from a monotonic clock before the pass began.
- L2 counts from `epoch`: before the pass, Redis sets a key of the pass's own that lives as long as the bound, and a
  mark gets the life that is left of that key, however late its writing arrives (a server that was stopped obeys later).
  When the key is gone, by age, by a flush, by a restart without the data, no mark is written.
- L1 takes over from L2 what PTTL says is left, counted from before the question was sent: travelling only shortens it.

None of this rests on epochs or messages. They end a mark sooner: a release, an expiry or a raise raises the date's
epoch, and a mark of another epoch is ignored; a missing epoch counts as 0. So an epoch that is lost (flushed, evicted,
expired after an hour without an opening) can revive only a mark written under epoch 0, which still dies at its bound.
In the process that opened, the effect is immediate, Redis or not: passes begun before its own last opening never count.
"""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import NamedTuple

import msgspec

from boxoffice.availability import keys
from boxoffice.availability.counters import Counters
from boxoffice.availability.messages import (
    CatalogChanged,
    DateOpened,
    EventOpened,
    Message,
    ShardsExhausted,
    date_key_of,
    encode,
)
from boxoffice.availability.moments import Clock, Moments, monotonic
from boxoffice.availability.one_at_a_time import OneAtATime
from boxoffice.availability.remembered import Remembered
from boxoffice.availability.scripts import MARK_SCRIPTS, MarkScripts
from boxoffice.availability.shared import Reply, Shared
from boxoffice.availability.trust import TRUST, Trust
from boxoffice.availability.values import (
    DateRoom,
    Epoch,
    Learner,
    ShardFigure,
    by_counter,
    cannot_hold,
    exhausted_shards,
    figures_of,
    left_of,
)
from boxoffice.settings import Settings
from boxoffice.values import DateKey, GivenBack, Left

EPOCH_MS = 3_600_000
SHARDS_MS = 60_000
SHARDS_TOLD_MAX = 2_048


class Mark(NamedTuple):
    """What a full pass saw, and a moment not after it began."""

    passed_at: float
    left: Left


class Marks:
    """The marks of one process, and its share in those of all; `learner` hears what other processes saw."""

    def __init__(
        self,
        *,
        shared: Shared,
        settings: Settings,
        counters: Counters,
        learner: Learner | None = None,
        clock: Clock = monotonic,
        trust: Trust = TRUST,
        scripts: MarkScripts = MARK_SCRIPTS,
    ) -> None:
        self._shared = shared
        self._counters = counters
        self._learner = learner
        self._clock = clock
        self._trust = trust
        self._scripts = scripts
        self._bound_ms = settings.exhausted_ms_max
        self._bound = settings.exhausted_ms_max / 1000
        self._quantity_max = settings.tickets_per_reservation_max
        self._marks: Remembered[DateKey, Mark] = Remembered(settings.dates_remembered_max)
        self._openings = Moments(settings.dates_remembered_max)
        self._questions: OneAtATime[DateKey, None] = OneAtATime()
        self._passes = count()
        shared.hear(self)

    def __len__(self) -> int:
        return len(self._marks)

    def refuses(self, date_key: DateKey, total: int, lines: Sequence[tuple[int, int]]) -> Left | None:
        """Return what is left when a mark of this process refuses the request, None when it may be tried."""
        mark = self._marks.get(date_key)
        if mark is None or not cannot_hold(mark.left, total, lines):
            return None
        if self._clock() - mark.passed_at >= self._bound:
            return None
        self._counters.marks_local_hits += 1
        return mark.left

    def refuses_still(self, date_key: DateKey, left: Left) -> bool:
        """Tell whether the very mark that refused with this `left` may refuse the same request again."""
        mark = self._marks.get(date_key)
        if mark is None or mark.left is not left or self._clock() - mark.passed_at >= self._bound:
            return False
        self._counters.marks_local_hits += 1
        return True

    async def ask(self, date_key: DateKey, total: int, lines: Sequence[tuple[int, int]]) -> Left | None:
        """Answer as `refuses` does, after having asked the other processes' memory: at most one round trip.

        Everyone who asks about a date meanwhile shares the question.
        """
        if not self._shared.present:
            return None
        await self._questions.ask(date_key, lambda: self._fetch(date_key))
        return self.refuses(date_key, total, lines)

    async def epoch(self, date_key: DateKey) -> Epoch:
        """Begin a full pass: call it before the pass is read, and hand what it returns to `learn`."""
        tag = keys.date_tag(date_key)
        name = f"{self._shared.origin}:{next(self._passes)}"
        reply = await self._shared.ask(
            self._scripts.begin, (keys.epoch_of(tag), keys.since(tag, name)), (self._bound_ms,)
        )
        return Epoch(int(reply[0]), name) if reply and bytes(reply[0]).isdigit() else Epoch(0, None)

    def learn(self, date_key: DateKey, epoch: Epoch, passed_at: float, room: DateRoom) -> None:
        """Take in a full pass that refused something; `passed_at` is the clock's moment before the pass was read.

        Refuses from L1 at once; the other processes learn of it in the background. A pass begun before something of
        the date was opened is left alone.
        """
        left = left_of(room)
        if not self._believe(date_key, Mark(passed_at, left)) or epoch.name is None:
            return
        exhausted = exhausted_shards(room, self._quantity_max)[:SHARDS_TOLD_MAX]
        message = ShardsExhausted(self._shared.origin, *date_key, exhausted)
        fields = [part for kind, shard, units in exhausted for part in (keys.shard_field(kind, shard), units)]
        tag = keys.date_tag(date_key)
        self._shared.tell(
            self._scripts.learn,
            (
                keys.epoch_of(tag),
                keys.mark_of(tag, self._bound_ms),
                keys.shards_of(tag),
                keys.since(tag, epoch.name),
            ),
            (epoch.number, _encode_left(left), SHARDS_MS, keys.CHANNEL, encode(message), *fields),
        )

    def opened(self, given: GivenBack) -> None:
        """Take in that units went back on sale, after the commit: here at once, elsewhere in the background."""
        self._open(given.date_key, figures_of(given))

    def opened_date(self, date_key: DateKey) -> None:
        """Take in that anything of a date may be on sale again, after the commit."""
        self._open(date_key, None)

    def opened_event(self, event_id: int) -> None:
        """Take in that anything of any date of an event may be on sale, after the commit of a change."""
        self._drop_event(event_id)
        message = EventOpened(self._shared.origin, event_id)
        tag = keys.event_tag(event_id)
        self._shared.tell(self._scripts.say, (tag,), (keys.CHANNEL, encode(message)))

    async def exhausted_shards(self, date_key: DateKey) -> tuple[Mapping[int, int], Mapping[tuple[int, int], int]]:
        """Return the smallest refused quantity of each shard known to be exhausted: of the total, and of the types."""
        reply = await self._shared.ask(self._scripts.shards, (keys.shards_of(keys.date_tag(date_key)),), ())
        pairs = zip(reply[::2], reply[1::2], strict=True) if reply else ()
        try:
            return by_counter((*keys.parse_shard_field(bytes(field).decode()), int(units)) for field, units in pairs)
        except ValueError:
            return {}, {}  # not a word of any of us

    def heard(self, message: Message) -> None:
        """Take in what another process says."""
        match message:
            case DateOpened():
                date_key = date_key_of(message)
                self._drop(date_key)
                if self._learner is not None:
                    _teach_opening(self._learner, date_key, message.shards)
            case EventOpened():
                self._drop_event(message.event_id)
                if self._learner is not None:
                    self._learner.forget_event(message.event_id)
            case ShardsExhausted():
                if self._learner is not None:
                    self._learner.learn_exhausted(date_key_of(message), *by_counter(message.shards))
            case CatalogChanged():
                pass

    def missed(self) -> None:
        """Take in that openings may have been missed: nothing that was read before now refuses any more."""
        self._marks.forget_all()
        self._openings.note_all(self._clock())

    async def _fetch(self, date_key: DateKey) -> None:
        tag = keys.date_tag(date_key)
        asked_at = self._clock()
        reply = await self._shared.ask(self._scripts.ask, (keys.epoch_of(tag), keys.mark_of(tag, self._bound_ms)), ())
        mark = self._mark_of(asked_at, reply) if reply else None
        if mark is not None and self._believe(date_key, mark):
            self._counters.marks_shared_hits += 1
        else:
            self._counters.marks_shared_misses += 1

    def _mark_of(self, asked_at: float, reply: Reply) -> Mark | None:
        text, life_ms = bytes(reply[0]), int(reply[1])
        left = _decode_left(text.partition(b":")[2])
        if left is None or not 0 < life_ms <= self._bound_ms:
            return None
        # PTTL counts whole milliseconds from the start of its command: one more is the least that is surely past.
        age = (self._bound_ms - life_ms + 1) / 1000
        return Mark(self._trust.moment_of(asked_at, age), left)

    def _believe(self, date_key: DateKey, mark: Mark) -> bool:
        """Let the mark refuse from now on, unless it is too old, older than the one there is, or than an opening."""
        if self._clock() - mark.passed_at >= self._bound:
            return False
        if not self._trust.is_newer(mark.passed_at, self._openings.last(date_key, date_key.event_id)):
            return False
        known = self._marks.get(date_key)
        if known is None or known.passed_at < mark.passed_at:
            self._marks.put(date_key, mark)
        return True

    def _open(self, date_key: DateKey, shards: tuple[ShardFigure, ...] | None) -> None:
        self._drop(date_key)
        message = DateOpened(self._shared.origin, *date_key, shards)
        fields = [keys.shard_field(kind, shard) for kind, shard, _ in shards or ()]
        tag = keys.date_tag(date_key)
        self._shared.tell(
            self._scripts.open,
            (keys.epoch_of(tag), keys.shards_of(tag)),
            (EPOCH_MS, keys.CHANNEL, encode(message), *fields),
        )

    def _drop(self, date_key: DateKey) -> None:
        self._marks.forget(date_key)
        self._openings.note(date_key, self._clock())

    def _drop_event(self, event_id: int) -> None:
        for date_key in [date_key for date_key in self._marks if date_key.event_id == event_id]:
            self._marks.forget(date_key)
        self._openings.note(event_id, self._clock())


def _teach_opening(learner: Learner, date_key: DateKey, shards: tuple[ShardFigure, ...] | None) -> None:
    if shards is None:
        learner.forget([date_key])
    else:
        total, types = by_counter(shards)
        learner.learn_given_back(GivenBack(date_key=date_key, total=total, types=types))


_encode_left = msgspec.msgpack.Encoder().encode
_left_decoder: msgspec.msgpack.Decoder[Left] = msgspec.msgpack.Decoder(Left)


def _decode_left(raw: bytes) -> Left | None:
    try:
        return _left_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
