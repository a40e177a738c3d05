"""The config as types: few keys, good defaults, unknown keys refused. `load.py` reads it; `check.py` looks further."""

from datetime import time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from connectors.options import SourceOptions
from monitor.config.answers import Answers, BrandAnswers
from monitor.config.causes import CauseOptions, combine_causes, known_causes, shipped_causes
from monitor.config.digests import Digest
from monitor.config.escalation import Escalation
from monitor.config.events import PlannedEvent, Spikes
from monitor.config.incidents import Incidents
from monitor.config.people import Absence, Override, Person, Shift
from monitor.config.receivers import ReceiverOptions
from monitor.config.reports import MonthlyReport
from monitor.config.routes import Bypass, Route
from monitor.config.section import Section
from monitor.config.signs import Canary, DeadMan
from monitor.config.values import (
    ClockTime,
    Entries,
    Levels,
    Name,
    Names,
    Probability,
    Sentences,
    Share,
    Span,
    WatchQuery,
    Words,
    Zone,
)
from monitor.config.web import Web
from monitor.domain import DropRule, Level, Severity


class Pack(StrEnum):
    """Ready-made exclusions, shipped as queries in `monitor/rules/packs`."""

    JOB_ADS = "job-ads"
    GIVEAWAYS = "giveaways"
    COUPONS = "coupons"
    STOCK_TIPS = "stock-tips"
    LYRICS = "lyrics"


class Context(Section):
    """What must stand in a post beside an ambiguous name, and what must not: words, phrases or queries."""

    any: Entries = Field((), description="one of these must stand in the post as well")
    none: Entries = Field((), description="none of these may stand in the post")


class Watch(Section):
    """A named query of a brand over some sources; no `sources` means every source."""

    name: Name = Field(description="what the watch is called; unique within the brand")
    query: WatchQuery = Field(
        description="what to look for, in the query language; or queries by language: `{any: …, de: …}`"
    )
    context: Context | None = Field(None, description="what an ambiguous name needs beside it")
    sources: Names = Field((), description="where to look; empty: in every source")


class Brand(Section):
    """One brand: own voices per platform, watches, and who and what it knows."""

    handles: dict[str, Words] = Field(
        default_factory=dict, description="own accounts by platform; their posts are never cases, and end the clock"
    )
    watches: tuple[Watch, ...] = Field((), description="the named queries")
    lists: dict[Name, Entries] = Field(default_factory=dict, description="words by name, for queries: {products}")
    exclude: Entries = Field((), description="queries; posts that match one are dropped, unless they are grave")
    packs: tuple[Pack, ...] = Field((), description="ready-made exclusions, as the reference of queries shows them")
    about: Sentences = Field((), description="what the brand is about, in sentences; posts are compared with them")
    not_about: Sentences = Field((), description="what its name means elsewhere; posts like these are dropped: not-us")
    vips: Words = Field((), description="handles whose posts weigh more")
    blocked_authors: Words = Field((), description="handles whose posts are dropped, unless they are grave")
    muted_threads: Words = Field((), description="thread ids whose posts are dropped, unless they are grave")
    zone: Zone | None = Field(None, description="the zone of the brand's people, such as Europe/Berlin; none: UTC")
    causes: dict[Name, CauseOptions] = Field(
        default_factory=dict, description="what this brand's complaints are about, beside the causes for all brands"
    )
    answers: BrandAnswers | None = Field(None, description="what this brand's answers say differently")

    @model_validator(mode="after")
    def _says_what_it_is(self) -> "Brand":
        if self.not_about and not self.about:
            raise ValueError("not_about alone tells nothing; say under `about` what the brand is")
        return self


def _with_shared(
    brand: Brand, lists: dict[str, tuple[str, ...]], exclude: tuple[str, ...], packs: tuple[Pack, ...]
) -> Brand:
    """Return a brand with what the top of the config gives to every brand, each entry once."""
    shared = {
        "lists": {**lists, **brand.lists},
        "exclude": tuple(dict.fromkeys((*exclude, *brand.exclude))),
        "packs": tuple(dict.fromkeys((*packs, *brand.packs))),
    }
    return brand.model_copy(update=shared)


class LevelBounds(Section):
    """The score from which a level begins."""

    critical: Share = Field(80, description="from here on critical")
    high: Share = Field(60, description="from here on high")
    normal: Share = Field(40, description="from here on normal; below it low")

    @model_validator(mode="after")
    def _descend(self) -> "LevelBounds":
        if not self.critical > self.high > self.normal:
            raise ValueError("critical must lie above high, and high above normal")
        return self


class Sla(Section):
    """How soon the first reply is due, counted from the post."""

    critical: Span = Field(timedelta(minutes=5), description="first reply to a critical case")
    high: Span = Field(timedelta(minutes=30), description="first reply to a high case")
    normal: Span = Field(timedelta(hours=4), description="first reply to a normal case")
    low: Span = Field(timedelta(hours=24), description="first reply to a low case")

    def of(self, level: Level) -> timedelta:
        """Return the promise of a level."""
        span: timedelta = getattr(self, level.value)
        return span


class Weights(Section):
    """Most points that each factor of the urgency score can add; 0 switches a factor off."""

    complaint: Share = Field(30, description="how sure the model is that this is a complaint")
    negativity: Share = Field(12, description="how negative the text is")
    anger: Share = Field(8, description="how angry it is")
    severity: Share = Field(40, description="the gravest severity class that was recognised")
    reach: Share = Field(12, description="how many people follow the author")
    velocity: Share = Field(25, description="how fast the post gains attention")
    repeat: Share = Field(10, description="complaints of the same author in the last 30 days")
    vip: Share = Field(15, description="the author is on the brand's list")
    relevance: Share = Field(6, description="how near the post is to what the brand says it is about")
    addressed: Share = Field(8, description="the post speaks to the brand")
    post_sale: Share = Field(5, description="the author has already bought")


class Hours(Section):
    """When people work, in the brand's zone; levels not named in `levels` run around the clock."""

    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = Field(
        ("mon", "tue", "wed", "thu", "fri"), description="the days of work"
    )
    start: ClockTime = Field(time(8), description="when work begins")
    end: ClockTime = Field(time(18), description="when work ends")
    levels: Levels = Field((Level.NORMAL, Level.LOW), description="the levels whose clocks stop outside these hours")

    @model_validator(mode="after")
    def _forward(self) -> "Hours":
        if not self.start < self.end:
            raise ValueError("work must begin before it ends; write start: '08:00', end: '18:00'")
        return self


class Calibration(Section):
    """How the complaint probability is read: logit(p') = slope * logit(p) + shift."""

    slope: float = Field(1.0, gt=0, le=10, description="below 1 draws towards a half, above 1 away from it")
    shift: float = Field(0.0, ge=-10, le=10, description="above 0: posts are complaints more often than the model says")


class Triage(Section):
    """What becomes a case, how urgent it is, and how soon it must be answered."""

    complaint: Probability = Field(0.5, description="from this probability on, a post is a complaint")
    levels: LevelBounds = Field(LevelBounds(), description="the scores where levels begin")
    sla: Sla = Field(Sla(), description="how soon the first reply is due, by level")
    weights: Weights = Field(Weights(), description="what each factor of the score can add")
    languages: Words = Field(("en",), description="the languages that the model serves; others get a lane of their own")
    noise_off: tuple[DropRule, ...] = Field((), description="noise rules that are switched off")
    phrases: dict[Severity, dict[str, Words]] = Field(
        default_factory=dict, description="further severity phrases: class, then language, then phrases"
    )
    hours: Hours | None = Field(None, description="business hours; none: every clock runs around the clock")
    model: str = Field("complaint-minilm", description="the classifier")
    models: dict[str, str] = Field(default_factory=dict, description="another classifier for a language")
    threads: int = Field(0, ge=0, le=256, description="threads of the classifier; 0: as many as cores")
    calibration: dict[Name, dict[Name, Calibration]] = Field(
        default_factory=dict, description="by brand, then source: how its probabilities are read; `suggestions` fits it"
    )


class Retention(Section):
    """How long texts are kept: cases, drops, and posts that no watch matched."""

    cases: Span = Field(timedelta(days=400), description="cases and their posts")
    drops: Span = Field(timedelta(days=30), description="posts that became no case")
    no_watch: Span = Field(timedelta(hours=48), description="posts that no watch matched")


class Recall(Section):
    """The recall sample: dropped posts that a person looks at, so that the digest can say what was missed."""

    per_day: int = Field(20, ge=0, le=1_000, description="dropped posts to look at each day; 0 draws none")
    zone: Zone | None = Field(None, description="the zone whose days count; none: that of the first brand with one")


class Settings(Section):
    """The whole config, valid and with secrets resolved. Paths are absolute."""

    store: str = Field("sqlite:///monitor.db", description="where everything is kept; relative to the config file")
    include: Words = Field((), description="files of one brand each, named like the brand; such as brands.d/*.yaml")
    demo: bool = Field(False, description="true says everywhere that this is a demo")
    lists: dict[Name, Entries] = Field(default_factory=dict, description="words by name, for the queries of all brands")
    exclude: Entries = Field((), description="queries; posts that match one are dropped for every brand")
    packs: tuple[Pack, ...] = Field((), description="ready-made exclusions for every brand")
    brands: dict[Name, Brand] = Field(default_factory=dict, description="who is listened for, by name")
    sources: dict[Name, SourceOptions] = Field(default_factory=dict, description="where to listen, by name")
    triage: Triage = Field(Triage(), description="what becomes a case, and how urgent it is")
    receivers: dict[Name, ReceiverOptions] = Field(default_factory=dict, description="who can be told, by name")
    routes: tuple[Route, ...] = Field((), description="who is told of what")
    fallback: Names = Field(
        (), description="who is told of an urgent case where no other receiver may be, or can be reached for 5 minutes"
    )
    bypass: Bypass = Field(Bypass(), description="what is told at any hour, besides grave cases")
    dead_man: DeadMan | None = Field(None, description="a ping to a watcher outside; none: nobody notices our silence")
    canary: Canary | None = Field(None, description="a test alert that must be acknowledged; none: nothing is tested")
    people: dict[Name, Person] = Field(default_factory=dict, description="who answers, by name")
    shifts: tuple[Shift, ...] = Field((), description="who is on shift when, each week")
    absences: tuple[Absence, ...] = Field((), description="who is away when; `shift absent` adds some at run time")
    overrides: tuple[Override, ...] = Field((), description="who stands in when; `shift override` adds some")
    escalation: Escalation = Field(Escalation(), description="whom cases are taken to that nobody has taken")
    digests: tuple[Digest, ...] = Field((), description="periodic summaries")
    spikes: Spikes = Field(Spikes(), description="when a rise of complaints is told")
    events: tuple[PlannedEvent, ...] = Field((), description="what is planned and lets expect more complaints")
    web: Web = Field(Web(), description="pages, health and metrics")
    causes: dict[Name, CauseOptions] = Field(
        default_factory=dict, description="what complaints are about, for all brands; added to the shipped causes"
    )
    incidents: Incidents = Field(Incidents(), description="many complaints about one fault")
    answers: Answers = Field(Answers(), description="what is offered to whoever answers, and who must approve it")
    retention: Retention = Field(Retention(), description="how long texts are kept")
    pins: str = Field("pins.yaml", description="the file of pins: texts that must, or must not, become a case")
    recall: Recall = Field(Recall(), description="the sample that measures what is missed")
    cost_per_hour: float | None = Field(
        None, ge=0, le=100_000, description="what an hour of work costs, in US dollars; none: reports tell no costs"
    )
    reports: tuple[MonthlyReport, ...] = Field((), description="reports of the last month, sent on the first of each")

    @field_validator("brands")
    @classmethod
    def _share(cls, brands: dict[str, Brand], info: ValidationInfo) -> dict[str, Brand]:
        """Give each brand what is for all of them; its own list hides one of the same name."""
        lists, exclude, packs = (info.data.get(key) for key in ("lists", "exclude", "packs"))
        if not (lists or exclude or packs):
            return brands
        return {name: _with_shared(brand, lists or {}, exclude or (), packs or ()) for name, brand in brands.items()}

    def causes_of(self, brand: str) -> dict[str, CauseOptions]:
        """Return the causes that complaints of a brand can have: the shipped ones, those for all brands, its own."""
        return combine_causes(shipped_causes(), self.causes, self.brands.get(brand, Brand()).causes)

    def answers_of(self, brand: str) -> Answers:
        """Return what is offered to whoever answers for a brand."""
        known = self.brands.get(brand)
        return self.answers.of_brand(known.answers if known else None)

    def cause_names(self, brand: str) -> tuple[str, ...]:
        """Return the names of these causes."""
        return known_causes(self.causes, self.brands.get(brand, Brand()).causes)

    @property
    def store_path(self) -> Path:
        """The file of an SQLite store."""
        return Path(self.store.removeprefix("sqlite:///"))

    @property
    def pins_path(self) -> Path:
        """The file of pins; it need not exist."""
        return Path(self.pins)
