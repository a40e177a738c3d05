"""The config as types: few keys, good defaults, unknown keys refused. `load.py` reads it; `check.py` looks further."""

from datetime import time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from connectors.options import Duration, SourceOptions
from monitor.domain import DropRule, Level, Severity

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Probability = Annotated[float, Field(ge=0, le=1)]


def _zone(value: str) -> str:
    if value not in available_timezones():
        near = get_close_matches(value, available_timezones(), n=1)
        raise ValueError(f"unknown time zone {value!r}; {f'did you mean {near[0]}?' if near else 'try Europe/Berlin'}")
    return value


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _clock_time(value: Any) -> Any:
    """YAML 1.1 writers read 08:00 as 480 minutes; accept what people meant."""
    return f"{value // 60:02d}:{value % 60:02d}" if isinstance(value, int) and 0 <= value < 24 * 60 else value


Zone = Annotated[str, AfterValidator(_zone)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Levels = Annotated[tuple[Level, ...], BeforeValidator(_one_or_many)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_one_or_many)]
Words = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]


class Section(BaseModel):
    """A part of the config: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Watch(Section):
    """A named query of a brand over some sources; no `sources` means every source."""

    name: Name
    query: str = Field(min_length=1, max_length=20_000)
    sources: Names = ()


class Brand(Section):
    """One brand: own voices per platform, watches, and who and what it knows."""

    handles: dict[str, Words] = Field(default_factory=dict)
    watches: tuple[Watch, ...] = ()
    vips: Words = ()
    blocked_authors: Words = ()
    muted_threads: Words = ()
    zone: Zone | None = None


class LevelBounds(Section):
    """The score from which a level begins."""

    critical: float = Field(80, ge=0, le=100)
    high: float = Field(60, ge=0, le=100)
    normal: float = Field(40, ge=0, le=100)

    @model_validator(mode="after")
    def _descend(self) -> "LevelBounds":
        if not self.critical > self.high > self.normal:
            raise ValueError("critical must lie above high, and high above normal")
        return self


class Sla(Section):
    """How soon the first reply is due, counted from the post."""

    critical: Duration = timedelta(minutes=5)
    high: Duration = timedelta(minutes=30)
    normal: Duration = timedelta(hours=4)
    low: Duration = timedelta(hours=24)

    def of(self, level: Level) -> timedelta:
        """Return the promise of a level."""
        span: timedelta = getattr(self, level.value)
        return span


class Weights(Section):
    """Most points that each factor of the urgency score can add; 0 switches a factor off."""

    complaint: float = Field(30, ge=0, le=100)
    negativity: float = Field(12, ge=0, le=100)
    anger: float = Field(8, ge=0, le=100)
    severity: float = Field(40, ge=0, le=100)
    reach: float = Field(12, ge=0, le=100)
    velocity: float = Field(25, ge=0, le=100)
    repeat: float = Field(10, ge=0, le=100)
    vip: float = Field(15, ge=0, le=100)
    addressed: float = Field(8, ge=0, le=100)
    post_sale: float = Field(5, ge=0, le=100)


class Hours(Section):
    """When people work, in the brand's zone; levels not named in `levels` run around the clock."""

    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ("mon", "tue", "wed", "thu", "fri")
    start: ClockTime = time(8)
    end: ClockTime = time(18)
    levels: Levels = (Level.NORMAL, Level.LOW)


class Triage(Section):
    """What becomes a case, how urgent it is, and how soon it must be answered."""

    complaint: Probability = 0.5
    levels: LevelBounds = LevelBounds()
    sla: Sla = Sla()
    weights: Weights = Weights()
    languages: Words = ("en",)
    noise_off: tuple[DropRule, ...] = ()
    phrases: dict[Severity, dict[str, Words]] = Field(default_factory=dict)
    hours: Hours | None = None
    model: str = "complaint-minilm"
    models: dict[str, str] = Field(default_factory=dict)
    threads: int = Field(0, ge=0, le=256)


class ReceiverOptions(Section):
    """What every receiver has."""

    kind: str
    enabled: bool = True


class StdoutReceiver(ReceiverOptions):
    """Alerts in the daemon's own output."""

    kind: Literal["stdout"]


class WebhookReceiver(ReceiverOptions):
    """A signed POST of JSON."""

    kind: Literal["webhook"]
    url: SecretStr
    secret: SecretStr | None = None
    allow_private: bool = False


class MailReceiver(ReceiverOptions):
    """Mail by SMTP; `security` is starttls, tls or none (loopback only)."""

    kind: Literal["mail"]
    host: str
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    sender: str
    to: Words = Field(min_length=1)


class AppriseReceiver(ReceiverOptions):
    """Any service that Apprise speaks to, by its URL."""

    kind: Literal["apprise"]
    url: SecretStr
    allow_private: bool = False


RECEIVER_KINDS: dict[str, type[ReceiverOptions]] = {
    "stdout": StdoutReceiver,
    "webhook": WebhookReceiver,
    "mail": MailReceiver,
    "apprise": AppriseReceiver,
}


class GroupBy(StrEnum):
    """What alerts are grouped by."""

    BRAND = "brand"
    INCIDENT = "incident"
    LEVEL = "level"
    PLATFORM = "platform"


class Route(Section):
    """Who is told of what. An empty matcher matches everything; every matching route tells its receivers."""

    level: Levels = (Level.CRITICAL, Level.HIGH)
    brand: Names = ()
    platform: Words = ()
    to: Names = Field(min_length=1)
    group_by: tuple[GroupBy, ...] = (GroupBy.BRAND, GroupBy.INCIDENT)
    group_wait: Duration = timedelta(seconds=30)
    group_interval: Duration = timedelta(minutes=5)
    repeat_interval: Duration = timedelta(hours=4)


class Digest(Section):
    """A periodic summary: at a time of day in a zone, or `every` so often."""

    name: Name
    to: Names = Field(min_length=1)
    at: ClockTime | None = None
    every: Duration | None = None
    zone: Zone = "UTC"
    brands: Names = ()

    @model_validator(mode="after")
    def _one_schedule(self) -> "Digest":
        if (self.at is None) == (self.every is None):
            raise ValueError("give either at or every")
        return self

    @property
    def timezone(self) -> ZoneInfo:
        """The zone that `at` and the local date belong to."""
        return ZoneInfo(self.zone)


class Web(Section):
    """Where pages, health and metrics are served; port 0 takes a free one."""

    listen: str = Field("127.0.0.1:8787", pattern=r"^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$")
    public_url: str | None = Field(None, pattern=r"^https?://\S+$")


class Retention(Section):
    """How long texts are kept: cases, drops, and posts that no watch matched."""

    cases: Duration = timedelta(days=400)
    drops: Duration = timedelta(days=30)
    no_watch: Duration = timedelta(hours=48)


class Settings(Section):
    """The whole config, valid and with secrets resolved. Paths are absolute."""

    store: str = "sqlite:///monitor.db"
    include: Words = ()
    demo: bool = False
    brands: dict[Name, Brand] = Field(default_factory=dict)
    sources: dict[Name, SourceOptions] = Field(default_factory=dict)
    triage: Triage = Triage()
    receivers: dict[Name, ReceiverOptions] = Field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    digests: tuple[Digest, ...] = ()
    web: Web = Web()
    retention: Retention = Retention()

    @property
    def store_path(self) -> Path:
        """The file of an SQLite store."""
        return Path(self.store.removeprefix("sqlite:///"))
