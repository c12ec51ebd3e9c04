"""Cells of a terminal: text and wires in them, as lines with or without colour."""

from __future__ import annotations

from gradcli.errors import columns

LEFT, RIGHT, UP, DOWN = 1, 2, 4, 8
NAME, VALUE, GRADIENT = "1", "32", "35"  # bold, green, magenta: the styles of the tables, as ANSI codes
_BOXES = {
    LEFT: "─", RIGHT: "─", LEFT | RIGHT: "─", UP: "│", DOWN: "│", UP | DOWN: "│",
    LEFT | DOWN: "┐", LEFT | UP: "┘", RIGHT | DOWN: "┌", RIGHT | UP: "└",
    LEFT | RIGHT | DOWN: "┬", LEFT | RIGHT | UP: "┴", LEFT | UP | DOWN: "┤", RIGHT | UP | DOWN: "├",
}  # fmt: skip
_FORK = "●"
_ASCII = {"─": "-", "│": "|", _FORK: "o"}  # all else is a +


class Canvas:
    """A drawing of any size, cell by cell."""

    def __init__(self, ascii_only: bool, color: bool) -> None:
        self.ascii_only, self.color = ascii_only, color
        self._cells: dict[tuple[int, int], tuple[str, str]] = {}
        self._wires: dict[tuple[int, int], int] = {}

    def wire(self, row: int, column: int, ways: int, fork: bool = False) -> None:
        """Put a piece of wire that leads to these sides into a cell, as it is: what was there is gone."""
        self._wires[row, column] = ways
        sign = _FORK if fork else _BOXES[ways]
        self._cells[row, column] = (_ASCII.get(sign, "+") if self.ascii_only else sign, "")

    def wired(self, row: int, column: int) -> bool:
        """Tell whether there is a wire in a cell."""
        return (row, column) in self._wires

    def text(self, row: int, column: int, text: str, style: str = "") -> int:
        """Put text into the cells from this one on, and return the column behind it."""
        for char in text:
            width = columns(char)
            if not width:  # a combining mark shares the cell of its letter
                before, style_before = self._cells.get((row, column - 1), ("", style))
                self._cells[row, column - 1] = (before + char, style_before)
                continue
            self._cells[row, column] = (char, style)
            if width == 2:
                self._cells[row, column + 1] = ("", style)
            column += width
        return column

    def lines(self) -> list[str]:
        """Return the drawing line by line, without spaces at their ends."""
        rows: dict[int, dict[int, tuple[str, str]]] = {}
        for (row, column), cell in self._cells.items():
            rows.setdefault(row, {})[column] = cell
        return [self._line(rows.get(row, {})) for row in range(max(rows, default=-1) + 1)]

    def _line(self, cells: dict[int, tuple[str, str]]) -> str:
        out, run, style = [], "", ""
        for column in range(max(cells, default=-1) + 1):
            char, own = cells.get(column, (" ", ""))
            if own != style:
                out.append(self.styled(run, style))
                run, style = "", own
            run += char
        return ("".join(out) + self.styled(run, style)).rstrip()

    def styled(self, text: str, style: str) -> str:
        """Return text in a style, where there are colours."""
        return styled(text, style if self.color else "")


def styled(text: str, style: str) -> str:
    """Return text in a style."""
    return f"\x1b[{style}m{text}\x1b[0m" if text and style else text
