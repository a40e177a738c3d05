"""The options of every kind of source, as they stand in the config under `sources`.

Secrets arrive here resolved: the config replaces `env:NAME` and its like before a connector is opened.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

_LONGEST_S = 36_500 * 86_400.0
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def parse_duration(value: object) -> object:
    """Read `90s`, `5m`, `2h`, `1d`, `1w` (or a sum such as `1h30m`) as a timedelta; other values pass through."""
    if not isinstance(value, str):
        return value
    seconds, number = 0.0, ""
    for character in value.strip():
        if character.isdecimal() or character == ".":
            number += character
        elif character in _UNITS and number:
            seconds, number = seconds + float(number) * _UNITS[character], ""
        else:
            raise ValueError(f"{value!r} is no duration; write 30s, 5m, 2h or 1d")
    if number or not value.strip():
        raise ValueError(f"{value!r} is no duration; write 30s, 5m, 2h or 1d")
    if seconds > _LONGEST_S:
        raise ValueError(f"{value!r} is too long; write at most 36500d")
    return timedelta(seconds=seconds)


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Every = Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(days=7))]


class SourceOptions(BaseModel):
    """What every source has. `base_url` replaces the platform's host; `allow_private` lets it reach loopback."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    enabled: bool = True
    every: Every = timedelta(minutes=5)
    base_url: str | None = None
    allow_private: bool = False
    backfill: Duration | None = None
    page_cap: int | None = Field(None, ge=1, le=1000)
    posts_per_day: int | None = Field(None, ge=1, description="stop reading for the day after this many posts")
    may_train: bool = False


class ReplayOptions(SourceOptions):
    """A file of JSON lines. `pace` 0 is as fast as possible, 1 real time, 60 an hour a minute."""

    kind: Literal["replay"]
    path: Path
    pace: float = Field(0, ge=0)
    loop: bool = False
    shift: Literal["now"] | None = None
    every: Every = timedelta(seconds=2)


class CsvOptions(SourceOptions):
    """A CSV export. `columns` maps our names to the file's; `time_format` is strptime's, else ISO 8601."""

    kind: Literal["csv"]
    path: Path
    platform: str = "csv"
    columns: dict[str, str] = Field(default_factory=dict)
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    encoding: str = "utf-8-sig"
    time_format: str | None = None
    zone: str = "UTC"


class XOptions(SourceOptions):
    """X API v2 by bearer token. With `user_id` the account's mentions are read, else recent search."""

    kind: Literal["x"]
    token: SecretStr
    user_id: str | None = None
    every: Every = timedelta(minutes=5)


class RedditOptions(SourceOptions):
    """Reddit by an approved app. Submissions are searched, comments of `subreddits` listed."""

    kind: Literal["reddit"]
    client_id: SecretStr
    client_secret: SecretStr
    user_agent: str
    subreddits: tuple[str, ...] = ()
    search: bool = True
    every: Every = timedelta(minutes=2)


class HackerNewsOptions(SourceOptions):
    """Hacker News through Algolia's search; no credentials."""

    kind: Literal["hackernews"]
    every: Every = timedelta(minutes=3)


class RssOptions(SourceOptions):
    """One RSS or Atom feed."""

    kind: Literal["rss"]
    url: str
    platform: str = "rss"
    every: Every = timedelta(minutes=15)
