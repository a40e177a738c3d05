"""The options of every kind of source, as they stand in the config under `sources`.

Secrets arrive here resolved: the config replaces `env:NAME` and its like before a connector is opened.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

_LONGEST_S = 36_500 * 86_400.0
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)([smhdw])", re.ASCII)
_DURATION = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)


def parse_duration(value: object) -> object:
    """Read `90s`, `5m`, `2h`, `1d`, `1w` (or a sum such as `1h30m`) as a timedelta; other values pass through.

    Raises ValueError for text that is none.
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not _DURATION.fullmatch(text):
        raise ValueError(f"{value[:40]!r} is no duration; write 30s, 5m, 2h or 1d")
    try:
        return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text)))
    except OverflowError as error:
        raise ValueError(f"{value[:40]!r} is longer than any time") from error


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Every = Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(days=7))]


class SourceOptions(BaseModel):
    """What every source has. `base_url` replaces the platform's host; `allow_private` lets it reach loopback."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = Field(description="what kind of source it is")
    enabled: bool = Field(True, description="false keeps it in the config and polls nothing")
    every: Every = Field(timedelta(minutes=5), description="how often it is polled")
    base_url: str | None = Field(None, description="another host in place of the platform's")
    allow_private: bool = Field(False, description="true lets it reach loopback and private networks")
    backfill: Duration | None = Field(None, description="how far a new watch looks back")
    page_cap: int | None = Field(None, ge=1, le=1000, description="pages of one poll; none: as the platform wants")
    posts_per_day: int | None = Field(None, ge=1, description="stop reading for the day after this many posts")
    recheck: Literal["cases", "all"] = Field(
        "cases", description="which stored posts are looked at again for deletions, where the platform asks for it"
    )
    may_train: bool = Field(
        False, description="whether answers about its posts may move numbers and lists of the config"
    )


class ReplayOptions(SourceOptions):
    """A file of JSON lines. `pace` 0 is as fast as possible, 1 real time, 60 an hour a minute."""

    kind: Literal["replay"]
    path: Path = Field(description="the file, or `builtin:lumo`, the shipped sample")
    pace: float = Field(0, ge=0, description="0: as fast as possible; 1: in real time; 60: an hour a minute")
    loop: bool = Field(False, description="true begins again at the end")
    shift: Literal["now"] | None = Field(None, description="moves all times so that the last post is of now")
    every: Every = timedelta(seconds=2)


class CsvOptions(SourceOptions):
    """A CSV export. `columns` maps our names to the file's; `time_format` is strptime's, else ISO 8601."""

    kind: Literal["csv"]
    path: Path = Field(description="the file")
    platform: str = Field("csv", description="what the posts' platform is called")
    columns: dict[str, str] = Field(default_factory=dict, description="our names and the file's: {text: Message}")
    delimiter: str | None = Field(None, min_length=1, max_length=1, description="between cells; none: found out")
    encoding: str = Field("utf-8-sig", description="of the file")
    time_format: str | None = Field(None, description="of the times, as strptime reads it; none: ISO 8601")
    zone: str = Field("UTC", description="of times that name none")


class XOptions(SourceOptions):
    """X API v2 by bearer token. With `user_id` the account's mentions are read, else recent search."""

    kind: Literal["x"]
    token: SecretStr = Field(description="the bearer token")
    user_id: str | None = Field(None, description="read the mentions of this account instead of searching")
    every: Every = timedelta(minutes=5)
    reply_as: str | None = Field(None, description="the handle that people answer as from here, without @")
    reply_consumer_key: SecretStr | None = Field(None, description="to answer: the API key of the app")
    reply_consumer_secret: SecretStr | None = Field(None, description="to answer: the secret of that key")
    reply_access_token: SecretStr | None = Field(None, description="to answer: the token of the account `reply_as`")
    reply_access_secret: SecretStr | None = Field(None, description="to answer: the secret of that token")


class RedditOptions(SourceOptions):
    """Reddit by an approved app. Submissions are searched, comments of `subreddits` listed."""

    kind: Literal["reddit"]
    client_id: SecretStr = Field(description="the id of the app")
    client_secret: SecretStr = Field(description="its secret")
    user_agent: str = Field(description="as Reddit wants it: platform:app:version (by /u/name)")
    subreddits: tuple[str, ...] = Field((), description="whose comments are listed")
    search: bool = Field(True, description="false lists comments only")
    every: Every = timedelta(minutes=2)
    reply_as: str | None = Field(None, description="the account that people answer as from here, without u/")
    reply_approved: bool = Field(False, description="true says that Reddit has approved the app for answering")
    reply_password: SecretStr | None = Field(None, description="to answer: the password of `reply_as`")
    reply_refresh_token: SecretStr | None = Field(None, description="to answer: a token in place of the password")


class HackerNewsOptions(SourceOptions):
    """Hacker News through Algolia's search; no credentials."""

    kind: Literal["hackernews"]
    every: Every = timedelta(minutes=3)


class RssOptions(SourceOptions):
    """One RSS or Atom feed."""

    kind: Literal["rss"]
    url: str = Field(description="the feed")
    platform: str = Field("rss", description="what the posts' platform is called")
    every: Every = timedelta(minutes=15)
