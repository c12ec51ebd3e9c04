"""A run: parts go out to be worked on, come back in order, and are written.

    rows in = rows out + rejects

The run asserts it of every part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from gradcli.batch.journal import Far
from gradcli.batch.points import Points
from gradcli.batch.records import Counts, Done, Part
from gradcli.batch.sinks import Sink
from gradcli.batch.work import NAN, STOP, Work
from gradcli.errors import NO_VERDICT, GradError
from gradcli.wording import said
from gradcli.workers import Workers


def run(points: Points, work: Work, sink: Sink, workers: Workers, ahead: int, heard: Callable[[Part, Counts], None]) -> Far:
    """Do the parts of a table, and write them in order; return how far that came. ``heard`` hears of each part.

    Raises:
        GradError: for a row without a result where it is to stop there; for what cannot be read or written.

    """
    far = sink.begin(points.header_lines)
    under_way: dict[int, Part] = {}
    parts = islice(points.parts(), far.parts, None)
    for done in workers.results(work, _noted(parts, under_way), ahead):
        part = under_way.pop(done.number)
        assert done.number == far.parts, f"part {done.number} came after {far.parts}"
        _conserved(done, work.on_error)
        rejects = [reject._replace(line=far.lines + reject.line, byte=part.start + reject.byte) for reject in done.rejects]
        if rejects and work.on_error == STOP:
            sink.discard()
            raise GradError("row-without-result", said("line {0}: {1}", rejects[0].line, rejects[0].reason), code=NO_VERDICT)
        far = sink.add(far, done.payload, rejects, done.lines, done.counts)
        heard(part, done.counts)
    sink.finish(far)
    return far


def _noted(parts: Iterator[Part], under_way: dict[int, Part]) -> Iterator[Part]:
    for part in parts:
        under_way[part.number] = part
        yield part


def _conserved(done: Done, on_error: str) -> None:
    """See that every row of a part is in the output or among the rejects."""
    rows, written, rejected = done.counts[:3]
    told = 0 if on_error == NAN else len(done.rejects)
    assert rows == written + told, f"part {done.number}: {rows} rows in, {written} out, {told} rejected"
    assert told in (0, rejected)


