"""One run from the first server to the result: prepare, measure the ceiling, storm, wait, look at the truth, judge."""

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.servers import ROOT, Servers, make_folder
from bench.values import read_report
from stress.artillery import Artillery, Ended
from stress.ceiling import arrived_in_time, bench_holds_per_second, busiest_of, ceiling_of, judge
from stress.events import Events, read_events
from stress.records import Records, read_records
from stress.scene import Scene, open_scene
from stress.settings import Options, StormSettings, changed, flat, phases_of
from stress.sums import check_everything
from stress.tally import Tally
from stress.terminal import Shown
from stress.thresholds import check_thresholds
from stress.trivial import trivial_service
from stress.truth import Truth
from stress.values import VERSION, Audit, Ceiling, Fill, Processors, Result, Service
from stress.watching import ProcessorWatch, ShardWatch, every_second, fills_of, processors_of
from stress.words import OUTCOMES

BENCH_RESULTS = ROOT / "docs/benchmark/results.json"
STORM, CEILING = ("config.js", "storm.yml"), ("ceiling.js", "ceiling.yml")
COUNTED = ("buyers", *OUTCOMES, "cut")
START_SECONDS = 4.0
Look = Callable[[], None]
MIDST, END = "while holds are open", "in the end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stormed:
    """What a storm left behind: the generator's records, what was seen meanwhile, the audit right after it."""

    records: Records
    ended: Ended
    processors: Sequence[Processors]
    fills: Sequence[Fill]
    audit: Audit


class Run:
    """One run in a folder of its own. `go` may be called once."""

    def __init__(self, options: Options, folder: Path, shown: Shown) -> None:
        make_folder(folder)
        self._options, self._folder, self._shown = options, folder, shown
        self._events_file = folder / "events.json"
        self._began = dt.datetime.now(dt.UTC)

    def go(self) -> Result:
        """Do all of it; everything that was started is stopped. Raises BenchError when there is no result."""
        with ExitStack() as at_end:
            servers = Servers(self._folder)
            at_end.callback(servers.stop)
            self._shown.step("starting the service" if self._options.target is None else "asking the service")
            scene = at_end.enter_context(open_scene(self._options, servers, self._folder))
            artillery = self._artillery(scene.url, scene.admin_token, "storm")
            settings = artillery.settings()
            self._shown.step("making the events")
            artillery.prepare(self._events_file)
            events = read_events(self._events_file)
            ceiling = self._ceiling(servers, events, settings) if self._options.ceiling else None
            stormed = self._storm(scene, artillery, events, settings)
            truth, audit = self._truth(scene, events)
        return self._result(scene, events, settings, stormed, truth, audit, ceiling)

    def _artillery(self, url: str, admin_token: str, name: str) -> Artillery:
        """Return Artillery with a folder of its own for what it writes."""
        folder = self._folder / name
        folder.mkdir()
        settings = self._folder / "settings.json"
        settings.write_bytes(msgspec.json.encode(changed(self._options)))
        environment = {
            "TARGET": url,
            "ADMIN_TOKEN": admin_token,
            "STRESS_EVENTS": str(self._events_file),
            "STRESS_SETTINGS": str(settings),
            "STRESS_SET": self._options.storm_set,
        }
        return Artillery(folder, environment)

    def _ceiling(self, servers: Servers, events: Events, settings: StormSettings) -> Ceiling:
        """Measure how much the generator sends to a route that does nothing."""
        self._shown.step("the generator's own ceiling")
        watch = ProcessorWatch({})
        with trivial_service(servers, events.hot) as trivial:
            artillery = self._artillery(trivial.url, "", "ceiling")
            self._attend(artillery, CEILING, settings.ceiling.seconds, watch)
        records = read_records(artillery.folder)
        return ceiling_of(records, processors_of(watch.looks, records.began), settings.ceiling.rate)

    def _storm(self, scene: Scene, artillery: Artillery, events: Events, settings: StormSettings) -> Stormed:
        """Storm, look on, and audit at once, while the last holds are open."""
        self._shown.step("the storm")
        watch, shards = ProcessorWatch(scene.first_processes), ShardWatch(scene.routes, events.hot.keys[0])
        ended = self._attend(artillery, STORM, settings.load_seconds, watch, shards.look)
        self._shown.step("an audit while holds are open")
        audit = scene.witness.audit(events, MIDST)
        records = read_records(artillery.folder)
        return Stormed(
            records=records,
            ended=ended,
            processors=processors_of(watch.looks, records.began),
            fills=fills_of(shards.looks, records.began),
            audit=audit,
        )

    def _attend(
        self, artillery: Artillery, names: tuple[str, str], seconds: float, watch: ProcessorWatch, *looks: Look
    ) -> Ended:
        """Run Artillery to its end, looking on once a second and saying how far it is."""
        tally = Tally(artillery.folder)

        def say(elapsed: float) -> None:
            tally.update()
            self._shown.say(str(tally), elapsed / (seconds + START_SECONDS))

        with ExitStack() as watching:
            for look in (watch.look, *looks):
                watching.enter_context(every_second(look))
            config, scenario = names
            return artillery.run(scenario, config=config, seconds=seconds, began=watch.watch_generator, on_progress=say)

    def _truth(self, scene: Scene, events: Events) -> tuple[Truth, Audit]:
        """Wait until the last hold has expired, stop the service where it is ours, and look at what is there."""
        self._shown.step("waiting for the last hold to expire")
        scene.witness.wait_for_holds(events)
        scene.stop()
        self._shown.step("an audit in the end")
        truth = Truth(
            reservations=scene.witness.reservations(events),
            tickets=scene.witness.tickets(events),
            removed=scene.witness.removed(),
        )
        return truth, scene.witness.audit(events, END)

    def _result(
        self,
        scene: Scene,
        events: Events,
        settings: StormSettings,
        stormed: Stormed,
        truth: Truth,
        audit: Audit,
        ceiling: Ceiling | None,
    ) -> Result:
        records, own = stormed.records, self._options.target is None
        audits = [stormed.audit, audit]
        checks = check_everything(records, events, truth, stormed.fills, audits)
        shards = events.hot.shards or len(stormed.fills[0].current if stormed.fills else [])
        arrived = arrived_in_time(records.moments, visitors=stormed.ended.visitors, settings=settings)
        bench = bench_holds_per_second(read_report(BENCH_RESULTS), shards) if BENCH_RESULTS.exists() else None
        return Result(
            version=VERSION,
            name=self._options.name or self._folder.name,
            began_at=self._began.isoformat(timespec="seconds"),
            quick=self._options.quick,
            seconds=len(records.moments),
            service=Service(
                own=own,
                hold_seconds=self._options.seconds_to_pay if own else None,
                workers=self._options.workers if own else None,
                shards=shards,
            ),
            machine=scene.machine,
            settings=flat(settings.told),
            phases=phases_of(settings),
            moments=list(records.moments),
            totals={name: records.totals[name] for name in COUNTED},
            latency=dict(records.latency),
            fills=list(stormed.fills),
            processors=list(stormed.processors),
            generator=judge(ceiling, busiest_of(records.moments, stormed.processors), arrived, bench),
            audits=audits,
            checks=[*checks, *check_thresholds(records, settings, stormed.ended)],
        )
