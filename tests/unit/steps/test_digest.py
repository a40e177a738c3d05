from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.config.digests import Digest, Part
from monitor.config.receivers import MailReceiver, StdoutReceiver
from monitor.domain import Level
from monitor.notify.receiver import Message
from monitor.steps.digest import digest
from monitor.steps.services import Services
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, store_case
from tests.services import make_services

HOUR = timedelta(hours=1)
MAIL = MailReceiver(kind="mail", host="127.0.0.1", security="none", sender="m@example.com", to=("d@example.com",))


def services_of(*digests: Digest) -> Services:
    return make_services(receivers={"desk": StdoutReceiver(kind="stdout"), "mail": MAIL}, digests=digests)


def morning(**changes: object) -> Digest:
    return Digest.model_validate({"name": "morning", "to": ["desk", "mail"], "at": "08:00", **changes})


def run(store: SqliteStore, services: Services, start: datetime, hours: int) -> list[Message]:
    """Ask every hour; return the messages that were put into the outbox, in order."""
    for hour in range(hours):
        digest(store, services, start + hour * HOUR)
    later = start + timedelta(days=400)
    found = []
    while (sealed := store.claim_message(list(services.settings.receivers), later, 60)) is not None:
        found.append(Message.from_json(sealed.body))
        assert store.finish_message(sealed, later)
    return found


def test_each_receiver_gets_one_a_day_and_only_mail_carries_pictures() -> None:
    store = SqliteStore(None)
    store_case(store, Level.CRITICAL)
    found = run(store, services_of(morning()), NOW, 49)
    assert sorted(message.receiver for message in found) == ["desk", "desk", "mail", "mail"]
    assert len({message.idempotency_key for message in found}) == 4
    assert {message.receiver for message in found if message.pictures} == {"mail"}
    assert all("CRITICAL 70" in message.text for message in found)


def test_two_audiences_are_told_of_different_things() -> None:
    store = SqliteStore(None)
    store_case(store, Level.CRITICAL)
    team = morning(name="team", to="desk", sections=["act-now"])
    owner = morning(name="owner", to="mail", sections=["late"], brands=["nova"], cron=None)
    found = {message.receiver: message for message in run(store, services_of(team, owner), NOW, 24)}
    assert set(found["desk"].payload["digest"]["sections"]) == {Part.ACT_NOW}
    assert "CRITICAL 70" in found["desk"].text
    assert "nothing open" in found["mail"].text
    assert len(found["mail"].text.splitlines()) == 1
    assert "lamp" not in str(found["mail"].to_json())


def test_across_a_clock_change_and_restarts_each_local_date_has_one(tmp_path: Path) -> None:
    services = services_of(morning(at="02:30", zone="Europe/Berlin", to="desk"))
    start = datetime(2026, 3, 27, 12, tzinfo=UTC)
    SqliteStore(tmp_path / "monitor.db").set_meta("first_run_at", start.isoformat())
    for hour in range(96):
        store = SqliteStore(tmp_path / "monitor.db")
        digest(store, services, start + hour * HOUR)
        store.connection.close()
    store = SqliteStore(tmp_path / "monitor.db")
    dates = [row["local_date"] for row in store.connection.query("SELECT local_date FROM digests_sent", {})]
    assert dates == ["2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31"]
    assert len(run(store, services, start, 0)) == 4
    store.connection.close()
