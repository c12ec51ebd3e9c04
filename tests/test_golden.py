"""What is printed, looked at: every file in tests/golden is a transcript (pytest --update-golden writes them)."""

from pathlib import Path

import pytest
import transcript

FILES = sorted((Path(__file__).parent / "golden").glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden(path, update_golden):
    assert transcript.commands(path.read_text(encoding="utf-8")), "a golden file without a command tests nothing"
    transcript.check(path, update_golden)
