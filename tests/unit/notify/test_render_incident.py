"""What people read of an incident: figures, an example, and nothing hostile that works."""

from monitor.config.receivers import MailReceiver
from monitor.domain import Level
from monitor.notify.render_incident import told_incident
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes
from tests.incident_cases import store_complaint, store_incident
from tests.services import make_settings

HOSTILE = "lumo login fails <!channel> @everyone [click](http://evil.example) <script>alert(1)</script>"


def made(text: str = HOSTILE, count: int = 3) -> tuple[SqliteStore, int]:
    store = SqliteStore(None)
    cases = [
        store_complaint(store, text=f"{text} {n}", native_id=f"n{n}", author=f"a{n}", followers=1_000 * n or None)
        for n in range(count)
    ]
    return store, store_incident(store, cases)


def test_the_message_names_count_example_words_trend_and_where_to_look() -> None:
    store, incident = made("lumo login fails")
    told = told_incident(store, make_settings(), incident, "incident.opened", "desk", NOW + minutes(5), "k")
    assert told is not None
    assert (told.brand, told.level, told.size) == ("lumo", Level.HIGH, 3)
    message = told.message
    assert message.subject.startswith("HIGH lumo: new incident: 3 cases")
    assert "login" in message.subject
    for part in ("3 since 12:00", "3 unanswered", "3,000 followers, of 1 more authors unknown", "3 in the last hour",
                 "lumo login fails", f"complaint-monitor incident show {incident}"):  # fmt: skip
        assert part in message.text, part
    assert message.thread == f"incident:{incident}"
    assert message.urgent


def test_the_webhook_finds_the_incident_with_its_cases() -> None:
    store, incident = made()
    settings = make_settings(web={"public_url": "https://desk.example"})
    told = told_incident(store, settings, incident, "incident.updated", "desk", NOW, "k")
    assert told is not None
    payload = told.message.payload
    assert (payload["event"], payload["count"], len(payload["cases"])) == ("incident.updated", 3, 3)
    assert payload["incident"]["link"] == f"https://desk.example/incidents/{incident}"
    assert payload["incident"]["trend"] == {"last_hour": 3, "hour_before": 0}
    assert payload["case"]["text"].startswith("lumo login fails")


def test_hostile_posts_do_nothing_in_mail() -> None:
    store, incident = made()
    mail = MailReceiver(kind="mail", host="mail.example", sender="a@example.com", to=("b@example.com",))
    told = told_incident(store, make_settings(receivers={"desk": mail}), incident, "incident.opened", "desk", NOW, "k")
    assert told is not None
    assert told.message.html is not None
    assert "<script>" not in told.message.html
    assert "&lt;script&gt;" in told.message.html


def test_a_merged_incident_is_told_of_no_more() -> None:
    store, incident = made()
    other = store_incident(store, [store_complaint(store, 1, native_id="z")], 1)
    store.update_incident(incident, state="merged", merged_into=other)
    settings = make_settings()
    assert told_incident(store, settings, incident, "incident.over", "desk", NOW, "k") is None
    assert told_incident(store, settings, 99, "incident.over", "desk", NOW, "k") is None


def test_an_incident_whose_posts_were_erased_still_has_its_figures() -> None:
    store, incident = made()
    for number in range(3):
        store.forget_mention("x", f"n{number}", "ops", NOW)
    told = told_incident(store, make_settings(), incident, "incident.over", "desk", NOW, "k")
    assert told is not None
    assert "3 since" in told.message.text
    assert "reach unknown" in told.message.text
    assert "login" not in told.message.text
