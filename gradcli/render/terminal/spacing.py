"""Where the lines of a score lie, and in which track each bar stands: whole numbers, nothing on top of another."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from gradcli.light import Record
from gradcli.render.terminal.score import Score

_SWEEPS = 6
_PAIRS = 90  # with more bars between two ranks, their order is left to where they stand


class Room(Record):
    """The room that a node takes beside its line: so many places before it and after it."""

    before: int
    after: int


class Bar(Record):
    """A bar: the places of the lines that come to it, and of those that leave it. One of the two is a single line."""

    taps: tuple[int, ...]
    outs: tuple[int, ...]

    @property
    def reach(self) -> tuple[int, int]:
        """Return the first and the last place of the bar."""
        return min(*self.taps, *self.outs), max(*self.taps, *self.outs)


def places(score: Score, rooms: list[Room], gap: int) -> dict[int, int]:
    """Return the place of each line: in order, as near to what it is connected with as the others let it."""
    apart = _constraints(score, rooms, gap)
    above: dict[int, list[tuple[int, int]]] = defaultdict(list)
    below: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (a, b), distance in apart.items():
        below[a].append((b, distance))
        above[b].append((a, distance))
    before: dict[int, int] = defaultdict(int)
    after: dict[int, int] = defaultdict(int)
    for node, room in enumerate(rooms):
        before[score.line[node]] = max(before[score.line[node]], room.before)
        after[score.line[node]] = max(after[score.line[node]], room.after)
    first: dict[int, int] = {}
    for line in score.order:
        first[line] = max([before[line], *(first[other] + distance for other, distance in above[line])])
    end = max(first[line] + after[line] for line in score.order)
    last: dict[int, int] = {}
    for line in reversed(score.order):
        last[line] = min([end - after[line], *(last[other] - distance for other, distance in below[line])])
    at = {line: (first[line] + last[line]) // 2 for line in score.order}  # half-way between two that fit fits, too
    wanted = _neighbours(score)
    for sweep in range(_SWEEPS):
        for line in score.order if sweep % 2 else reversed(score.order):
            if wanted[line]:
                middle = sum(at[other] for other in wanted[line]) // len(wanted[line])
                low = max([before[line], *(at[other] + distance for other, distance in above[line])])
                high = min([end - after[line], *(at[other] - distance for other, distance in below[line])])
                at[line] = min(max(middle, low), high)
    return at


def _constraints(score: Score, rooms: list[Room], gap: int) -> dict[tuple[int, int], int]:
    """Return for pairs of lines how far apart they must be: of those that meet in a rank, or between two ranks."""
    index = {line: place for place, line in enumerate(score.order)}
    none = Room(0, 0)
    zones: list[dict[int, Room]] = [dict.fromkeys(lines, none) for lines in score.alive()]
    for node, entries in enumerate(score.entries):
        zones[score.rank[node] - 1].update((line, none) for line in entries)
    ranks: list[dict[int, Room]] = [{} for _ in zones]
    for node, rank in enumerate(score.rank):
        ranks[rank][score.line[node]] = rooms[node]
        for other in range(rank + 1, score.last[node]):
            ranks[other].setdefault(score.line[node], none)
    found: dict[tuple[int, int], int] = {}
    for zone in (*zones, *ranks):
        here = sorted(zone, key=index.__getitem__)
        for a, b in pairwise(here):
            found[a, b] = max(found.get((a, b), 0), zone[a].after + zone[b].before + 1 + gap)
    return found


def _neighbours(score: Score) -> dict[int, list[int]]:
    """Return for each line those that it should lie amid: what is gathered into its gate; else the gate it ends at."""
    found: dict[int, list[int]] = defaultdict(list)
    for node, entries in enumerate(score.entries):
        found[score.line[node]] += entries
    for node, entries in enumerate(score.entries):
        for line in entries:
            if not found[line]:
                found[line].append(score.line[node])
    return found


def bars(score: Score, at: dict[int, int]) -> list[list[list[Bar]]]:
    """Return for each gap between two ranks its tracks, each with its bars: no two of them touch."""
    gaps: list[list[Bar]] = [[] for _ in range(max(score.rank) + 1)]
    for (node, rank), lines in sorted(score.forks.items()):
        gaps[rank - 1].append(Bar((at[score.line[node]],), tuple(at[line] for line in lines)))
    for node, entries in enumerate(score.entries):
        if entries:
            gaps[score.rank[node] - 1].append(Bar(tuple(at[line] for line in entries), (at[score.line[node]],)))
    return [_tracks(gap) for gap in gaps]


def _tracks(found: list[Bar]) -> list[list[Bar]]:
    """Sort bars into tracks. A line forks before it is gathered; else that bar stands first which then crosses less."""
    size = len(found)
    later: list[set[int]] = [set() for _ in found]
    gathered = {tap: index for index, bar in enumerate(found) if len(bar.taps) > 1 for tap in bar.taps}
    for index, bar in enumerate(found):
        if len(bar.taps) == 1:
            later[index].update(gathered[place] for place in (*bar.taps, *bar.outs) if place in gathered)
    if size <= _PAIRS:
        wishes = []
        for a in range(size):
            for b in range(a + 1, size):
                gain = _crossed(found[b], found[a]) - _crossed(found[a], found[b])
                if gain:
                    wishes.append((-abs(gain), a, b) if gain > 0 else (-abs(gain), b, a))
        for _, a, b in sorted(wishes):
            if not _leads(later, b, a):
                later[a].add(b)
    earliest = [0] * size
    waiting = [sum(index in others for others in later) for index in range(size)]
    ready = sorted((index for index in range(size) if not waiting[index]), key=lambda i: (found[i].reach, i))
    tracks: list[list[Bar]] = []
    while ready:
        index = ready.pop(0)
        low, high = found[index].reach
        track = earliest[index]
        while track < len(tracks) and any(low <= other.reach[1] + 1 and other.reach[0] <= high + 1 for other in tracks[track]):
            track += 1
        while track >= len(tracks):
            tracks.append([])
        tracks[track].append(found[index])
        for other in sorted(later[index]):
            earliest[other] = max(earliest[other], track + 1)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return tracks


def _crossed(first: Bar, second: Bar) -> int:
    """Count the crossings of two bars where the first stands before the second."""
    (a, b), (c, d) = first.reach, second.reach
    behind = sum(c < out < d and out not in second.taps for out in first.outs)
    return behind + sum(a < tap < b and tap not in first.taps for tap in second.taps)


def _leads(later: list[set[int]], start: int, goal: int) -> bool:
    stack, seen = [start], {start}
    while stack:
        node = stack.pop()
        if node == goal:
            return True
        stack += later[node] - seen
        seen |= later[node]
    return False
