"""A score → cells: its lines drawn from left to right, or from top to bottom where that takes less width."""

from __future__ import annotations

from gradcli.errors import columns
from gradcli.render.canvas import DOWN, GRADIENT, LEFT, NAME, RIGHT, UP, VALUE, Canvas
from gradcli.render.inscriptions import Inscription
from gradcli.render.score import Score
from gradcli.render.spacing import Bar, Room, bars, places

_LEAD = 2  # cells of wire before an inscription


class Drawing:
    """A score from left to right. "along" counts cells the way the values flow, "aside" across it."""

    come, go, back, forth = LEFT, RIGHT, UP, DOWN
    pitch = 2  # cells along for each track of bars
    gap = 0  # cells aside that stay free between lines
    over = UP | DOWN  # where a bar and a line cross, the upright one goes over the other

    def __init__(self, score: Score, texts: list[Inscription]) -> None:
        self.score, self.texts = score, texts
        self.rooms = [self.room(text) for text in texts]
        self.at = places(score, self.rooms, self.gap)
        self.tracks = bars(score, self.at)
        self.members: list[list[int]] = [[] for _ in self.tracks]
        for node, rank in enumerate(score.rank):
            self.members[rank].append(node)
        self.heads = [max(map(self.head, members)) for members in self.members]
        self.start, self.end = list[int](), list[int]()  # along: of the ranks
        cell = 0
        for rank, tracks in enumerate(self.tracks):
            self.start.append(cell)
            cell += self.length(rank)
            self.end.append(cell)
            cell += self.pitch * len(tracks)
        self.start.append(cell)

    @property
    def width(self) -> int:
        """Return how many columns the drawing takes."""
        return self.start[-1]

    def wire(self, along: int, aside: int, ways: int, fork: bool = False) -> None:
        self.canvas.wire(aside, along, ways, fork)

    def wired(self, along: int, aside: int) -> bool:
        return self.canvas.wired(aside, along)

    def room(self, text: Inscription) -> Room:
        """Return the room that a node takes aside."""
        return Room(0, 1 if text.gradient else 0)

    def length(self, rank: int) -> int:
        """Return the room that a rank takes along."""
        return self.heads[rank] + max(map(self.stem, self.members[rank]))

    def head(self, node: int) -> int:
        text = self.texts[node]
        return columns(text.head) + (0 if self.score.sources[node] else 1)

    def stem(self, node: int) -> int:
        text, goes_on = self.texts[node], bool(self.score.uses[node])
        value = columns(text.label) + 1 + goes_on if text.label else goes_on
        return _LEAD + 1 + max(value, columns(text.gradient) + 1 if text.gradient else 0)

    def node(self, node: int) -> None:
        """Draw a node and the wire that leaves it, with its inscriptions."""
        text, rank, row = self.texts[node], self.score.rank[node], self.at[self.score.line[node]]
        begin = self.start[rank] + self.heads[rank]
        end = self.end[rank] if self.score.uses[node] else begin + _LEAD if text.label else self.start[rank]
        for column in range(self.start[rank] + self.head(node), end):
            self.wire(column, row, LEFT | RIGHT)
        self.canvas.text(row, self.start[rank], text.head, "" if self.score.sources[node] else NAME)
        if text.label:
            behind = self.label(row, self.canvas.text(row, begin + _LEAD, " "), text)
            self.canvas.text(row, behind, " " if self.score.uses[node] else "")
        self.canvas.text(row + 1, begin + _LEAD + 1, text.gradient, GRADIENT)

    def label(self, row: int, column: int, text: Inscription) -> int:
        """Write the name and the value of a node, and return the column behind them."""
        if text.name:
            column = self.canvas.text(row, column, text.name, NAME)
            column = self.canvas.text(row, column, " = ") if text.value else column
        return self.canvas.text(row, column, text.value, VALUE)

    def draw(self, canvas: Canvas) -> None:
        """Draw everything: the nodes, the lines as far as they are needed, the bars over them."""
        self.canvas, score = canvas, self.score
        for rank, members in enumerate(self.members):
            for node in members:
                self.node(node)
                for other in range(rank + 1, score.last[node]):
                    for along in range(self.start[other], self.end[other]):
                        self.wire(along, self.at[score.line[node]], self.come | self.go)
        for gap, tracks in enumerate(self.tracks):
            self.between(gap, tracks)

    def between(self, gap: int, tracks: list[list[Bar]]) -> None:
        """Draw what is between two ranks: each line to the last bar that it comes to, or on to the next rank."""
        score, first = self.score, self.end[gap]
        begin: dict[int, int] = {}  # aside → along: where the line there begins, and where it ends
        end: dict[int, int] = {}
        for index, track in enumerate(tracks):
            for bar in track:
                begin |= dict.fromkeys(bar.outs, first + self.pitch * index + 1)
                end |= dict.fromkeys(bar.taps, first + self.pitch * index)
        for node, rank in enumerate(score.rank):
            if rank == gap + 1 or rank <= gap < score.last[node] - 1:
                end[self.at[score.line[node]]] = self.start[gap + 1]
        for aside, stop in end.items():
            for along in range(begin.get(aside, first), stop):
                self.wire(along, aside, self.come | self.go)
        for index, track in enumerate(tracks):
            for bar in track:
                self.bar(bar, first + self.pitch * index, end)

    def bar(self, bar: Bar, along: int, end: dict[int, int]) -> None:
        """Draw a bar over the lines that it crosses, with a dot where a value forks."""
        low, high = bar.reach
        for aside in range(low, high + 1):
            ways = (self.back if aside > low else 0) | (self.forth if aside < high else 0)
            if aside in bar.taps:
                goes_on = end[aside] > along
                fork = goes_on + len(bar.outs) > 1
                self.wire(along, aside, ways | self.come | (self.go if goes_on else 0), fork)
            elif aside in bar.outs:
                self.wire(along, aside, ways | self.go)
            else:
                self.wire(along, aside, self.over if self.wired(along, aside) else ways)


class Downwards(Drawing):
    """A score from top to bottom."""

    come, go, back, forth = UP, DOWN, LEFT, RIGHT
    pitch, gap = 1, 2

    def wire(self, along: int, aside: int, ways: int, fork: bool = False) -> None:
        self.canvas.wire(along, aside, ways, fork)

    def wired(self, along: int, aside: int) -> bool:
        return self.canvas.wired(along, aside)

    def room(self, text: Inscription) -> Room:
        head = columns(text.head)
        aside = max(columns(text.label), columns(text.gradient))
        return Room(head // 2, max(head - head // 2 - 1, aside + 1 if aside else 0))

    @property
    def width(self) -> int:
        rooms = (self.at[self.score.line[node]] + room.after for node, room in enumerate(self.rooms))
        return 1 + max(*rooms, *self.at.values())

    def length(self, rank: int) -> int:
        return 1 + max(1, *(bool(self.texts[node].label) + bool(self.texts[node].gradient) for node in self.members[rank]))

    def node(self, node: int) -> None:
        text, rank, column = self.texts[node], self.score.rank[node], self.at[self.score.line[node]]
        row = self.start[rank] + 1
        self.canvas.text(row - 1, column - columns(text.head) // 2, text.head, "" if self.score.sources[node] else NAME)
        below = bool(text.label) + bool(text.gradient)
        for along in range(row, self.end[rank] if self.score.uses[node] else row + below):
            self.wire(along, column, UP | DOWN)
        if text.label:
            self.label(row, column + 2, text)
            row += 1
        self.canvas.text(row, column + 2, text.gradient, GRADIENT)
