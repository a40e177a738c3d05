"""What receivers hear of a storm with everything switched on: triage, incidents, spikes, chains, timers, delivery."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from monitor.domain import Level
from tests.builders import NOW
from tests.integration.test_alert_storms import DownReceiver
from tests.services import FakeReceiver
from tests.storm_site import INJURY, SECOND, StormSite, is_grave, outage_text, run_outage, run_storm

MINUTE = timedelta(minutes=1)


def storm_is_three_messages(site: StormSite, posts: int) -> None:
    run_storm(site, posts)
    assert len(site.store.queue(NOW)) == posts
    for name in site.receivers:
        threats = [message for message in site.heard(name) if is_grave(message)]
        assert threats, "the threats still wake somebody"
        assert len(site.heard(name)) - len(threats) <= 3, site.counted(name)
        if not site.chains:
            assert len(threats) <= 5, site.counted(name)


@pytest.mark.parametrize(("warm", "chains"), [(False, False), (True, False), (False, True), (True, True)])
def test_rants_of_a_minute_are_three_messages_an_hour_besides_the_threats(warm: bool, chains: bool) -> None:
    storm_is_three_messages(StormSite(warm=warm, chains=chains), 400)


@pytest.mark.slow
def test_ten_thousand_rants_in_a_minute_are_three_messages_an_hour_with_every_step_on() -> None:
    storm_is_three_messages(StormSite(warm=True), 10_000)


def test_a_spike_that_an_incident_explains_is_not_told_besides_until_it_is_worse() -> None:
    site = StormSite(warm=True)
    for turn in range(12):
        now = NOW + turn * 30 * SECOND
        site.post([outage_text(14 * turn + number) for number in range(14)], now)
        site.turn(now)
    (spike,) = site.store.spikes(NOW)
    query = "SELECT event, error FROM outbox WHERE state = 'muted' AND receiver = 'desk'"
    (muted,) = site.store.connection.query(query, {})
    assert muted == {"event": "spike.opened", "error": "incident 1 was told, which most of it is about"}
    assert site.counted("desk")["spike.opened"] == 0
    assert (spike.level, site.counted("desk")["spike.updated"]) == (Level.CRITICAL, 1), "that it is critical is news"


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(("chains", "posts"), [(False, 5_000), (True, 2_000)])
def test_an_outage_of_three_hours_is_eight_messages_with_every_step_on(chains: bool, posts: int) -> None:
    site = StormSite(warm=True, chains=chains)
    run_outage(site, posts)
    assert len(site.store.queue(NOW)) == posts
    for name in site.receivers:
        assert len(site.heard(name)) <= 8, site.counted(name)


@pytest.mark.parametrize("chains", [False, True])
def test_injuries_of_an_hour_are_told_at_once_then_once_a_minute_with_every_step_on(chains: bool) -> None:
    site = StormSite(warm=True, chains=chains)
    told_at: dict[str, list[datetime]] = {name: [] for name in site.receivers}
    for number in range(600):
        now = NOW + number * timedelta(seconds=7.2)
        if number < 500:
            site.post([f"{INJURY} {number}"], now)
        site.turn(now)
        for name, moments in told_at.items():
            cases = [message for message in site.heard(name) if message.event.startswith("case.")]
            moments.extend([now] * (len(cases) - len(moments)))
    for moments in told_at.values():
        assert moments[0] == NOW
        assert min(later - earlier for earlier, later in pairwise(moments)) >= MINUTE


@pytest.mark.parametrize("chains", [False, True])
def test_what_was_missed_in_six_hours_comes_as_two_messages_a_group_with_every_step_on(chains: bool) -> None:
    desk = DownReceiver(NOW + timedelta(hours=6))
    site = StormSite(warm=True, chains=chains, receivers={"desk": desk, "boss": FakeReceiver()})
    for turn in range(370 * 3):
        desk.now = NOW + turn * 20 * SECOND
        if turn % 15 == 0 and desk.now < desk.heals_at:
            site.post([complaint(turn // 15)], desk.now)
        site.turn(desk.now)
    query = "SELECT group_key FROM outbox WHERE receiver = 'desk' AND state = 'sent'"
    groups = Counter(row["group_key"] for row in site.store.connection.query(query, {}))
    assert max(groups.values()) <= 2, groups
    attempts = Counter((moment - NOW) // MINUTE for moment in desk.asked if moment < desk.heals_at)
    assert max(attempts.values()) == 1
    urgent = [case for case in site.store.queue(NOW) if case.level.urgent]
    told = site.store.tellings_of("desk", [case.id for case in urgent])
    assert [case.id for case in urgent if case.id not in told and f"incident:{case.incident_id}" not in groups] == []
    assert len(urgent) >= 36


def complaint(number: int) -> str:
    """Return one of a mix: an injury in six, the outage, and refunds."""
    if number % 6 == 0:
        return f"{INJURY} {number}"
    return f"@lumo broken refund, order {number} never came back" if number % 2 else outage_text(number)
