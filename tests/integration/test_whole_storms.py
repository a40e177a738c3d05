"""What receivers hear of a storm with everything switched on: triage, incidents, spikes, chains, timers, delivery."""

import pytest

from monitor.domain import Level
from tests.builders import NOW
from tests.storm_site import SECOND, StormSite, is_grave, outage_text, run_outage, run_storm


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
@pytest.mark.parametrize("chains", [False, True])
def test_an_outage_of_three_hours_is_eight_messages_with_every_step_on(chains: bool) -> None:
    site = StormSite(warm=True, chains=chains)
    run_outage(site, 5_000)
    assert len(site.store.queue(NOW)) == 5_000
    for name in site.receivers:
        assert len(site.heard(name)) <= 8, site.counted(name)
