"""Make a picture of a page at one of its steps, as the README shows it.

    python tests/screenshot.py lesson.html lesson.png --step 5 [--dark] [--width 1280] [--practice] [--print]
"""

from __future__ import annotations

import argparse
import base64
import tempfile
from pathlib import Path

from browser import scheme, start


def shoot(driver, page: Path, target: Path, *, step: str = "", dark=False, width=1280, height=0, practice=False, paper=False):
    """Open a page, go to a step, and write what is seen; without a height, all of it."""
    scheme(driver, "dark" if dark else "light")
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height or 800, "deviceScaleFactor": 2, "mobile": width < 600})
    driver.get("about:blank")
    driver.get(page.resolve().as_uri() + (f"#step-{step}" if step.isdigit() else f"#{step}" if step else ""))
    if practice:
        driver.execute_script("document.querySelector('.practice').click()")
        if step:
            driver.execute_script(f"location.hash = 'step-{step}'")
    if paper:
        done = driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
        target.write_bytes(base64.b64decode(done["data"]))
        return
    if not height:
        full = driver.execute_script("return document.documentElement.scrollHeight")
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": max(full, 300), "deviceScaleFactor": 2, "mobile": width < 600})
    driver.execute_async_script("setTimeout(arguments[0], 300)")
    target.write_bytes(base64.b64decode(driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]))


def main():
    """Read the command line and make one picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--step", default="", help="a number, or q2-step-3 on a page of several questions")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--practice", action="store_true")
    parser.add_argument("--print", action="store_true", dest="paper", help="as printed: a PDF")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=0, help="of the window; all of the page without it")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        driver = start(folder)
        try:
            shoot(driver, asked.page, asked.target, step=asked.step, dark=asked.dark, width=asked.width, height=asked.height,
                  practice=asked.practice, paper=asked.paper)  # fmt: skip
        finally:
            driver.quit()


if __name__ == "__main__":
    main()
