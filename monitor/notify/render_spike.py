"""What people are told of a spike: how much, against what is usual, since when, in which words, and three posts.

Posts and platforms are foreign text and made harmless like those of cases; the webhook's payload alone carries them as
they were written. The words are letters only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from monitor.config.schema import Settings
from monitor.domain import Level
from monitor.notify.receiver import Message
from monitor.notify.render import Setting, setting_for, templates
from monitor.notify.text import ago, count, excerpt, moment, safe_link, span
from monitor.rules.spikes import Series
from monitor.steps.subjects import Told
from monitor.store.spikes import Spike, SpikePost
from monitor.store.store import Store

_EXCERPT = 200
_TITLES = {"spike.opened": "spike", "spike.updated": "spike goes on", "spike.over": "spike is over"}


def told_spike(
    store: Store, settings: Settings, number: int, event: str, receiver: str, now: datetime, key: str
) -> Told | None:
    """Return what a receiver is told of an event of a spike; None where there is no such spike."""
    spike = store.spike(number)
    if spike is None:
        return None
    brand = settings.brands.get(spike.brand)
    setting = setting_for(settings, receiver, now, ZoneInfo(brand.zone) if brand and brand.zone else UTC)
    posts = store.spike_posts(number)
    message = render_spike(event, spike, posts, setting, key=key)
    views = store.case_views([post.case_id for post in posts if post.case_id is not None])
    cases = [view.to_json() for view in views]
    payload = {**message.payload, "cases": cases, "case": cases[0] if cases else None}
    return Told(replace(message, payload=payload), spike.brand, spike.level, spike.seen)


def render_spike(event: str, spike: Spike, posts: Sequence[SpikePost], setting: Setting, *, key: str) -> Message:
    """Return the message of an event of a spike; `key` is its idempotency key."""
    demo = "[demo] " if setting.demo else ""
    title = _TITLES.get(event, event.replace(".", " "))
    subject = f"{demo}{spike.level.upper()} {spike.brand}: {title}: {headline(spike, setting)}"
    facts = _facts(spike, setting)
    lines = [_post_lines(post, setting) for post in posts]
    text = [subject, *(f"{name}: {value}" for name, value in facts)]
    for quote, author, links in lines:
        text += ["", quote, author, *links.values()]
    return Message(
        event=event,
        receiver=setting.receiver,
        subject=subject,
        text="\n".join(text),
        html=_html(subject, spike.level, facts, lines, setting) if setting.kind == "mail" else None,
        payload={
            "event": event,
            "count": spike.seen,
            "cases": [],
            "case": None,
            "spike": {**spike.to_json(), "posts": [post.to_json() for post in posts]},
        },
        idempotency_key=key,
        urgent=spike.level.urgent,
        thread=f"spike:{spike.id}",
    )


def headline(spike: Spike, setting: Setting) -> str:
    """Return the figures of a spike in one sentence."""
    end = spike.ended_at or spike.updated_at
    lasted = span(end - spike.since)
    since = moment(spike.since, setting.now, setting.zone)
    usual = f"{spike.expected:.0f}" if spike.expected >= 10 else f"{spike.expected:.1f}"
    begun = f"from {since} for {lasted}" if spike.ended_at else f"since {since} ({lasted})"
    return f"{count(spike.seen)} complaints {begun}, {usual} are usual: {spike.factor:.1f} times as many"


def _facts(spike: Spike, setting: Setting) -> list[tuple[str, str]]:
    facts = [("rate", f"{spike.per_hour:.0f} an hour in the last minutes, {spike.peak:.0f} at most")]
    if spike.series is Series.SHARE:
        facts.append(("what rose", "the share of complaints among all posts"))
    if spike.event:
        facts.append(("event", f"{spike.event}; what it lets expect is in the usual"))
    if spike.words:
        words = [f"{word.word} ×{word.count}" + (f" ({word.before} before)" if word.before else " (new)")
                 for word in spike.words]  # fmt: skip
        facts.append(("words", ", ".join(words)))
    for name, shares in (("platforms", spike.platforms), ("causes", spike.causes)):
        if shares:
            facts.append((name, shares_text(shares, setting)))
    facts.append(("all of them", _place(setting)))
    return facts


def shares_text(shares: Mapping[str, float], setting: Setting) -> str:
    """Return shares as percentages; the names are foreign."""
    return ", ".join(f"{setting.foreign(excerpt(name, 40))} {share:.0%}" for name, share in shares.items())


def _place(setting: Setting) -> str:
    return f"{setting.public_url}/queue" if setting.public_url else "complaint-monitor queue list"


def _post_lines(post: SpikePost, setting: Setting) -> tuple[str, str, dict[str, str]]:
    """Return quote, author line, and lines that lead to the card and to the post."""
    foreign = setting.foreign
    reach = f", {count(post.followers)} followers" if post.followers is not None else ""
    when = ago(post.posted_at, setting.now, setting.zone)
    author = f"by {foreign(excerpt(post.author, 60))} on {foreign(excerpt(post.platform, 40))}{reach}, {when}"
    links = {}
    if post.case_id is not None:
        page = f"{setting.public_url}/cases/{post.case_id}" if setting.public_url else None
        command = f"case {post.case_id}: complaint-monitor queue show {post.case_id}"
        links["card"] = f"card: {page}" if page else command
    link = safe_link(post.permalink)
    if link:
        links["post"] = f"post: {link}"
    return foreign(excerpt(post.text, _EXCERPT)), author, links


def _html(
    subject: str,
    level: Level,
    facts: Sequence[tuple[str, str]],
    lines: Sequence[tuple[str, str, dict[str, str]]],
    setting: Setting,
) -> str:
    posts = [
        {"quote": quote, "author": author, "links": [_linked(line) for line in links.values()]}
        for quote, author, links in lines
    ]
    page = templates().get_template("spike.html")
    return page.render(subject=subject, level=level.value, facts=facts, posts=posts, queue=_place(setting))


def _linked(line: str) -> tuple[str, str | None]:
    """Return a line as words and an address, None where it leads nowhere."""
    name, _, address = line.partition(": ")
    return (name, address) if address.startswith(("https://", "http://")) else (line, None)
