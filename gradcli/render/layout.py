"""Where the boxes of a picture stand and how its wires run: Graphviz places, through the text of its dot protocol.

It is given sizes and numbers only, never a word that somebody wrote. The wires keep clear of the boxes; what a box
holds is nobody's business here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from json import loads
from typing import NamedTuple

from gradcli.errors import LIMIT, GradError
from gradcli.wording import said

_SECONDS = 60  # a layout of the most gates that are allowed takes less
_TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'
_BETWEEN_RANKS, _BETWEEN_ROWS = 40, 14
_POINTS = 72  # to the inch
_INSTEAD = said("-o FILE.mmd and -o FILE.dot write the circuit without a layout")

Point = tuple[float, float]


class Box(NamedTuple):
    """A box that wires enter at its west side and leave at its east side, in whole units.

    Its axis is the height at which wires leave: ``above`` of it lies over, ``below`` under. A wire into place i enters
    ``lanes[i]`` under the axis (negative: over it); the lanes descend.
    """

    width: int
    above: int
    below: int
    lanes: tuple[int, ...]


class Line(NamedTuple):
    """A wire from box ``source`` into lane ``place`` of box ``target``."""

    source: int
    target: int
    place: int


class Placed(NamedTuple):
    """A picture of a size; the west end of each box's axis; and each wire: its start, then three points a Bézier piece."""

    width: float
    height: float
    boxes: list[Point]
    lines: list[list[Point]]


def place(boxes: Sequence[Box], lines: Sequence[Line], first: Sequence[int] = ()) -> Placed:
    """Place boxes and wires from left to right, those of ``first`` in the first column.

    Raises:
        GradError: if there is no Graphviz, or it fails.

    """
    return _read(_run(_written(boxes, lines, first)), boxes, lines)


# ---- asking -------------------------------------------------------------------------------------------------


def _written(boxes: Sequence[Box], lines: Sequence[Line], first: Sequence[int]) -> str:
    graph = [f"digraph {{ rankdir=LR; ranksep={_BETWEEN_RANKS / _POINTS:.4f}; nodesep={_BETWEEN_ROWS / _POINTS:.4f};"]
    graph.append("node [shape=plain]; edge [dir=none];")
    graph += [f"n{index} [label=<{_cells(box)}>];" for index, box in enumerate(boxes)]
    if first:
        graph.append("{ rank=min; " + " ".join(f"n{index};" for index in first) + " }")
    graph += [f"n{line.source}:o0:e -> n{line.target}:i{line.place}:w [id=w{index}];" for index, line in enumerate(lines)]
    return "\n".join([*graph, "}\n"])


def _cells(box: Box) -> str:
    """Return a box as a table of two columns: at the left a cell for each lane, at the right one about the axis."""
    west, east = _column(box, box.lanes, "i", box.width // 2), _column(box, (0,), "o", box.width - box.width // 2)
    return f"{_TABLE}<TR><TD>{west}</TD><TD>{east}</TD></TR></TABLE>"


def _column(box: Box, lanes: tuple[int, ...], mark: str, width: int) -> str:
    """Return a column with a cell two units high about each lane, whose middle is its port."""
    rows, top = [], -box.above
    for index, lane in enumerate(lanes):
        rows += [(lane - 1 - top, ""), (2, f'PORT="{mark}{index}" ')]
        top = lane + 1
    rows.append((box.below - top, ""))
    cells = [f'<TR><TD {port}FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}"></TD></TR>' for height, port in rows]
    return f"{_TABLE}{''.join(cells)}</TABLE>"


def engine() -> str:
    """Return the program that lays out: the system's Graphviz if there is one, else that of the wheel graphviz-pure.

    Raises:
        GradError: if there is neither.

    """
    scripts = os.path.dirname(sys.executable)  # on no PATH where gradcli was installed as a tool
    folders = (scripts, os.path.join(scripts, "Scripts"), None)
    for name, folder in (("dot", None), *(("graphviz-pure", folder) for folder in folders)):
        found = shutil.which(name, path=folder)
        if found:
            return found
    raise GradError("no-graphviz", said("the layout of a picture needs Graphviz, and there is none here"),
                    hint=said("pip install graphviz-pure, or install Graphviz, so that there is a command dot"))  # fmt: skip


def _run(graph: str) -> str:
    program = engine()
    try:
        done = subprocess.run(
            [program, "-Kdot", "-Tjson0"], input=graph, capture_output=True, encoding="utf-8", errors="replace", timeout=_SECONDS,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as problem:
        message = said("the layout of this picture takes more than {0} seconds", _SECONDS)
        raise GradError("too-slow", message, hint=_INSTEAD, code=LIMIT) from problem
    except OSError as problem:
        raise _failed(program, problem.strerror) from problem
    if done.returncode:
        raise _failed(program, done.stderr.strip().split("\n")[-1] or said("exit code {0}", done.returncode))
    return done.stdout


def _failed(program: str, why: str | None) -> GradError:
    return GradError("no-graphviz", said("Graphviz could not lay out the picture: {0}: {1}", os.path.basename(program), why or ""),
                     hint=_INSTEAD)  # fmt: skip


# ---- reading ------------------------------------------------------------------------------------------------


def _read(text: str, boxes: Sequence[Box], lines: Sequence[Line]) -> Placed:
    """Read the answer, whose y points up and whose boxes are given by their centres."""
    try:
        found = loads(text)
        _, _, width, height = _numbers(found["bb"])
        centres = {entry["name"]: _numbers(entry["pos"]) for entry in found["objects"] if "pos" in entry}
        placed = []
        for index, box in enumerate(boxes):
            x, y = centres[f"n{index}"]
            placed.append((x - box.width / 2, height - y - (box.above + box.below) / 2 + box.above))
        courses = {entry["id"]: _points(entry["pos"], height) for entry in found.get("edges", ())}
        return Placed(width, height, placed, [courses[f"w{index}"] for index in range(len(lines))])
    except (ValueError, KeyError, TypeError) as problem:
        raise _failed(engine(), said("its answer cannot be read")) from problem


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]


def _points(text: str, height: float) -> list[Point]:
    points = []
    for pair in text.split():
        x, y = _numbers(pair)
        points.append((x, height - y))
    if len(points) % 3 != 1:
        raise ValueError(text)
    return points
