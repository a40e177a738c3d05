"""The types of single values of the config: names, spans, zones, addresses, queries."""

import re
from datetime import time, timedelta
from difflib import get_close_matches
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from connectors.options import Duration
from monitor.domain import Level

QUERY_LIMIT = 20_000
"""Characters of a query."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Probability = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(ge=0, le=100)]
Span = Annotated[Duration, Field(ge=timedelta(seconds=1))]
Wait = Annotated[Duration, Field(ge=timedelta(0))]


def _zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (ValueError, OSError, ZoneInfoNotFoundError):
        near = get_close_matches(value, available_timezones(), n=1)
        hint = f"did you mean {near[0]}?" if near else "write one such as Europe/Berlin"
        raise ValueError(f"unknown time zone {value[:60]!r}; {hint}") from None


def one_or_many(value: Any) -> Any:
    """Return a text that stands where a list is wanted as a list of one."""
    return [value] if isinstance(value, str) else value


def _clock_time(value: Any) -> Any:
    """YAML 1.1 writers read 08:00 as 480 minutes; accept what people meant."""
    return f"{value // 60:02d}:{value % 60:02d}" if isinstance(value, int) and 0 <= value < 24 * 60 else value


def _address(value: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;:\\\"()\x00-\x1f]+@[^@\s<>,;:\\\"()\x00-\x1f]+", value):
        raise ValueError(f"{value[:60]!r} is no mail address; write name@example.com")
    if not value.isascii():
        raise ValueError(f"{value[:60]!r} holds letters that mail servers refuse; write it in ASCII")
    return value


def _listen(value: str) -> str:
    match = re.fullmatch(r"(?:\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})", value)
    if match is None or int(match[1]) > 65535:
        raise ValueError(f"{value[:60]!r} is no host with a port; write 127.0.0.1:8787")
    return value


def _public_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/@]+(/[^\s]*)?", value):
        raise ValueError(f"{value[:60]!r} is no address of a web page; write https://HOST")
    return value.rstrip("/")


def web_address(value: str) -> str:
    """Return the address of a server without a slash at its end; raises ValueError for what is none."""
    if not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s?#]*)?", value):
        raise ValueError(f"{value[:60]!r} is no address of a server; write https://HOST")
    return value.rstrip("/")


def _watch_query(value: Any) -> str | dict[str, str]:
    """Read one query, or queries by language."""
    blocks = value if isinstance(value, dict) else {"any": value}
    if not blocks:
        raise ValueError("the query is empty; write a word, such as the brand's name")
    for language, text in blocks.items():
        if not re.fullmatch(r"any|[a-z]{2,3}(-[A-Za-z0-9]{1,8})*", str(language)):
            raise ValueError(f"{str(language)[:40]!r} is no language; write any, or a tag such as de")
        if not isinstance(text, str):
            raise ValueError(f"must be text, not {str(text)[:40]}; put it in quotes")  # noqa: TRY004 - pydantic wants it
        if not text:
            raise ValueError("must not be empty")
        if len(text) > QUERY_LIMIT:
            raise ValueError(f"is longer than {QUERY_LIMIT} characters; split it into watches")
    return {str(language): str(text) for language, text in value.items()} if isinstance(value, dict) else str(value)


Address = Annotated[str, AfterValidator(_address)]
Zone = Annotated[str, AfterValidator(_zone)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Levels = Annotated[tuple[Level, ...], BeforeValidator(one_or_many)]
Names = Annotated[tuple[Name, ...], BeforeValidator(one_or_many)]
Words = Annotated[tuple[str, ...], BeforeValidator(one_or_many)]
Sentence = Annotated[str, Field(min_length=1, max_length=300)]
Sentences = Annotated[tuple[Sentence, ...], BeforeValidator(one_or_many), Field(max_length=20)]
QueryText = Annotated[str, Field(min_length=1, max_length=QUERY_LIMIT)]
WatchQuery = Annotated[str | dict[str, str], PlainValidator(_watch_query)]
Entries = Annotated[tuple[QueryText, ...], BeforeValidator(one_or_many), Field(max_length=10_000)]
Listen = Annotated[str, AfterValidator(_listen)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
