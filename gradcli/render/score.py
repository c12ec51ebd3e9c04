"""Wiring → a score: as in music, every value has a line of its own, from where it is made to where it is last used.

Bars across the lines say the rest, and there are two kinds. Where a value goes to several places, a bar with a dot
branches lanes off its line. Where several values go into one gate, a bar gathers the ends of lines and lanes. No bar
does both and no line ends twice, so that what touches a bar has one meaning, and no two wires ever share a cell.
Knows nothing of characters, nor which way the lines run.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from gradcli.render.wiring import CONSTANT, INPUT, Wiring

_EITHER_ORDER = ("+", "×")  # gates whose wires may enter in any order; all others read theirs from first to last
_PATIENCE = 300_000  # steps spent on a better order of the lines: a fraction of a second


class Score:
    """The ranks of the nodes, the lines they lie on, and how they come to the gates.

    ``line[n]`` is the line of node n, ``last[n]`` the rank of the last gate that n goes to. ``order`` are all lines and lanes
    as they lie side by side. ``entries[n]`` are those that are gathered into gate n, side by side. ``forks[n, rank]`` are
    the lanes, and lines of gates, that branch off node n just before that rank. ``inline`` are the gates that a line
    simply runs into. ``late``: inputs stand just before their first use, not all at the beginning.
    """

    def __init__(self, wiring: Wiring, late: bool = False) -> None:
        self.wiring = wiring
        self.sources: list[list[int]] = [[] for _ in wiring.nodes]
        self.uses: list[list[int]] = [[] for _ in wiring.nodes]
        for wire in wiring.wires:
            self.sources[wire.target].append(wire.source)
            self.uses[wire.source].append(wire.target)
        self.rank = self._ranks(late)
        self.last = [max((self.rank[use] for use in uses), default=rank) for uses, rank in zip(self.uses, self.rank)]
        self.inline = self._inline()
        self.line = list(range(len(wiring.nodes)))
        for node in sorted(self.inline, key=self.rank.__getitem__):
            self.line[node] = self.line[self.sources[node][0]]
        self.order = self._better(self._natural())
        self.entries: list[list[int]] = [[] for _ in wiring.nodes]
        self.forks: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._connect()

    def _ranks(self, late: bool) -> list[int]:
        """Return the rank of each node: a gate stands behind all that goes into it, a constant just before its use."""
        kinds, rank = [node.kind for node in self.wiring.nodes], [0] * len(self.uses)
        for node, sources in enumerate(self.sources):
            if kinds[node] not in (INPUT, CONSTANT):
                rank[node] = 1 + max((rank[source] for source in sources), default=-1)
        for node, uses in enumerate(self.uses):
            if uses and (kinds[node] == CONSTANT or (late and kinds[node] == INPUT)):
                rank[node] = min(rank[use] for use in uses) - 1
        return rank

    def _inline(self) -> set[int]:
        """Return the gates that a wire simply runs into at its end."""
        found: set[int] = set()
        for node, uses in enumerate(self.uses):
            ends = [use for use in uses if self.rank[use] == self.last[node] and len(self.sources[use]) == 1]
            found.update(ends[:1])
        return found

    # ---- the order of the lines -----------------------------------------------------------------------------

    def _natural(self) -> list[int]:
        """Return the lines as the expression is written, each gate amid what goes into it: no tree crosses itself."""
        order: dict[int, None] = {}
        opened: set[int] = set()
        stack = [(node, False) for node in range(len(self.uses)) if not self.uses[node]]
        stack.sort(key=lambda item: not self.sources[item[0]], reverse=True)  # inputs that nothing uses come last
        while stack:
            node, place = stack.pop()
            if place:
                order.setdefault(self.line[node])
            elif node not in opened:
                opened.add(node)
                half = (len(self.sources[node]) + 1) // 2
                parts = [(s, False) for s in self.sources[node]]
                stack += reversed([*parts[:half], (node, True), *parts[half:]])
        return list(order)

    def _better(self, order: list[int]) -> list[int]:
        """Move single lines while that saves crossings: where nothing forks there are none to save."""
        bars = [(node, [self.line[s] for s in sources]) for node, sources in enumerate(self.sources)
                if sources and node not in self.inline]  # fmt: skip
        alive = self.alive()
        beside: dict[int, set[int]] = defaultdict(set)
        for node, lines in bars:
            for line in lines:
                beside[line].add(self.line[node])
                beside[self.line[node]].add(line)
        effort = sum(len(alive[self.rank[node] - 1]) for node, _ in bars) + len(order)
        patience = _PATIENCE // effort if any(len(set(uses)) > 1 for uses in self.uses) else 0
        best = self._cost(order, bars, alive) if patience else 0
        improved = best > 0
        while improved:
            improved = False
            for line in sorted(beside):
                rest = [other for other in order if other != line]
                places = {rest.index(other) + side for other in beside[line] if other != line for side in (0, 1)}
                for place in sorted(places):
                    if patience <= 0:
                        return order
                    tried = [*rest[:place], line, *rest[place:]]
                    patience -= 1
                    cost = self._cost(tried, bars, alive)
                    if cost < best:
                        order, best, improved = tried, cost, True
        return order

    def _cost(self, order: list[int], bars: list[tuple[int, list[int]]], alive: list[list[int]]) -> int:
        """Return how hard an order is to read: wires that cross, that enter in the wrong order, gates not amid theirs."""
        place = {line: index for index, line in enumerate(order)}
        total = 0
        for node, lines in bars:
            at = [place[line] for line in lines]
            own = place[self.line[node]]
            low, high = min(*at, own), max(*at, own)
            crossed = sum(low < place[line] < high for line in alive[self.rank[node] - 1]) - sum(low < p < high for p in {*at, own})
            total += 4 * crossed + (own in (low, high) and len(at) > 1)
            if self.wiring.nodes[node].sign not in _EITHER_ORDER:
                total += 8 * sum(a > b for a, b in pairwise(at))
        return total

    def alive(self) -> list[list[int]]:
        """Return for each gap between two ranks the lines that are in it, from first to last."""
        found: list[dict[int, None]] = [{} for _ in range(max(self.rank) + 1)]
        for node, rank in enumerate(self.rank):
            for gap in range(rank, self.last[node]):
                found[gap].setdefault(self.line[node])
            if rank:
                found[rank - 1].setdefault(self.line[node])
        return [list(lines) for lines in found]

    # ---- what goes into a gate ------------------------------------------------------------------------------

    def _connect(self) -> None:
        """Lead every value to its gates: at its end along its own line, before that and elsewhere along lanes."""
        place = {line: float(index) for index, line in enumerate(self.order)}
        free = len(self.line)
        ends = self._ends(place)
        for node, sources in enumerate(self.sources):
            gap, own = self.rank[node], place[self.line[node]]
            if node in self.inline or not sources:
                continue
            if len(sources) == 1:
                self.forks[sources[0], gap].append(self.line[node])
                continue
            if self.wiring.nodes[node].sign in _EITHER_ORDER:
                sources = sorted(sources, key=lambda source: place[self.line[source]])
            before = -1.0
            for position, source in enumerate(sources):
                line = self.line[source]
                if ends.get(source) == node and place[line] > before:
                    del ends[source]
                else:
                    line, free = free, free + 1
                    self.forks[source, gap].append(line)
                    place[line] = _amid(place, before, own, 2 * position >= len(sources))
                self.entries[node].append(line)
                before = place[line]
        self.order = sorted(place, key=place.__getitem__)

    def _ends(self, place: dict[int, float]) -> dict[int, int]:
        """Return for each node the gate where its line ends: the nearest of the last ones."""
        found = {}
        for node, uses in enumerate(self.uses):
            last = sorted({use for use in uses if self.rank[use] == self.last[node]})
            if last and not self.inline.intersection(last):
                found[node] = min(last, key=lambda use: abs(place[self.line[use]] - place[self.line[node]]))
        return found


def _amid(place: dict[int, float], before: float, own: float, behind: bool) -> float:
    """Return a new place behind ``before``: the next one behind ``own``, or else the one just before it."""
    if behind or before > own:
        low = max(before, own)
        return (low + min((p for p in place.values() if p > low), default=low + 2)) / 2
    return (max((p for p in place.values() if p < own), default=own - 2) + own) / 2
