"""The report of the first of the month: once a month, by the zone, after restarts and gaps, none on a first run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.config.receivers import MailReceiver, StdoutReceiver
from monitor.config.reports import MonthlyReport
from monitor.notify.receiver import Message
from monitor.steps.digest import digest
from monitor.steps.services import Services
from monitor.store.sqlite import SqliteStore
from tests.builders import store_case
from tests.services import make_services

HOUR = timedelta(hours=1)
START = datetime(2026, 10, 20, 12, tzinfo=UTC)
MAIL = MailReceiver(kind="mail", host="127.0.0.1", security="none", sender="m@example.com", to=("d@example.com",))


def services_of(*reports: MonthlyReport) -> Services:
    return make_services(receivers={"desk": StdoutReceiver(kind="stdout"), "mail": MAIL}, reports=reports)


def monthly(**changes: object) -> MonthlyReport:
    return MonthlyReport.model_validate({"name": "lead", "to": ["desk"], "zone": "Europe/Berlin", **changes})


def run(store: SqliteStore, services: Services, start: datetime, until: datetime, every: timedelta = 3 * HOUR) -> None:
    while start <= until:
        digest(store, services, start)
        start += every


def sent(store: SqliteStore, services: Services) -> list[Message]:
    later, found = START + timedelta(days=400), []
    while (sealed := store.claim_message(list(services.settings.receivers), later, 60)) is not None:
        found.append(Message.from_json(sealed.body))
        assert store.finish_message(sealed, later)
    return found


def test_one_a_month_leaves_at_its_time_about_the_month_that_is_over() -> None:
    store, services = SqliteStore(None), services_of(monthly(at="07:30"))
    digest(store, services, START)
    digest(store, services, datetime(2026, 11, 1, 6, 29, tzinfo=UTC))
    assert sent(store, services) == []
    done = digest(store, services, datetime(2026, 11, 1, 6, 30, tzinfo=UTC))
    assert (done.count, done.next_due_at) == (1, datetime(2026, 12, 1, 6, 30, tzinfo=UTC))
    run(store, services, datetime(2026, 11, 1, 7, tzinfo=UTC), datetime(2027, 1, 15, tzinfo=UTC))
    found = sent(store, services)
    labels = [message.payload["report"]["span"]["label"] for message in found]
    assert labels == ["October 2026", "November 2026", "December 2026"]
    assert len({message.idempotency_key for message in found}) == 3


def test_a_first_run_on_the_first_of_a_month_sends_none() -> None:
    store, services = SqliteStore(None), services_of(monthly())
    first = datetime(2026, 11, 1, 9, tzinfo=UTC)
    run(store, services, first, first + timedelta(days=10))
    assert sent(store, services) == []


def test_a_first_that_was_missed_is_made_up_for_once_and_about_its_own_month() -> None:
    store, services = SqliteStore(None), services_of(monthly())
    digest(store, services, START)
    run(store, services, datetime(2026, 12, 20, tzinfo=UTC), datetime(2026, 12, 22, tzinfo=UTC))
    (message,) = sent(store, services)
    assert message.payload["report"]["span"]["label"] == "November 2026"


def test_a_month_begins_where_the_report_is_read() -> None:
    store = SqliteStore(None)
    services = services_of(monthly(name="west", zone="Pacific/Honolulu", at="00:00"), monthly(name="east", at="00:00"))
    digest(store, services, START)
    digest(store, services, datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
    assert [message.payload["report"]["span"]["zone"] for message in sent(store, services)] == ["Europe/Berlin"]
    digest(store, services, datetime(2026, 11, 1, 10, 30, tzinfo=UTC))
    assert [message.payload["report"]["span"]["zone"] for message in sent(store, services)] == ["Pacific/Honolulu"]


def test_restarts_send_no_second_one(tmp_path: Path) -> None:
    services, moment = services_of(monthly()), START
    while moment < START + timedelta(days=20):
        store = SqliteStore(tmp_path / "monitor.db")
        digest(store, services, moment)
        store.close()
        moment += timedelta(hours=7)
    store = SqliteStore(tmp_path / "monitor.db")
    assert len(sent(store, services)) == 1
    store.close()


def test_a_report_that_cannot_be_written_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store, services = SqliteStore(None), services_of(monthly())
    digest(store, services, START)
    first = datetime(2026, 11, 1, 12, tzinfo=UTC)
    with monkeypatch.context() as broken:
        broken.setattr(store, "add_sealed", _fail)
        with pytest.raises(RuntimeError):
            digest(store, services, first)
    assert digest(store, services, first + HOUR).count == 1
    assert len(sent(store, services)) == 1


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError("killed")


def test_it_is_about_one_brand_and_without_incidents_where_asked_for() -> None:
    store = SqliteStore(None)
    store_case(store, now=START, posted_at=START - HOUR)
    services = services_of(monthly(brand="nova", incidents=False, to=["mail", "desk", "gone"]), monthly(name="all"))
    digest(store, services, START)
    digest(store, services, START + timedelta(days=20))
    nova, text, whole = sorted(sent(store, services), key=lambda message: (message.payload["report"]["brand"] is None,
                                                                           message.receiver != "mail"))  # fmt: skip
    assert (nova.payload["report"]["brand"], nova.payload["report"]["incidents"]) == ("nova", False)
    assert "without incidents" in nova.subject
    assert nova.html is not None
    assert (text.receiver, text.html) == ("desk", None)
    (cases,) = [one for one in whole.payload["report"]["figures"] if one["key"] == "cases" and one["group"] == {}]
    assert cases["value"] == 1


def test_a_digest_may_have_the_name_of_a_report() -> None:
    from monitor.config.digests import Digest  # noqa: PLC0415

    twin = Digest.model_validate({"name": "lead", "to": ["desk"], "at": "08:00", "zone": "Europe/Berlin"})
    services = make_services(receivers={"desk": StdoutReceiver(kind="stdout")}, reports=(monthly(),), digests=(twin,))
    store = SqliteStore(None)
    digest(store, services, START)
    digest(store, services, datetime(2026, 11, 1, 7, tzinfo=UTC))
    assert sorted(message.event for message in sent(store, services)) == ["digest", "report"]
