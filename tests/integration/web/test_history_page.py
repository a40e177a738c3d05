"""The history of the config over HTTP: what changed, what the lab said, the way back, and who may see the whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.desk import Command
from tests.builders import NOW
from tests.integration.web.test_watches import JSON, browsing
from tests.tuning_site import CONFIG, TunedSite


@pytest.fixture
def site(tmp_path: Path) -> Iterator[TunedSite]:
    opened = TunedSite(tmp_path, now=NOW)
    opened.add("tim", lumo="tuner")
    opened.add("tess", every="tuner")
    opened.now = NOW.replace(minute=30)
    text = CONFIG.replace("'nova'", "'nova -<b>song</b>'")
    opened.execute(Command("config-apply", "tess", {"text": text, "report": '{"posts": 3}'}))
    yield opened
    opened.close()


def test_each_version_tells_who_what_and_the_difference_as_text(site: TunedSite) -> None:
    with browsing(site, "tess") as tess:
        latest, first = tess.get("/tuning/history", headers=JSON).json()["versions"]
        assert (latest["who"], latest["report"], first["report"]) == ("tess", True, False)
        page = tess.get(f"/tuning/history/{latest['hash']}").text
        told = tess.get(f"/tuning/history/{latest['hash']}", headers=JSON).json()
    assert "nova -&lt;b&gt;song&lt;/b&gt;" in page
    assert "+      - {name: name, query: 'nova -<b>song</b>'}" in told["diff"]
    assert told["lab"] == {"posts": 3}


def test_the_way_back_leads_to_the_very_text(site: TunedSite) -> None:
    with browsing(site, "tess") as tess:
        first = tess.get("/tuning/history", headers=JSON).json()["versions"][-1]["hash"]
        said = tess.submit(f"/tuning/history/{first}/revert")
        assert said.status_code == 200, said.text[-600:]
        assert tess.get("/tuning/history/none").status_code == 404
    assert site.config.read_text() == CONFIG


def test_who_tunes_one_brand_sees_no_config_of_the_others_and_reverts_none(site: TunedSite) -> None:
    first = site.store.config_history()[-1]["hash"]
    with browsing(site, "tim") as tim:
        assert [tim.get(path).status_code for path in ("/tuning/history", f"/tuning/history/{first}")] == [403, 403]
        assert tim.submit(f"/tuning/history/{first}/revert").status_code == 403
        assert "/tuning/history" not in tim.get("/tuning").text
    assert site.config.read_text() != CONFIG
