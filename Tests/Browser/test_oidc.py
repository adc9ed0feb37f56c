"""Signing in with a provider of another site, as a browser does it: with cookies that go only where they may."""

import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import pytest

from conftest import Server
from test_dashboard import serious

JANE = {"sub": "jane", "email": "jane@example.org", "groups": ["ci-payments"]}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def provider():
    """Its name is `localhost`, the server's is `127.0.0.1`: for a browser two sites, though one machine."""
    url = f"http://localhost:{free_port()}"
    program = pathlib.Path(sys.executable).parent / "oidc-provider-mock"
    process = subprocess.Popen(
        [program, "--port", url.rsplit(":", 1)[1], "--require-nonce", "true", "--user-claims", json.dumps(JANE)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(url + "/.well-known/openid-configuration", timeout=5).close()
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert time.monotonic() < deadline and process.poll() is None, "the provider did not start"
                time.sleep(0.05)
        yield url
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def server(provider):
    folder, port = tempfile.mkdtemp(prefix="inframind-browser-"), free_port()
    server = Server(folder, port, [
        "--public-url", f"http://127.0.0.1:{port}", "--oidc-issuer", provider, "--oidc-client-id", "inframind",
        "--oidc-client-secret", "a-secret", "--oidc-roles", "ci-*=operate@*", "--oidc-name", "Example"])
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("scripts", [True, False])
def test_who_comes_back_from_the_provider_is_signed_in_and_where_they_wanted_to_go(server, visit, scripts):
    page = visit(server.url, sign_in=False, java_script_enabled=scripts)
    page.goto("/ui/cost")
    assert page.url.endswith("/ui/sign-in?next=%2Fui%2Fcost")
    if scripts:
        assert serious(page) == []
    page.get_by_role("link", name="Sign in with Example").click()
    page.wait_for_url("http://localhost:*/**")
    page.get_by_role("button", name="jane").click()
    # By itself, and with the session's cookie, which is for this site alone.
    page.wait_for_url("**/ui/cost")
    assert page.get_by_role("heading", level=1).inner_text() == "Nothing has run yet"
    assert "jane@example.org, payments" in page.locator(".who").inner_text()
    kept = {cookie["name"]: cookie["sameSite"] for cookie in page.context.cookies(server.url)}
    assert kept == {"inframind_session": "Strict"}
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/ui/sign-in")
    page.goto("/ui/cost")
    assert "/ui/sign-in" in page.url
    # The provider's page asks for styles of the internet: that is no complaint about us.
    assert [complaint for complaint in page.complaints if "Content Security Policy" in complaint] == []
