"""Long lines folded to a width: where there is a space or a comma, so that no number is broken that need not be."""

from __future__ import annotations

from gradcli.errors import columns


def folded(text: str, width: int | None, indent: int = 0) -> list[str]:
    """Return text as lines of at most this width, all but the first indented; one line where there is no width."""
    if width is None or columns(text) <= width:
        return [text]
    indent = min(indent, width // 2)
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line.strip() else line + word
        if columns(longer) <= width:
            line = longer
            continue
        if columns(word) > width - indent:  # it has to be broken: then from here on
            word = longer[len(line) :]
        elif line.strip():
            lines.append(line)
            line = " " * indent
        for char in word:
            if columns(line + char) > width:
                lines.append(line)
                line = " " * indent
            line += char
    return [line.rstrip() for line in [*lines, line]]
