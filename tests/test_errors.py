"""Bad input, one small drawing each: every file in tests/errors is named after the kind of its error."""

from pathlib import Path

import pytest
import transcript

FILES = sorted((Path(__file__).parent / "errors").glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_error(path, update_golden):
    transcript.check(path, update_golden)
    for command in transcript.commands(path.read_text(encoding="utf-8")):
        kind = path.stem.partition("--")[0]
        assert f"error[{kind}]" in command.printed
        assert "exit " in command.printed
        assert "Traceback" not in command.printed
        assert all(len(line) <= 100 for line in command.printed.splitlines())
