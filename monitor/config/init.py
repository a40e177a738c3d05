"""The configs that we write ourselves: the one of `init`, for a brand, and the shipped demo."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from monitor.errors import MonitorError

_DEMO = """\
# The demo: an invented brand of smart lamps, and 36 hours of invented posts about it.
# Nothing is fetched from anywhere. `complaint-monitor init` writes a config for a brand of yours.
demo: true
store: sqlite:///demo/monitor.db          # a store of its own, made when it is needed; relative to this file

brands:
  lumo:
    zone: Europe/Berlin
    handles:                              # own voices: never a case, and their answers stop the clock
      x: [lumo, lumohelp]
      reddit: [lumo_official]
    watches:                              # a bare word also finds @lumo and #lumo
      - {name: name, query: 'lumo OR lumohelp', sources: [file]}

sources:
  file:                                   # the shipped posts, moved in time so that the last one is of now
    kind: replay
    path: builtin:lumo
    shift: now
  # Listening to X and Reddit takes an account with each, and the names x and reddit in `sources` of the watch above:
  # x:
  #   kind: x
  #   token: env:X_BEARER_TOKEN           # secrets by reference: env:NAME, file:PATH or credential:NAME
  #   every: 1m                           # X bills each post that it returns, not each poll
  #   posts_per_day: 2000
  #   reply_as: lumo                      # people answer from the card as @lumo; docs/howto/send-directly.md
  #   reply_consumer_key: env:X_KEY       # with reply_consumer_secret, reply_access_token, reply_access_secret
  # reddit:
  #   kind: reddit
  #   client_id: env:REDDIT_ID
  #   client_secret: env:REDDIT_SECRET
  #   user_agent: 'linux:lumo-monitor:1 (by /u/lumo)'
  #   subreddits: [lumo]
  #   every: 2m

triage:                                   # these are the defaults
  complaint: 0.5
  levels: {critical: 80, high: 60, normal: 40}
  sla: {critical: 5m, high: 30m, normal: 4h, low: 24h}

receivers:
  desk: {kind: stdout}                    # alerts in this terminal; others: mail, slack, teams, webhook, …

routes:
  - {level: [critical, high], to: [desk], group_wait: 5s}

digests:
  - {name: hourly, to: [desk], every: 1h, first_after: 20s, zone: Europe/Berlin}

web: {listen: 127.0.0.1:8787}
"""

_OWN = """\
# Written by `complaint-monitor init`. `complaint-monitor check` says what is wrong with it, line by line.
store: sqlite:///monitor.db               # relative to this file

brands:
  {brand}:
    zone: {zone}
{handles}
    watches:
      # A bare word also finds the handle and the hashtag. AND is implied; OR, -, "a phrase", prefix* and NEAR/3 work.
      # `complaint-monitor match 'QUERY'` tries a query on lines of text.
      - {{name: name, query: {query}, sources: [hackernews, mastodon]}}

sources:
  hackernews:                             # needs no credentials
    kind: hackernews
    every: 3m
  mastodon:                               # any RSS or Atom feed; this one has the posts under a hashtag
    kind: rss
    platform: mastodon
    url: {feed}
    every: 10m

  # Reddit is off: it wants an app that Reddit has approved (reddit.com/prefs/apps), also for reading. With its id and
  # secret in the environment, set enabled to true and add reddit to the sources of the watch.
  reddit:
    kind: reddit
    enabled: false
    client_id: env:REDDIT_ID
    client_secret: env:REDDIT_SECRET
    user_agent: 'linux:{brand}-monitor:1 (by /u/{account})'
    subreddits: [{account}]
    every: 2m

  # X is off: it wants a bearer token (developer.x.com) and bills each post that it returns.
  x:
    kind: x
    enabled: false
    token: env:X_BEARER_TOKEN
    every: 1m
    posts_per_day: 2000

triage:
  complaint: 0.5                          # from this probability on, a post is a complaint
  levels: {{critical: 80, high: 60, normal: 40}}
  # How soon the first reply is due, counted from the post. Feeds are slow; X and Reddit allow critical: 5m.
  sla: {{critical: 30m, high: 1h, normal: 4h, low: 24h}}

receivers:
  desk: {{kind: stdout}}                    # the daemon's own output
  # mail:
  #   kind: mail
  #   host: smtp.example.com
  #   username: monitor
  #   password: env:SMTP_PASSWORD
  #   sender: monitor@example.com
  #   to: [care@example.com]

routes:
  - {{level: [critical, high], to: [desk]}}

digests:
  - {{name: morning, to: [desk], at: '08:00', zone: {zone}}}

web: {{listen: 127.0.0.1:8787}}
"""

_NAME = re.compile(r"[^a-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Brand:
    """What `init` asks: the brand as people write it, its handle (or none), its zone."""

    name: str
    handle: str = ""
    zone: str = "UTC"


def demo_text() -> str:
    """Return the demo config; `config.yaml` at the top of the repository is a copy of it."""
    return _DEMO


def config_text(brand: Brand) -> str:
    """Return a commented config for a brand, with sources that need no credentials switched on."""
    printable = "".join(letter for letter in brand.name if letter.isprintable())
    word = " ".join(printable.split()).replace('"', "") or "brand"
    handle = re.sub(r"\W", "", brand.handle.removeprefix("@"))
    slug = _NAME.sub("-", word.lower()).strip("-_.")[:64] or handle.lower() or "brand"
    tag = re.sub(r"\W", "", word.lower())
    query = f'"{word}"' if " " in word or not word.isalnum() else word
    if handle and handle.lower() != word.lower():
        query += f" OR @{handle}"
    handles = (
        f"    handles:\n      x: [{handle}]" if handle else "    # handles: {x: [name], reddit: [name]}   # own voices"
    )
    return _OWN.format(
        brand=slug,
        zone=brand.zone,
        handles=handles,
        query="'" + query.replace("'", "''") + "'",
        account=handle or re.sub(r"\W", "", slug, flags=re.ASCII) or "brand",
        feed=f"https://mastodon.social/tags/{quote(tag or slug)}.rss",
    )


def write_config(path: Path, text: str) -> None:
    """Write a new config, readable by its owner alone; raises MonitorError where one is there already."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise MonitorError(str(path), "is there already", "give another name with --config") from None
    except OSError as error:
        raise MonitorError(str(path), f"cannot be written: {(error.strerror or str(error)).lower()}") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
