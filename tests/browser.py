"""A real browser for the tests of pictures and pages: Chromium, driven through selenium; skipped where there is none."""

from __future__ import annotations

import shutil

import pytest

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync --hide-scrollbars --force-device-scale-factor=1"
).split()


def start(folder, *flags):
    """Start a browser with an empty profile in a folder, or skip the test that asks for it."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not browser or not driver:
        pytest.skip("needs Chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for flag in (*FLAGS, *flags, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))


def scheme(driver, name):
    """Let pages see that their reader prefers light or dark."""
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]})


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Give one browser for the whole run. A test module imports this name to use it."""
    driver = start(tmp_path_factory.mktemp("chromium"))
    yield driver
    driver.quit()
