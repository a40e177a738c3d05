"""Logins, sessions, forms, roles and tokens, over a real socket: what is refused, and what is let in."""

import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from monitor.access.person import Deed, Role
from monitor.access.tokens import make_token
from monitor.config.schema import Brand, Watch
from monitor.config.web import Proxy, Tls, Web
from monitor.web.login import safe_next
from tests.builders import store_case
from tests.web_site import PASSWORD, Browser, WebSite

CERTIFICATE = Path(__file__).parents[2] / "data" / "tls" / "localhost.pem"
PUBLIC = "https://desk.example.com"


def brand(name: str) -> Brand:
    return Brand(watches=(Watch(name="name", query=name),))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WebSite]:
    opened = WebSite(tmp_path, brands={"lumo": brand("lumo"), "vela": brand("vela")})
    opened.add("ana", every="admin")
    opened.add("ben", lumo="agent")
    yield opened
    opened.close()


@pytest.fixture
def address(site: WebSite) -> Iterator[str]:
    with site.served() as address:
        yield address


@pytest.fixture
def browser(address: str) -> Iterator[Browser]:
    with Browser(address) as opened:
        yield opened


@pytest.fixture
def ana(browser: Browser) -> Browser:
    assert browser.log_in("ana").status_code == 303
    return browser


@pytest.fixture
def ben(address: str) -> Iterator[Browser]:
    with Browser(address) as opened:
        assert opened.log_in("ben").status_code == 303
        yield opened


def actions(site: WebSite) -> list[str]:
    return [event.action for event in site.store.access_events(100)]


# --- coming in


def test_a_browser_is_sent_to_the_login_and_comes_back_where_it_wanted(browser: Browser) -> None:
    asked = browser.get("/queue?brand=lumo")
    assert (asked.status_code, asked.headers["Location"]) == (303, "/login?next=%2Fqueue%3Fbrand%3Dlumo")
    form = browser.get(asked.headers["Location"]).text
    assert 'name="next" value="/queue?brand=lumo"' in form
    assert browser.log_in("ana", next="/queue?brand=lumo").headers["Location"] == "/queue?brand=lumo"
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize("accept", ["application/json", "*/*"])
def test_a_program_is_told_401(address: str, accept: str) -> None:
    answer = httpx.get(f"{address}/users", headers={"Accept": accept}, trust_env=False)
    assert (answer.status_code, answer.headers["WWW-Authenticate"][:6]) == (401, "Bearer")


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil",
        "",
        "queue",
        "///x",
    ],
)
def test_the_login_leads_nowhere_else(wanted: str, browser: Browser) -> None:
    assert safe_next(wanted) == "/"
    assert browser.log_in("ana", next=wanted).headers["Location"] == "/"


def test_name_and_password_are_refused_in_the_same_words(browser: Browser, site: WebSite) -> None:
    wrong, unknown = browser.log_in("ana", "wrong password!"), browser.log_in("nobody", "wrong password!")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.text.replace("ana", "X") == unknown.text.replace("nobody", "X")
    assert actions(site) == ["login-refused", "login-refused"]
    assert [event.who for event in site.store.access_events(9)] == ["-", "ana"], "no typed name is kept"


def test_guessing_a_password_is_stopped_and_waiting_helps(browser: Browser, site: WebSite) -> None:
    answers = [browser.log_in("ana", f"guess number {number}").status_code for number in range(8)]
    assert answers == [401] * 5 + [429] * 3
    throttled = browser.log_in("ana")
    assert (throttled.status_code, "wait 15 s" in throttled.text) == (429, True), "not even with the right one"
    site.wait(seconds=16)
    assert browser.log_in("ana").status_code == 303


def test_a_restart_does_not_forget_the_guesses(site: WebSite) -> None:
    with site.served() as first, Browser(first) as browser:
        for number in range(5):
            browser.log_in("ana", f"guess number {number}")
    with site.served() as second, Browser(second) as browser:
        assert browser.log_in("ana").status_code == 429


def test_guessing_many_names_from_one_address_is_stopped(browser: Browser) -> None:
    answers = [browser.log_in(f"name{number}", "one password for all").status_code for number in range(32)]
    assert answers == [401] * 30 + [429] * 2


def test_somebody_who_was_disabled_is_out_at_once_and_comes_in_no_more(
    ana: Browser, ben: Browser, site: WebSite
) -> None:
    assert ben.get("/account").status_code == 200
    assert ana.submit("/users/disable", user="ben").status_code == 303
    assert ben.get("/account").status_code == 303
    assert ben.log_in("ben").status_code == 401
    assert site.store.users()[1].disabled_at == site.now


# --- sessions


def test_the_cookie_over_plain_http_on_loopback_has_a_plain_name_that_browsers_take(browser: Browser) -> None:
    cookie = browser.log_in("ana").headers["Set-Cookie"]
    assert re.match(r"complaint-monitor=[\w-]{43}; ", cookie)
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_the_cookie_behind_tls_is_bound_to_the_host(site: WebSite) -> None:
    web = Web(listen="127.0.0.1:0", public_url=PUBLIC)
    with site.served(web) as address, Browser(address, cookies={}) as browser:
        headers = {"Host": "desk.example.com", "Origin": PUBLIC}
        answer = browser.post("/login", data={"name": "ana", "password": PASSWORD}, headers=headers)
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-complaint-monitor=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
        assert answer.headers["Strict-Transport-Security"]


def test_only_a_digest_of_the_session_is_stored(ana: Browser, site: WebSite) -> None:
    key = ana.cookies["complaint-monitor"]
    rows = site.store.connection.query("SELECT * FROM sessions", {})
    assert len(rows) == 1
    assert key not in str(rows)


def test_a_session_that_somebody_planted_is_not_the_one_after_the_login(address: str, site: WebSite) -> None:
    with Browser(address) as attacker, Browser(address) as victim:
        attacker.log_in("ben")
        planted = attacker.cookies["complaint-monitor"]
        victim.cookies.set("complaint-monitor", planted, domain="127.0.0.1")
        victim.post("/login", data={"name": "ana", "password": PASSWORD})
        fresh = [cookie.value for cookie in victim.cookies.jar]
        assert any(value != planted for value in fresh)
        assert attacker.get("/account").status_code == 303, "the planted one has ended"
    with Browser(address, cookies={"complaint-monitor": "chosen-by-somebody"}) as victim:
        answer = victim.log_in("ana")
        assert "chosen-by-somebody" not in answer.headers["Set-Cookie"]


def test_after_the_logout_the_cookie_is_worth_nothing(ana: Browser, address: str, site: WebSite) -> None:
    key = ana.cookies["complaint-monitor"]
    answer = ana.submit("/logout")
    assert (answer.headers["Location"], "Max-Age=0" in answer.headers["Set-Cookie"]) == ("/login", True)
    with Browser(address, cookies={"complaint-monitor": key}) as thief:
        assert thief.get("/account").status_code == 303
    assert actions(site)[0] == "logout"


def test_an_unused_session_ends(ana: Browser, site: WebSite) -> None:
    site.wait(hours=11)
    assert ana.get("/account").status_code == 200
    site.wait(hours=11)
    assert ana.get("/account").status_code == 200, "using it keeps it"
    site.wait(hours=12, seconds=61)
    assert ana.get("/account").status_code == 303


def test_a_session_ends_after_a_week_however_it_is_used(ana: Browser, site: WebSite) -> None:
    for _ in range(16):
        site.wait(hours=10)
        assert ana.get("/account").status_code == 200
    site.wait(hours=10)
    assert ana.get("/account").status_code == 303


def test_a_new_password_ends_every_other_session(ana: Browser, address: str) -> None:
    with Browser(address) as other:
        other.log_in("ana")
        before = ana.cookies["complaint-monitor"]
        fields = {"old": PASSWORD, "password": "another long password", "again": "another long password"}
        assert ana.submit("/account/password", **fields).status_code == 303
        assert ana.cookies["complaint-monitor"] != before
        assert ana.get("/account").status_code == 200
        assert other.get("/account").status_code == 303
        assert other.log_in("ana").status_code == 401
        assert other.log_in("ana", "another long password").status_code == 303


def test_the_password_changes_only_for_who_knows_the_old_one(ana: Browser) -> None:
    fields = {"old": "not the old one", "password": "another long password", "again": "another long password"}
    assert ana.submit("/account/password", **fields).status_code == 400
    short = {"old": PASSWORD, "password": "short", "again": "short"}
    assert "12 to 200" in ana.submit("/account/password", **short).text


# --- forms


def test_a_form_of_another_origin_is_refused(ana: Browser, site: WebSite) -> None:
    data = {"csrf": ana.csrf(), "name": "eve", "role:*": "admin"}
    for headers in (
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost.evil.example"},
    ):
        assert ana.post("/users", data=data, headers=headers).status_code == 403
    assert len(site.store.users()) == 2


@pytest.mark.parametrize("csrf", [None, "", "0" * 64])
def test_a_form_without_its_key_is_refused(csrf: str | None, ana: Browser, site: WebSite) -> None:
    data = {"name": "eve", "role:*": "admin"} | ({} if csrf is None else {"csrf": csrf})
    assert ana.post("/users", data=data).status_code == 403
    assert len(site.store.users()) == 2


def test_the_key_of_another_session_is_refused(ana: Browser, ben: Browser, site: WebSite) -> None:
    assert ana.post("/users", data={"csrf": ben.csrf(), "name": "eve"}).status_code == 403
    assert len(site.store.users()) == 2


def test_nobody_is_logged_in_or_out_by_another_page(browser: Browser, ana: Browser) -> None:
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert ana.post("/logout", headers=foreign).status_code == 403
    answer = browser.post("/login", data={"name": "ben", "password": PASSWORD}, headers=foreign)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


def test_looking_changes_nothing(ana: Browser, site: WebSite) -> None:
    for path in ("/logout", "/users/disable", "/users/role", "/account/tokens"):
        assert ana.get(path).status_code in {404, 405}
    assert ana.get("/account").status_code == 200


def test_a_body_that_is_too_long_is_not_read(ana: Browser) -> None:
    assert ana.post("/users", content=b"x" * (512 * 1024 + 1)).status_code == 413


def test_a_form_of_too_many_fields_is_empty(ana: Browser) -> None:
    body = "&".join(f"field{number}=1" for number in range(501)) + f"&csrf={ana.csrf()}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert ana.post("/users", content=body, headers=headers).status_code == 403


def test_a_proxy_may_ask_by_another_host_than_browsers_do(site: WebSite) -> None:
    with site.served(Web(listen="127.0.0.1:0", public_url=f"{PUBLIC}/monitor")) as address, Browser(address) as browser:
        data = {"name": "ana", "password": PASSWORD}
        assert browser.post("/login", data=data, headers={"Origin": "https://evil.example"}).status_code == 403
        assert browser.post("/login", data=data, headers={"Origin": PUBLIC}).status_code == 303


# --- roles


def test_an_agent_opens_no_page_of_admins_and_does_nothing_there(ben: Browser, site: WebSite) -> None:
    assert ben.get("/users").status_code == 403
    assert ben.submit("/users", name="eve", **{"role:*": "admin"}).status_code == 403
    assert ben.submit("/users/role", user="ben", **{"role:*": "admin"}).status_code == 403
    assert [user.name for user in site.store.users()] == ["ana", "ben"]
    assert site.executed == []


def test_no_token_is_given_for_more_than_its_person_may(ben: Browser, address: str) -> None:
    key = ben.submit("/account/tokens", title="mine", deeds=["administer", "see"]).text
    found = re.search(r"data-token>(cm_[\w-]{43})<", key)
    assert found is not None
    assert get(address, "/users", found[1]).status_code == 403


def test_the_last_admin_stays(ana: Browser, site: WebSite) -> None:
    assert "last admin" in ana.submit("/users/disable", user="ana").text
    assert "last admin" in ana.submit("/users/role", user="ana", **{"role:lumo": "agent"}).text
    assert site.store.users()[0].roles == {"*": Role.ADMIN}


def test_an_admin_makes_somebody_who_chooses_a_password_by_a_link(ana: Browser, address: str, site: WebSite) -> None:
    page = ana.submit("/users", name="cleo", **{"role:vela": "approver"}).text
    found = re.search(rf"data-link>{address}(/setup/[\w-]{{43}})<", page)
    assert found is not None
    with Browser(address) as cleo:
        assert 'value="cleo"' in cleo.get(found[1]).text
        fields = {"name": "ana", "password": PASSWORD, "again": PASSWORD}
        assert cleo.post(found[1], data=fields).status_code == 303
        assert "<bdi>cleo</bdi>" in cleo.get("/account").text, "a link is for its person alone"
        assert cleo.post(found[1], data=fields).status_code == 410
    assert site.store.user("cleo").roles == {"vela": Role.APPROVER}  # type: ignore[union-attr]


# --- tokens


def get(address: str, path: str, key: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
    return httpx.get(f"{address}{path}", headers=headers, trust_env=False)


def test_a_token_opens_what_its_deeds_allow_until_it_ends(ana: Browser, address: str, site: WebSite) -> None:
    number, key = make_token(site.store, "ana", "export", [Deed.SEE], ["lumo"], "ana", site.now)
    assert get(address, "/account", key).status_code == 200
    assert get(address, "/users", key).status_code == 403
    assert key not in str(site.store.connection.query("SELECT * FROM tokens", {}))
    assert ana.submit(f"/account/tokens/{number}/end").status_code == 303
    assert get(address, "/account", key).status_code == 401
    assert actions(site)[:2] == ["token-ended", "token-made"]


@pytest.mark.parametrize("key", ["cm_wrong", "-", "wrong", "cm_" + "x" * 5000])
def test_a_wrong_token_is_refused_even_beside_a_good_cookie(ana: Browser, key: str) -> None:
    answer = ana.get("/account", headers={"Authorization": f"Bearer {key}", "Accept": "application/json"})
    assert answer.status_code == 401


def test_a_token_dies_with_its_person(address: str, ana: Browser, site: WebSite) -> None:
    _, key = make_token(site.store, "ben", "mine", [Deed.SEE], [], "ben", site.now)
    assert get(address, "/account", key).status_code == 200
    ana.submit("/users/disable", user="ben")
    assert get(address, "/account", key).status_code == 401


def test_nobody_ends_or_makes_a_token_of_somebody_else(ben: Browser, site: WebSite) -> None:
    number, _ = make_token(site.store, "ana", "mine", [Deed.SEE], [], "ana", site.now)
    assert ben.submit(f"/account/tokens/{number}/end").status_code == 403
    assert len(site.store.tokens()) == 1


# --- the link for the first admin


def test_the_setup_link_makes_one_admin_once(tmp_path: Path) -> None:
    site = WebSite(tmp_path)
    from monitor.access.sessions import make_link  # noqa: PLC0415

    link = f"/setup/{make_link(site.store, None, site.now)}"
    fields = {"name": "Dora", "password": PASSWORD, "again": PASSWORD}
    with site.served() as address, Browser(address) as dora, Browser(address) as thief:
        assert "Nobody has an account yet" in dora.get("/login").text
        assert dora.post(link, data={**fields, "again": "something else"}).status_code == 400
        assert dora.post(link, data={**fields, "password": "short", "again": "short"}).status_code == 400
        assert dora.post(link, data=fields).headers["Location"] == "/"
        assert dora.get("/users").status_code == 200
        assert thief.get(link).status_code == 410
        assert thief.post(link, data={**fields, "name": "thief"}).status_code == 410
    assert [(user.name, user.roles) for user in site.store.users()] == [("Dora", {"*": Role.ADMIN})]
    site.close()


def test_a_setup_link_is_good_for_a_day(tmp_path: Path) -> None:
    site = WebSite(tmp_path)
    from monitor.access.sessions import make_link  # noqa: PLC0415

    link = f"/setup/{make_link(site.store, None, site.now)}"
    site.wait(hours=24)
    with site.served() as address, Browser(address) as late:
        assert late.get(link).status_code == 410
        assert late.post(link, data={"name": "x", "password": PASSWORD, "again": PASSWORD}).status_code == 410
        assert late.get("/setup/guess").status_code == 410
    site.close()


# --- proxies and other machines


def behind(origins: str) -> Web:
    return Web(listen="127.0.0.1:0", proxy=Proxy.model_validate({"from": [origins], "user_header": "X-Remote-User"}))


def test_a_listed_proxy_says_who_somebody_is(site: WebSite) -> None:
    with site.served(behind("127.0.0.1/32")) as address, Browser(address) as browser:
        assert "<bdi>ben</bdi>" in browser.get("/account", headers={"X-Remote-User": "ben"}).text
        assert browser.get("/account", headers={"X-Remote-User": "nobody"}).status_code == 303
        twice = [("X-Remote-User", "ben"), ("X-Remote-User", "ana"), ("Accept", "text/html")]
        assert browser.get("/account", headers=twice).status_code == 303
        forged = browser.post("/logout", headers={"X-Remote-User": "ben"})
        assert forged.status_code == 403, "forms need their key here too"


def test_the_header_of_a_proxy_is_ignored_from_anywhere_else(site: WebSite, address: str) -> None:
    for web in (behind("10.0.0.1/32"), Web(listen="127.0.0.1:0")):
        with site.served(web) as elsewhere, Browser(elsewhere) as browser:
            assert browser.get("/account", headers={"X-Remote-User": "ana"}).status_code == 303


def test_forwarded_addresses_count_from_a_listed_proxy_alone(site: WebSite) -> None:
    with site.served() as address, Browser(address) as browser:
        browser.post("/login", data={"name": "x", "password": "y"}, headers={"X-Forwarded-For": "192.0.2.7"})
    with site.served(behind("127.0.0.1/32")) as address, Browser(address) as browser:
        browser.post("/login", data={"name": "x", "password": "y"}, headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.7"})
        open_here = browser.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7", "Accept": "*/*"})
        assert open_here.status_code == 401, "figures are for this machine alone"
    assert [event.address for event in site.store.access_events(9)] == ["192.0.2.7", "127.0.0.1"]


def test_pages_are_served_over_tls_with_a_certificate_of_our_own(site: WebSite) -> None:
    web = Web(listen="0.0.0.0:0", public_url=PUBLIC, tls=Tls(cert=str(CERTIFICATE), key=str(CERTIFICATE)))
    trusted = ssl._create_unverified_context()
    with site.served(web) as address:
        local = address.replace("0.0.0.0", "127.0.0.1")
        assert local.startswith("https://")
        with Browser(local, verify=trusted) as browser:
            assert browser.log_in("ana").headers["Set-Cookie"].startswith("__Host-")
            assert browser.get("/account").status_code == 200


# --- brands


def test_nobody_works_a_case_of_another_brand_through_any_page(ben: Browser, site: WebSite) -> None:
    case = store_case(site.store)
    with site.store.write():
        site.store.connection.query("UPDATE cases SET brand = 'vela' WHERE id = :id", {"id": case})
    assert ben.submit(f"/cases/{case}/claim").status_code in {403, 404}
    assert site.store.case(case).claimed_by is None  # type: ignore[union-attr]
    assert site.executed == []


def test_no_page_shows_a_case_of_another_brand(ben: Browser, ana: Browser, site: WebSite) -> None:
    case = store_case(site.store, text="the lamp broke, and nobody answers: canary words")
    with site.store.write():
        site.store.connection.query("UPDATE cases SET brand = 'vela' WHERE id = :id", {"id": case})
        site.store.connection.query("UPDATE hits SET brand = 'vela'", {})
    for path in ("/queue", "/queue?brand=vela", "/queue?q=canary", f"/cases/{case}"):
        assert "canary words" in ana.get(path).text, path
        assert "canary words" not in ben.get(path).text, path
    assert ben.get(f"/cases/{case}").status_code == 404


def test_a_command_under_another_name_is_refused(ben: Browser, site: WebSite) -> None:
    case = store_case(site.store)
    answer = ben.submit(f"/cases/{case}/claim", who="ana", name="ana")
    assert answer.status_code == 303
    assert site.store.case(case).claimed_by == "ben"  # type: ignore[union-attr]
