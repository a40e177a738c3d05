"""Explaining: whether a receiver needs to hear of a spike besides the incident that most of it is about."""

from collections import Counter
from datetime import datetime, timedelta

from monitor.steps.judging import subject_of
from monitor.store.spikes import Spike
from monitor.store.store import Store

FRESH = timedelta(hours=1)
"""How long what was said of an incident stands for the rise that it explains; a later rise of it is news."""

_READ = 300
"""Complaints of a spike of which most must belong to the incident."""


def why_not_told(store: Store, receiver: str, number: int, event: str, now: datetime) -> str:
    """Return why a receiver needs no message about a spike; empty where it does.

    Its end is told to whoever heard of it, so that what a service keeps open of it is resolved, and to nobody else.
    """
    spike = store.spike(number)
    if spike is None:
        return ""
    known = f"spike:{number}" in store.subjects_told(receiver, [f"spike:{number}"])
    if event == "spike.over":
        return "" if known else "its begin was not told"
    incident = _incident_of(store, spike)
    told = store.subjects_told(receiver, [subject_of(incident)]).get(subject_of(incident)) if incident else None
    if told is None or told.level.rank > spike.level.rank or now - told.told_at > FRESH:
        return ""
    return f"incident {incident} was told, which most of it is about"


def _incident_of(store: Store, spike: Spike) -> int | None:
    """Return the incident that holds most complaints of a spike."""
    posts = store.complaints_since(spike.brand, spike.since, _READ)
    views = store.case_views(sorted({post.case_id for post in posts if post.case_id is not None}))
    homes = {view.id: view.incident_id for view in views}
    found = Counter(homes.get(post.case_id) for post in posts if post.case_id is not None)
    (incident, count), *_ = found.most_common(1) or [(None, 0)]
    return incident if 2 * count > len(posts) else None
