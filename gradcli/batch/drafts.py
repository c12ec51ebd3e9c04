"""Files that are whole or not there: a draft beside its target takes the target's name when all is in it."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

from gradcli.errors import GradError, reason
from gradcli.wording import said

PART, WHOLE = ".gradcli-part", ".gradcli-whole"
_MUCH = 1 << 24  # bytes: what a disk takes while a few parts are computed
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Draft:
    """A file that is being written; whoever has its name keeps it till it is whole."""

    def __init__(self, name: str, ending: str = PART) -> None:
        self.said_name, self.target = name, os.path.realpath(name)
        self.name = self.target + ending
        self._file, self._unkept = -1, 0

    def begin(self, size: int = 0) -> None:
        """Open the draft with so many of the bytes that are in it.

        Raises:
            GradError: if it cannot be written, as in every method here.

        """
        with told(self.said_name):
            self._file = opened(self.name)
            os.ftruncate(self._file, size)
            os.lseek(self._file, 0, os.SEEK_END)

    def write(self, data: bytes) -> int:
        """Add bytes; when this returns they outlive this process."""
        with told(self.said_name):
            append(self._file, data)
        self._unkept += len(data)
        return len(data)

    @property
    def much(self) -> bool:
        """Tell whether so much was written since it was last seen to that, at the end, somebody would wait for it."""
        return self._unkept >= _MUCH

    def settle(self) -> None:
        """See that what is there by now outlives the machine; meanwhile more may be written."""
        self._unkept = 0
        with told(self.said_name):
            os.fsync(self._file)

    def keep(self) -> None:
        """See that what is there outlives the machine, and close the draft."""
        with told(self.said_name):
            os.fsync(self._file)
            if os.path.exists(self.target):
                os.chmod(self.name, os.stat(self.target).st_mode & 0o7777)
        self.close()

    def publish(self) -> None:
        """Give the draft its name, if that has not been done."""
        with told(self.said_name), contextlib.suppress(FileNotFoundError):
            os.replace(self.name, self.target)
        with contextlib.suppress(OSError):  # some systems do not open folders
            folder = os.open(os.path.dirname(self.target), os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def close(self) -> None:
        """Close the draft, and leave it where it is."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def discard(self) -> None:
        """Remove the draft."""
        self.close()
        with contextlib.suppress(OSError):
            os.unlink(self.name)

    def pieces(self, ends: list[int]) -> Iterator[bytes]:
        """Yield what is in the draft from its start to the first of these ends, from there to the next, and so on."""
        with told(self.said_name), open(self.name, "rb") as file:
            for start, end in zip([0, *ends], ends):
                yield file.read(end - start)


def opened(name: str) -> int:
    """Open a file of ours for reading and writing, and make it if it is not there; neither a link nor what has a second name is ours."""
    file = os.open(name, os.O_RDWR | os.O_CREAT | _NO_LINKS, 0o666)
    if os.fstat(file).st_nlink > 1:
        os.close(file)
        raise OSError(errno.EMLINK, os.strerror(errno.EMLINK))
    return file


def append(file: int, data: bytes) -> None:
    """Write all of some bytes."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


@contextlib.contextmanager
def told(name: str) -> Iterator[None]:
    """Say what the system says of a file.

    Raises:
        GradError: for an error of the system.

    """
    try:
        yield
    except OSError as problem:
        raise GradError("cannot-write", said("{0}: {1}", name, reason(problem))) from problem
