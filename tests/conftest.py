"""What every test shares: a clean environment, the command line in this process, the real one in another."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings

from gradcli import __main__ as entry

ROOT = Path(__file__).parents[1]
CORPORA = ROOT.parent / "shared" / "corpora"
SUMMARY: list[tuple[str, dict[str, int]]] = []  # what was read of each corpus, for the table at the end of the run

# The same examples at every run, so that a red test means a change; --long draws new ones.
settings.register_profile(
    "gradcli", deadline=None, max_examples=100, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
settings.load_profile("gradcli")


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write what is printed now into the golden files")
    parser.addoption("--long", action="store_true", help="run the property tests on 100 times as many examples")


def pytest_configure(config):
    if config.getoption("--long"):
        settings.register_profile("long", parent=settings.get_profile("gradcli"), max_examples=10_000, derandomize=False)
        settings.load_profile("long")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    colours = ("NO_COLOR", "FORCE_COLOR", "PY_COLORS", "COLUMNS", "TERMINAL_WIDTH")
    on_a_server = ("CI", "BUILD_NUMBER", "GITHUB_ACTIONS")  # pytest itself cuts its summary only where these are not set
    for name in (*colours, *on_a_server, "GRADCLI_LIMITS", "GRADCLI_DEBUG", "GRADCLI_LANG"):
        monkeypatch.delenv(name, raising=False)


def pytest_terminal_summary(terminalreporter):
    """Print the table of the corpora."""
    if SUMMARY:
        terminalreporter.section("corpora")
    for corpus, counts in SUMMARY:
        terminalreporter.write_line(f"{corpus}: {sum(n for what, n in counts.items() if what != 'noted as ambiguous')} texts")
        for what, n in counts.items():
            terminalreporter.write_line(f"  {n:6}  {what}")


class Ran(NamedTuple):
    """What a command line did."""

    out: str
    err: str
    code: int


def run_here(*args: str, stdin: str = "", encoding: str = "utf-8") -> Ran:
    """Run a command line in this process."""
    before = sys.stdin, sys.stdout, sys.stderr
    out, err = io.BytesIO(), io.BytesIO()
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(out, encoding=encoding, write_through=True)
    sys.stderr = io.TextIOWrapper(err, encoding="utf-8", write_through=True)
    try:
        code = entry.run(list(args))
        sys.stdout.flush()
        return Ran(out.getvalue().decode("utf-8" if encoding == "ascii" else encoding), err.getvalue().decode(), code)
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


def run_there(*args: str, stdin: bytes = b"", env: dict[str, str] | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the installed command in a process of its own."""
    command = Path(sys.executable).with_name("gradcli")
    return subprocess.run(
        [str(command), *args], input=stdin, capture_output=True, env={**os.environ, **(env or {})}, cwd=cwd, timeout=120, check=False
    )


@pytest.fixture
def update_golden(request) -> bool:
    return request.config.getoption("--update-golden")


@pytest.fixture
def wheels_graphviz(monkeypatch):
    """The pictures of every machine are compared: so the layout is that of the wheel, also where there is a dot."""
    from gradcli.render.picture import layout

    which = shutil.which
    monkeypatch.setattr(layout.shutil, "which", lambda name, path=None: None if name == "dot" else which(name, path=path))
