"""Every kind of source, as one literal table. Nothing is imported before it is used."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from connectors.connector import Connector
    from connectors.options import SourceOptions


@dataclass(frozen=True, slots=True)
class Kind:
    """Where a kind of source lives: its options in `connectors.options`, its class as `module:name`."""

    label: str
    options: str
    connector: str


KINDS: dict[str, Kind] = {
    "replay": Kind("JSON lines, replayed", "ReplayOptions", "connectors.replay:ReplayConnector"),
    "csv": Kind("CSV export of another tool", "CsvOptions", "connectors.csv_file:CsvConnector"),
    "x": Kind("X (recent search, mentions)", "XOptions", "connectors.x:XConnector"),
    "reddit": Kind("Reddit (search, comments)", "RedditOptions", "connectors.reddit:RedditConnector"),
    "hackernews": Kind("Hacker News (search)", "HackerNewsOptions", "connectors.hackernews:HackerNewsConnector"),
    "rss": Kind("RSS or Atom feed", "RssOptions", "connectors.rss:RssConnector"),
}


def options_type(kind: str) -> type["SourceOptions"]:
    """Return the options model of a kind; KeyError where the kind is unknown."""
    return cast("type[SourceOptions]", getattr(import_module("connectors.options"), KINDS[kind].options))


def open_connector(name: str, options: "SourceOptions") -> "Connector":
    """Build the connector of one source. `name` is the source's name, the subject of its errors."""
    module, _, attribute = KINDS[options.kind].connector.partition(":")
    factory: Any = getattr(import_module(module), attribute)
    return cast("Connector", factory(name, options))
