"""The dashboard in a real browser: it loads without complaint, anybody can use it, and the story works by keyboard alone."""

import pathlib
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from builds import FLEET, KILLED_RUN, Reporter, stamp
from conftest import KEY, ROOT

# Every page as it looked, for people to look at.
SCREENS = ROOT / ".build/browser-screens"

PAGES = {
    "overview": "/", "pipelines": "/ui/pipelines", "pipeline": "/ui/pipeline?name=shop%2Fcart",
    "run": f"/ui/run?id={KILLED_RUN}", "oom": "/ui/oom",
    "what-if": "/ui/what-if?pipeline=shop%2Fcart&stage=build&step=link", "what-if-choice": "/ui/what-if",
    "cost": "/ui/cost", "models": "/ui/models", "events": "/ui/events", "settings": "/ui/settings",
    "audit": "/ui/audit", "backtest": "/ui/backtest?pipeline=shop%2Fcart", "docs": "/docs",
    "guide": "/docs/dashboard", "search": "/docs/search?q=oom",
}
LOOKS = {"light": ("light", 1280), "dark": ("dark", 1280), "phone": ("light", 390), "phone-dark": ("dark", 390)}
# axe looks at both sets of colours and at both widths; the other two looks would repeat it.
AUDITED = {"light", "phone-dark"}
# Those of the README.
PICTURES = {("overview", "light"), ("run", "light"), ("what-if", "dark"), ("pipeline", "phone")}


def serious(page):
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']} – {[node['target'] for node in fault['nodes']][:3]}"
        for fault in found if fault["impact"] in ("serious", "critical")]


def overflow(page):
    """How far the page is wider than the window, pixels."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_loads_without_complaint_and_without_a_serious_accessibility_fault(server, visit, look, request):
    scheme, width = LOOKS[look]
    page = visit(server.url, scheme, width)
    faults = []
    pictures = request.config.getoption("--pictures")
    SCREENS.mkdir(parents=True, exist_ok=True)
    for name, path in PAGES.items():
        response = page.goto(path)
        assert response.status == 200, f"{name}: {response.status}"
        page.wait_for_load_state("load")
        assert page.locator("h1").count() == 1, name
        if look in AUDITED:
            faults += [f"{name}: {fault}" for fault in serious(page)]
        if overflow(page) > 0:
            faults.append(f"{name}: {overflow(page)} px wider than the window")
        page.screenshot(path=SCREENS / f"{name}-{look}.png", full_page=True)
        if pictures and (name, look) in PICTURES:
            page.screenshot(path=pathlib.Path(pictures) / f"{name}-{look}.png")
    faults += [f"console: {complaint}" for complaint in page.complaints]
    assert faults == []


def test_signing_in_says_what_is_wrong_and_lets_nobody_be_sent_away(server, visit):
    page = visit(server.url, sign_in=False)
    page.goto("/ui/pipeline?name=shop%2Fcart")
    assert "/ui/sign-in" in page.url
    assert serious(page) == []
    page.get_by_label("Token").fill("no-such-token")
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert "not known" in page.get_by_role("alert").inner_text()
    page.get_by_label("Token").fill(KEY)
    page.keyboard.press("Enter")
    page.wait_for_url("**/ui/pipeline?name=shop%2Fcart")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/ui/sign-in")
    page.goto("/ui/settings")
    assert "/ui/sign-in" in page.url
    # A refused sign-in is a 403, which the browser notes.
    assert [complaint for complaint in page.complaints if "403" not in complaint] == []


def test_signing_in_and_out_works_by_a_name_and_without_tls(server, visit):
    # Browsers say less of where a form comes from there than they do on loopback.
    page = visit(server.url.replace("127.0.0.1", "inframind.test"), sign_in=False)
    page.goto("/ui/sign-in")
    page.get_by_label("Token").fill(KEY)
    page.keyboard.press("Enter")
    page.wait_for_url("http://inframind.test:*/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/ui/sign-in")


def test_empty_pages_teach_the_next_step(empty_server, visit):
    page = visit(empty_server.url)
    for path in ("/", "/ui/pipelines", "/ui/what-if", "/ui/cost"):
        page.goto(path)
        assert f"INFRAMIND_URL={empty_server.url}" in page.locator("main").inner_text()
        assert serious(page) == []
    for path in ("/ui/oom", "/ui/models", "/ui/events", "/ui/audit"):
        assert page.goto(path).status == 200
        assert serious(page) == []
    assert page.complaints == []


class Keyboard:
    """Somebody without a mouse."""

    def __init__(self, page):
        self.page = page

    def tab_to(self, pattern, limit=400):
        for _ in range(limit):
            self.page.keyboard.press("Tab")
            name = self.page.evaluate(
                "(document.activeElement.getAttribute('aria-label') || document.activeElement.labels?.[0]?.innerText"
                " || document.activeElement.innerText || '').trim()")
            if re.search(pattern, name):
                return name
        raise AssertionError(f"no {pattern!r} within {limit} tabs")

    def follow(self, pattern):
        name = self.tab_to(pattern)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return name


def test_an_oom_is_seen_understood_and_a_bigger_size_tried_by_keyboard_alone(server, visit):
    page = visit(server.url)
    keys = Keyboard(page)
    # The first stop leads past the navigation.
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

    seen = keys.follow(r"^OOM killed at 3\.5 of 3\.5 GiB in step link of shop/cart; the next run gets ")
    assert page.locator("h1").inner_text() == f"Run {KILLED_RUN}"
    note = page.get_by_role("note").inner_text()
    assert "The kernel counted 1 kill" in note and "next run gets" in note
    promised = re.search(r"next run gets ([\d.]+) GiB", seen).group(1)

    keys.follow(r"^Try a bigger size$")
    assert float(page.get_by_label("Memory, GiB", exact=True).input_value()) == pytest.approx(float(promised), abs=0.1)

    def risk():
        text = page.locator("#verdict").inner_text()
        found = re.search(r"at most (less than )?([\d.]+) % of the runs", text)
        return float(found.group(2)) if found else 100.0

    at_first = risk()
    keys.tab_to(r"^Memory, GiB$")
    page.keyboard.press("Control+A")
    page.keyboard.type("3.5")
    expect(page.locator("#verdict")).to_contain_text("with 3.5 GiB", timeout=30_000)
    too_little = risk()
    page.keyboard.press("Control+A")
    page.keyboard.type("24")
    expect(page.locator("#verdict")).to_contain_text("with 24 GiB", timeout=30_000)
    enough = risk()
    assert enough <= at_first < too_little
    assert "memory=24" in page.url, "the address says what was asked, so it can be sent to somebody"
    assert page.complaints == []


def test_what_if_works_without_scripts(server, visit):
    page = visit(server.url, java_script_enabled=False)
    page.goto("/ui/what-if?pipeline=shop%2Fcart&stage=build&step=link")
    page.get_by_label("Memory, GiB", exact=True).fill("20")
    page.get_by_role("button", name="Ask").click()
    assert "with 20 GiB" in page.locator("#verdict").inner_text()
    assert page.get_by_role("slider").count() == 0


def test_an_open_page_says_that_something_was_learned(server, visit):
    import datetime
    import random

    page = visit(server.url)
    news = page.locator("#news")
    with page.expect_response("**/ui/live"):
        page.reload()
    assert news.is_hidden()
    now = datetime.datetime.now(datetime.timezone.utc)
    run, _ = FLEET[3].report(Reporter(server.url, KEY), random.Random(1), 5000, now)
    news.wait_for(state="visible")
    news.get_by_role("button").click()
    page.wait_for_load_state()
    page.goto("/ui/pipeline?name=docs%2Fsite")
    assert run in page.locator("main").inner_text()
    assert page.complaints == []


def test_tokens_are_made_shown_once_and_revoked(server, visit):
    page = visit(server.url)
    page.goto("/ui/settings")
    page.get_by_label("Name").fill("<b>jenkins</b>")
    page.get_by_role("checkbox", name="ingest").check()
    page.get_by_role("button", name="Make it").click()
    secret = page.get_by_role("status").locator("code").inner_text()
    assert secret.startswith("im_")
    page.goto("/ui/settings")
    assert secret not in page.content()
    page.get_by_role("button", name="Revoke <b>jenkins</b>").click()
    page.wait_for_url("**/ui/settings")
    assert "revoked" in page.get_by_role("row", name="<b>jenkins</b>").inner_text()
    page.goto("/ui/audit")
    assert "token.revoke" in page.locator("main").inner_text()
    assert page.complaints == []


def test_the_reference_can_be_copied_and_tried(server, visit):
    page = visit(server.url, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/docs")
    page.get_by_role("button", name="Copy the command of POST /optimize").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("curl -X POST") and server.url in copied and "$INFRAMIND_TOKEN" in copied
    form = page.locator("form[data-try='/runs/{run_id}']")
    form.locator("input[name=run_id]").fill(KILLED_RUN)
    form.get_by_role("button").click()
    form.locator("output", has_text="200 OK").wait_for()
    assert "shop/cart" in form.locator("output").inner_text()
    page.get_by_role("searchbox", name="Search").fill("page cache")
    page.keyboard.press("Enter")
    page.wait_for_url("**/docs/search?q=page+cache")
    page.get_by_role("listitem").filter(has_text="page cache").first.get_by_role("link").click()
    assert "/docs/" in page.url
    assert page.complaints == []
