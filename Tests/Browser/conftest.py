"""A real server with real runs, and a real browser to look at it."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest
from playwright.sync_api import sync_playwright

from builds import Reporter, report_everything

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEY = "dev-key-change-in-production"


def pytest_addoption(parser):
    parser.addoption("--pictures", help="also write the pictures of the README into this folder")


class Server:
    """`inframind-server` on a folder and a port of its own."""

    def __init__(self, folder, port=0, flags=()):
        binary = os.environ.get("INFRAMIND_SERVER", ROOT / ".build/debug/inframind-server")
        self.process = subprocess.Popen(
            [binary, "--port", str(port), "--data", folder, "--log-level", "warning", "--exploration-rate", "0", *flags],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"listening on (http://\S+)", line)
        assert found, f"the server did not start: {line!r}"
        self.url = found.group(1)

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=30) == 0


@pytest.fixture(scope="session")
def server():
    folder = tempfile.mkdtemp(prefix="inframind-browser-")
    server = Server(folder)
    try:
        report_everything(Reporter(server.url, KEY))
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def empty_server():
    folder = tempfile.mkdtemp(prefix="inframind-browser-")
    server = Server(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def chromium():
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed")
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP inframind.test 127.0.0.1"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def cookies(chromium):
    """The session of somebody who signed in to a server, as a person does, once: a server slows down who does it often."""
    known = {}

    def of(url):
        if url not in known:
            context = chromium.new_context(base_url=url)
            page = context.new_page()
            page.goto("/ui/sign-in")
            page.get_by_role("button", name="Sign in with the development key").click()
            page.wait_for_url("**/")
            known[url] = context.cookies()
            context.close()
        return known[url]

    return of


@pytest.fixture
def visit(chromium, cookies):
    """Opens pages that fail the test for anything the browser complains about."""
    contexts = []

    def open_page(url, scheme="light", width=1280, height=900, sign_in=True, **options):
        context = chromium.new_context(
            color_scheme=scheme, viewport={"width": width, "height": height}, base_url=url, **options)
        if sign_in:
            context.add_cookies(cookies(url))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.complaints = []
        page.on("console", lambda message: message.type in ("error", "warning") and page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "requestfailed",
            # What the browser gives up because the page is left is no failure.
            lambda request: request.failure != "net::ERR_ABORTED"
            and page.complaints.append(f"{request.url}: {request.failure}"))
        if sign_in:
            page.goto("/")
        return page

    yield open_page
    for context in contexts:
        context.close()
