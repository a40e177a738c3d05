"""The only place that builds objects: from a config to a store, the services of the steps, a run or a daemon."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from connectors.clock import Clock, utc_now
from connectors.connector import Connector, Paced
from connectors.errors import ConnectorError
from connectors.options import SourceOptions
from connectors.registry import open_connector
from models.classifier import Classifier
from models.errors import ModelError
from models.registry import DEFAULT_MODEL, load_or_fall_back
from monitor import desk
from monitor.config.keeper import ConfigKeeper, finish_pending, keep_version
from monitor.config.load import LoadedConfig, load_config
from monitor.config.problem import suggestion
from monitor.config.schema import Settings, Triage
from monitor.desk import CONFIG_COMMANDS, Command
from monitor.desk.voices import Voices
from monitor.desk.workshop import Workshop, versions_beside
from monitor.errors import ConfigError, MonitorError, SendError
from monitor.lab.pins import broken, run_pins
from monitor.lab.report import Question, Span
from monitor.lab.side import Side
from monitor.lab.unheard import Version
from monitor.notify.receiver import Receiver
from monitor.notify.registry import open_receiver
from monitor.notify.render import render_test, setting_for
from monitor.once import Outcome, Progress, run_once
from monitor.rules.causes import CauseBook, make_book
from monitor.rules.compile import source_queries
from monitor.rules.incidents import Lens, make_lens
from monitor.rules.known_directions import embed_known
from monitor.rules.match import Matcher, parse_watches
from monitor.rules.relevance import embed_sentences
from monitor.rules.rules import compile_rules
from monitor.rules.tongues import tongue_directions
from monitor.service.daemon import Daemon, Outfit
from monitor.service.dead_man import DeadMan
from monitor.service.jobs import Steps
from monitor.service.lock import StoreLock
from monitor.service.log import log
from monitor.service.reload import check_still_hears, close_services
from monitor.service.socket import DeskServer, Execute, socket_path
from monitor.steps.deliver import deliver
from monitor.steps.digest import digest
from monitor.steps.escalate import escalate
from monitor.steps.follow import follow
from monitor.steps.incidents import incidents
from monitor.steps.poll import poll
from monitor.steps.rematch import rematch
from monitor.steps.rescore import rescore
from monitor.steps.sample import sample
from monitor.steps.services import Services, Source
from monitor.steps.signs import acknowledge, watch
from monitor.steps.spikes import spikes
from monitor.steps.triage import triage
from monitor.store.opening import open_store
from monitor.store.readers import Readers
from monitor.store.sqlite import SqliteStore
from monitor.web.app import make_app
from monitor.web.first_link import Welcoming
from monitor.web.server import WebServer
from monitor.web.site import Site, Views

STEPS = Steps(poll, triage, follow, escalate, digest, sample, rescore, spikes, deliver, incidents, watch)


def load_model(triage: Triage) -> Classifier:
    """Load the models that a config names, or the lexicon, loudly, where the default one is damaged.

    Raises ModelError for a model that somebody chose and that cannot be loaded.
    """
    from models.by_language import load_by_language  # noqa: PLC0415  (commands that judge nothing load no model)

    threads = triage.threads or None
    if triage.models or triage.model != DEFAULT_MODEL:
        return load_by_language(triage.models, default=triage.model, threads=threads)
    loaded = load_or_fall_back(threads=threads)
    if loaded.problem:
        log.error("model_missing", f"judging by the lexicon alone, much less well: {loaded.problem}")
    return loaded.classifier


def build_services(loaded: LoadedConfig, previous: Services | None = None) -> Services:
    """Build what the steps work with; a source or receiver that cannot be opened is left out, with its reason.

    With `previous` (a reload) the model and whatever is configured as before are used again. Raises ConfigError where
    the config cannot be used, ModelError where its model cannot be loaded.
    """
    settings = loaded.usable()
    sources, broken_sources = _open_sources(settings, previous)
    receivers, broken_receivers = _open_receivers(settings, previous)
    classifier = _model(settings, previous)
    causes = _causes(settings, classifier, previous)
    return Services(
        settings=settings,
        rules=compile_rules(settings),
        matcher=Matcher(parse_watches(settings.brands)),
        classifier=classifier,
        sentences=embed_sentences(settings.brands, classifier.embed, classifier.fingerprint),
        causes=causes,
        lenses=_lenses(settings, causes, classifier),
        sources=sources,
        receivers=receivers,
        broken_sources={**loaded.broken_sources, **broken_sources},
        broken_receivers={**loaded.broken_receivers, **broken_receivers},
    )


def _causes(settings: Settings, classifier: Classifier, previous: Services | None) -> dict[str, CauseBook]:
    """Return the causes of each brand; brands with the same ones share a book, and so does a reload."""
    embed, made = embed_known(classifier.embed, classifier.fingerprint), dict[str, CauseBook]()
    found = {}
    same_model = previous is not None and previous.classifier.fingerprint == classifier.fingerprint
    if previous is not None and same_model:
        made |= {_causes_key(previous.settings, brand): book for brand, book in previous.causes.items()}
    for brand in settings.brands:
        key = _causes_key(settings, brand)
        if key not in made:
            lists = settings.brands[brand].lists
            made[key] = make_book(settings.causes_of(brand), embed, classifier.fingerprint, lists)
        found[brand] = made[key]
    return found


def _lenses(settings: Settings, causes: Mapping[str, CauseBook], classifier: Classifier) -> dict[str, Lens]:
    """Return how each brand's complaints are compared with each other."""
    if not settings.incidents.enabled:
        return {}
    names = {
        brand: (brand, *dict.fromkeys(name for handles in options.handles.values() for name in handles))
        for brand, options in settings.brands.items()
    }
    tongues = tongue_directions(embed_known(classifier.embed, classifier.fingerprint))
    return {
        brand: make_lens(names[brand], book.directions, tongues, classifier.embed, classifier.fingerprint)
        for brand, book in causes.items()
    }


def _causes_key(settings: Settings, brand: str) -> str:
    return repr((settings.causes_of(brand), settings.brands[brand].lists))


def side_of(services: Services) -> Side:
    """Return a running config as the lab and its pins use it."""
    return Side("config", services.settings, services.rules, services.matcher, services.classifier, services.sentences)


def refuse_broken_pins(loaded: LoadedConfig, side: Side, now: datetime) -> None:
    """Raise ConfigError, naming each pin, where a config does not make of them what they want."""
    failed = broken(run_pins(loaded.pins, side, now))
    if failed:
        raise ConfigError(loaded.file, [result.problem for result in failed])


def build_side(name: str, settings: Settings, beside: Side | None = None) -> Side:
    """Build what the lab replays through; the model of `beside` is used again where both configs name the same.

    Raises ModelError for a model that cannot be loaded.
    """
    wanted = (settings.triage.model, settings.triage.models)
    shared = beside is not None and (beside.settings.triage.model, beside.settings.triage.models) == wanted
    classifier = beside.classifier if beside is not None and shared else load_model(settings.triage)
    return Side(
        name=name,
        settings=settings,
        rules=compile_rules(settings),
        matcher=Matcher(parse_watches(settings.brands)),
        classifier=classifier,
        sentences=embed_sentences(settings.brands, classifier.embed, classifier.fingerprint),
    )


def ask_lab(
    new: LoadedConfig, present: LoadedConfig, versions: Sequence[Version], span: Span, beside: Side | None = None
) -> Question:
    """Build what a replay compares: the present config and a new one, over the posts first seen in a span.

    Runs the new config's pins; the model of `beside` is used again where it is the one.
    Raises ConfigError for a config that cannot be used, ModelError for its model.
    """
    base = build_side(present.file, present.usable(), beside)
    side = build_side(new.file, new.usable(), base)
    prices = {**source_prices(base.settings), **source_prices(side.settings)}
    return Question(base, side, span.since, span.until, versions, prices, run_pins(new.pins, side, span.until))


def source_prices(settings: Settings) -> dict[str, float]:
    """Return US dollars a post by source, of those that have a price."""
    sources, _ = open_sources(settings)
    try:
        prices = {name: source.connector.traits.price_per_post for name, source in sources.items()}
    finally:
        for source in sources.values():
            source.connector.close()
    return {name: price for name, price in prices.items() if price is not None}


def adopt(store: SqliteStore, services: Services, loaded: LoadedConfig, who: str, now: datetime) -> None:
    """Make a store follow a config: its sources are registered, broken ones marked, the version kept."""
    with store.write():
        store.register_sources({name: source.options.kind for name, source in services.sources.items()})
        for name, reason in services.broken_sources.items():
            store.register_sources({name: "unknown"})
            store.stop_source(name, reason, now)
            log.warning("source_stopped", reason, source=name)
        keep_version(store, loaded, who, now, who)


def send_test(settings: Settings, name: str, now: datetime) -> None:
    """Send a test message to one receiver, and wait until it is taken. Raises SendError, MonitorError."""
    options = settings.receivers.get(name)
    if options is None:
        raise MonitorError(f"receiver {name!r}", "is not in the config", suggestion(name, list(settings.receivers)))
    receiver = open_receiver(name, options)
    setting = setting_for(settings, name, now)
    try:
        receiver.send(render_test(setting, key=uuid4().hex))
    except SendError as error:
        if not error.permanent:
            error.next_step = "nothing is queued; try again in a while"
        raise
    finally:
        receiver.close()


def run_daemon(config: Path, environ: Mapping[str, str], clock: Clock = utc_now) -> int:
    """Run the daemon of a config until it is told to stop; returns the exit code.

    Raises ConfigError, ModelError, Locked where another process has the store, and StoreError.
    """
    with (
        _opened(config, environ, clock, listens=True) as (loaded, store, services),
        closing(open_store(loaded.usable(), read_only=True)) as reader,
        closing(Readers(loaded.usable().store_path)) as readers,
    ):

        def rebuild() -> Services:
            fresh = load_config(config, environ=environ)
            renewed = build_services(fresh, daemon.services)
            check_still_hears(daemon.services.settings, renewed.settings)
            refuse_broken_pins(fresh, side_of(renewed), clock())
            adopt(store, renewed, fresh, "reload", clock())
            return renewed

        def judge(fresh: LoadedConfig) -> None:
            check_still_hears(daemon.services.settings, fresh.usable())
            try:
                refuse_broken_pins(fresh, build_side("config", fresh.usable(), side_of(daemon.services)), clock())
            except ModelError as error:
                raise MonitorError("triage.model", str(error)) from error

        def follow() -> None:
            daemon.reload_now()

        keeper = ConfigKeeper(config, environ, judge, follow)
        voices = Voices(lambda: _connectors(daemon.services), clock)

        def execute(command: Command) -> dict[str, Any]:
            try:
                answer = desk.execute(store, daemon.services.settings, command, clock(), keeper, voices)
            except MonitorError as error:
                if command.name in CONFIG_COMMANDS or isinstance(error, ConfigError):
                    daemon.refused(error)
                raise
            if command.name in CONFIG_COMMANDS:
                answer["reloaded"] = True
            daemon.wake()
            return answer

        def ask(new: LoadedConfig, present: LoadedConfig, versions: Sequence[Version], span: Span) -> Question:
            return ask_lab(new, present, versions, span, side_of(daemon.services))

        workshop = Workshop(keeper, ask, versions_beside(config, environ))
        outfit = Outfit(
            reader=reader,
            clock=clock,
            companions=(
                DeskServer(socket_path(loaded.usable().store_path), execute),
                _dead_man(lambda: daemon, store, clock),
            ),
            web=lambda serving: _web(serving, store, readers, execute, voices, workshop),
        )
        daemon = Daemon(store, services, rebuild, STEPS, outfit)
        return 0 if daemon.run() else 1


def run_batch(config: Path, environ: Mapping[str, str], progress: Progress, clock: Clock = utc_now) -> Outcome:
    """Run every step of a config until nothing is left (`run --once`). Raises what `run_daemon` raises."""
    with _opened(config, environ, clock, listens=False) as (_, store, services):
        for source in services.sources.values():
            if isinstance(source.connector, Paced):
                source.connector.paced = False
        try:
            return run_once(store, services, clock, progress)
        finally:
            close_services(services)


@contextmanager
def _opened(
    config: Path, environ: Mapping[str, str], clock: Clock, *, listens: bool
) -> Iterator[tuple[LoadedConfig, SqliteStore, Services]]:
    """Give config, store and services to the holder of the store's lock; `listens` says that it takes commands."""
    loaded = load_config(config, environ=environ)
    settings = loaded.usable()
    path = settings.store_path
    path.parent.mkdir(parents=True, exist_ok=True)
    with StoreLock(path, socket_path(path) if listens else None):
        store = open_store(settings)
        try:
            if finish_pending(store, config.absolute().parent):
                loaded = load_config(config, environ=environ)
            services = build_services(loaded)
            _tell_of_broken_pins(loaded, services, clock())
            store.void_leases()
            adopt(store, services, loaded, "start", clock())
            rematch(store, services, clock())
            yield loaded, store, services
        finally:
            store.close()


def _tell_of_broken_pins(loaded: LoadedConfig, services: Services, now: datetime) -> None:
    """Log the pins that do not hold: at a start, hearing most is better than hearing nothing."""
    for result in broken(run_pins(loaded.pins, side_of(services), now)):
        log.error("pin_broken", str(result.problem))


def _dead_man(daemon: Callable[[], Daemon], store: SqliteStore, clock: Clock) -> DeadMan:
    return DeadMan(lambda: daemon().services.settings.dead_man, lambda: daemon().health(), store, clock=clock)


def _connectors(services: Services) -> dict[str, Connector]:
    return {name: source.connector for name, source in services.sources.items()}


def _web(
    daemon: Daemon, store: SqliteStore, readers: Readers, execute: Execute, voices: Voices, workshop: Workshop
) -> Welcoming:
    clock = voices.clock

    def settings() -> Settings:
        return daemon.services.settings

    def acknowledge_canary(number: int, token: str) -> bool:
        return acknowledge(store, number, token, clock())

    site = Site(
        reading=readers.reading,
        execute=execute,
        settings=settings,
        clock=clock,
        views=Views(daemon.health, daemon.metrics, acknowledge_canary),
        revision=readers.revision,
        writing=lambda: nullcontext(store),
        prices=lambda: {name: each.connector.traits.price_per_post for name, each in daemon.services.sources.items()},
        connectors=voices.connectors,
        run_pins=lambda pins: run_pins(pins, side_of(daemon.services), clock()),
        workshop=workshop,
    )
    web = settings().web
    server = WebServer.from_config(make_app(site, web), web)
    return Welcoming(server, store, lambda: web.public_url, clock)


def open_sources(settings: Settings) -> tuple[dict[str, Source], dict[str, str]]:
    """Open the enabled sources of a config alone; returns them, and the reasons of those that cannot be opened."""
    return _open_sources(settings, None)


def _open_sources(settings: Settings, previous: Services | None) -> tuple[dict[str, Source], dict[str, str]]:
    opened: dict[str, Source] = {}
    broken: dict[str, str] = {}
    for name, options in settings.sources.items():
        if not options.enabled:
            continue
        try:
            connector = _connector(name, options, previous)
            asked = connector.queries(source_queries(settings, name, options.kind))
            opened[name] = Source(name, options, connector, tuple(asked))
        except ConnectorError as error:
            broken[name] = str(error)
    return opened, broken


def _connector(name: str, options: SourceOptions, previous: Services | None) -> Connector:
    known = previous.sources.get(name) if previous else None
    return known.connector if known and known.options == options else open_connector(name, options)


def _open_receivers(settings: Settings, previous: Services | None) -> tuple[dict[str, Receiver], dict[str, str]]:
    opened: dict[str, Receiver] = {}
    broken: dict[str, str] = {}
    for name, options in settings.receivers.items():
        unchanged = previous is not None and previous.settings.receivers.get(name) == options
        if not options.enabled:
            continue
        if unchanged and previous is not None and name in previous.receivers:
            opened[name] = previous.receivers[name]
            continue
        try:
            opened[name] = open_receiver(name, options)
        except SendError as error:
            broken[name] = str(error)
            log.warning("receiver_stopped", str(error), receiver=name)
    return opened, broken


def _model(settings: Settings, previous: Services | None) -> Classifier:
    judged = (settings.triage.model, settings.triage.models, settings.triage.threads)
    if previous is not None:
        before = previous.settings.triage
        if (before.model, before.models, before.threads) == judged:
            return previous.classifier
    return load_model(settings.triage)
