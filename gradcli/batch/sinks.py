"""Where the parts of a run go: to files that are whole or not there, or to standard output as they come."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import BinaryIO, Protocol

from gradcli.batch.behind import Behind
from gradcli.batch.drafts import WHOLE, Draft
from gradcli.batch.journal import Far, Journal, entry, intact
from gradcli.batch.records import Counts, Reject
from gradcli.batch.rejects import HEADER, table
from gradcli.batch.results import Writer
from gradcli.wording import said


class Sink(Protocol):
    """Where the parts of a run go."""

    def begin(self, lines: int) -> Far:
        """Return how far an earlier run has come; at the beginning, so many lines of the source are done."""

    def add(self, far: Far, payload: bytes, rejects: Sequence[Reject], lines: int, counts: Counts) -> Far:
        """Write a part, and return how far the run is with it."""

    def finish(self, far: Far) -> None:
        """Nothing follows: what was written takes its names."""

    def discard(self) -> None:
        """Remove what was written."""

    def left(self) -> str:
        """Say what is left of a run that has been stopped."""

    def close(self) -> None:
        """Leave what was written for a run that goes on, if anything was."""


class Files:
    """A file for the rows and one for the rejects, which take their names when they are whole; till then there is a journal."""

    def __init__(self, out: str, rejects: str, always: bool, writer: Writer, identity: Mapping[str, object], resume: bool) -> None:
        self.writer, self.identity, self.resume, self.always = writer, identity, resume, always
        self.out, self.rejects, self.journal = Draft(out), Draft(rejects), Journal(out)
        self.header, self.joined = writer.header(), writer.joined()
        self.whole = Draft(out, WHOLE) if writer.binary else self.out
        self.behind = Behind()
        self.renaming, self.far = False, self._nothing(0)

    def begin(self, lines: int) -> Far:
        """Go on with what is right of an earlier run, or begin anew."""
        entries, self.renaming = self.journal.open(self.identity, self.resume)
        if self.renaming:
            self.far = entries[-1].far if entries else self._nothing(lines)
            return self.far
        if self.whole is not self.out:
            self.whole.begin()
        right = -1
        for right, payload in enumerate(intact(entries, self.header, HEADER, self.out, self.rejects)):
            if right:  # the first is what stands before the parts
                self._join(payload)
        self.journal.cut(max(right, 0))
        self.far = far = entries[right - 1].far if right > 0 else self._nothing(lines)
        self.out.begin(far.size if right >= 0 else 0)
        self.rejects.begin(far.rejected if right >= 0 else 0)
        if right < 0:
            self.out.write(self.header)
            self.rejects.write(HEADER)
        return far

    def _join(self, payload: bytes) -> None:
        """Put a part into the whole, if that is another file than the parts, and from time to time see that it outlives the machine."""
        if self.whole is not self.out:
            self.whole.write(self.joined.add(payload))
        if self.whole.much:
            self.whole.settle()

    def _nothing(self, lines: int) -> Far:
        return Far(0, len(self.header), len(HEADER), lines, Counts())

    def add(self, far: Far, payload: bytes, rejects: Sequence[Reject], lines: int, counts: Counts) -> Far:
        """Write a part, then say in the journal that it is there."""
        told = table(rejects)
        if self.whole.much or self.whole is not self.out:
            self.behind.do(partial(self._join, payload))
        size, rejected = far.size + self.out.write(payload), far.rejected + self.rejects.write(told)
        far = Far(far.parts + 1, size, rejected, far.lines + lines, far.counts.plus(counts))
        self.journal.add(entry(far, payload, told))
        self.far = far
        return far

    def finish(self, far: Far) -> None:
        """Write what stands at the end, and rename the drafts."""
        published = self.always or far.rejected > len(HEADER)
        if not self.renaming:
            self.behind.wait()
            self.whole.write(self.joined.ending())
            self.whole.keep()
            if published:
                self.rejects.keep()
            self.journal.renaming()
            self.renaming = True
        if self.whole is not self.out:  # nobody goes on with the parts any more
            self.behind.do(self.out.discard)
        if published:
            self.rejects.publish()
        else:
            self.rejects.discard()
            with contextlib.suppress(OSError):  # of an earlier run: this one has none
                os.unlink(self.rejects.target)
        self.whole.publish()
        self.behind.wait()
        self.journal.remove()

    def discard(self) -> None:
        """Remove the drafts and the journal."""
        self.behind.close()
        self.far = self._nothing(0)
        self.whole.discard()
        self.out.discard()
        self.rejects.discard()
        self.journal.remove()

    def left(self) -> str:
        """Say how to go on."""
        if not self.far.parts:
            return ""
        return said("{0} rows are done and kept: the same command with --resume goes on from there", self.far.counts.rows)

    def close(self) -> None:
        """Leave the drafts and the journal for a run that goes on, if there is anything to go on with."""
        self.behind.close()
        if self.journal.held and not self.journal.parts and not self.renaming:
            self.discard()
        if self.journal.held and self.whole is not self.out and not self.renaming:
            self.whole.discard()
        for file in (self.whole, self.out, self.rejects, self.journal):
            file.close()


class Stream:
    """Standard output, a pipe or a device: what was written cannot be taken back, and there is no going on."""

    def __init__(self, stream: BinaryIO, writer: Writer, rejects: str, tell: Callable[[Reject], None]) -> None:
        self.stream, self.header, self.joined, self.tell = stream, writer.header(), writer.joined(), tell
        self.rejects = Draft(rejects) if rejects else None
        self.rows = 0

    def begin(self, lines: int) -> Far:
        """Write what stands at the beginning."""
        if self.rejects is not None:
            self.rejects.begin()
            self.rejects.write(HEADER)
        self.stream.write(self.header)
        return Far(0, 0, 0, lines, Counts())

    def add(self, far: Far, payload: bytes, rejects: Sequence[Reject], lines: int, counts: Counts) -> Far:
        """Write a part; rejects without a file are told one by one."""
        self.stream.write(self.joined.add(payload))
        self.stream.flush()
        if self.rejects is not None:
            self.rejects.write(table(rejects))
        else:
            for reject in rejects:
                self.tell(reject)
        self.rows += counts.written
        return far._replace(parts=far.parts + 1, lines=far.lines + lines, counts=far.counts.plus(counts))

    def finish(self, far: Far) -> None:
        """Write what stands at the end."""
        self.stream.write(self.joined.ending())
        self.stream.flush()
        if self.rejects is not None:
            self.rejects.keep()
            self.rejects.publish()

    def discard(self) -> None:
        """Remove the draft of the rejects."""
        if self.rejects is not None:
            self.rejects.discard()

    def left(self) -> str:
        """Say how far it came."""
        return said("{0} rows are written", self.rows) if self.rows else ""

    def close(self) -> None:
        """Nobody goes on with it."""
        self.discard()
