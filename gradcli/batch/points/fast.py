"""CSV and TSV a part at a time, where it is plain: no quotes, every line as many cells as the header.

Whoever parses here may take more for a number than we do (nan, inf, empty cells) or less (a blank behind): a cell that does not come out
finite sends its row to the careful reader. What else differs is looked for in the bytes, before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradcli.batch.extra import polars
from gradcli.batch.points.careful import Careful
from gradcli.batch.points.gathered import Gathered
from gradcli.batch.points.layout import Layout
from gradcli.batch.points.quoting import complete
from gradcli.batch.records import Read

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gradcli.batch.records import Floats, Places

_ODD = (b"_", b"\v", b"\f")  # which Python takes in a number, and we do not
_CACHED = 1 << 16  # bytes
_MOST_SUSPECTS = 8  # of so many rows one


def fast(text: bytes, layout: Layout, careful: Careful) -> Read | None:
    """Return a part as numbers, or None where it is not plain."""
    data = complete(text)
    if not _plain(data, careful.longest, bool(layout.kept)):
        return None
    parse = _by_polars if polars() else _by_hand
    found = parse(data, layout, careful)
    return _checked(data, layout, careful, *found) if found else None


def _plain(data: bytes, longest: int, kept: bool) -> bool:
    """Tell whether nothing in the bytes of a part needs care."""
    if not b" " <= data[:1] <= b"~" or b'"' in data:
        return False
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return False
    half = max(1, longest // 2)  # a line as long as that has no end in one of these windows
    if any(data.find(b"\n", start, start + half) < 0 for start in range(0, len(data) - half, half)):
        return False
    return not kept or data.isascii() or _is_utf8(data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _rectangular(data: bytes, separator: bytes, cells: int) -> bool:
    """Tell whether every line has so many cells."""
    signs = data.translate(None, bytes(set(range(256)) - set(separator + b"\n")))
    row = separator * (cells - 1) + b"\n"
    return signs == row * (len(signs) // cells)


Found = tuple[dict[int, "Floats"], dict[str, Sequence[Any]]]  # numbers by column, nan where there is none; columns that are copied


def _by_polars(data: bytes, layout: Layout, careful: Careful) -> Found | None:
    import numpy as np

    pl, separator, cells = polars(), careful.quoting.separator, len(careful.columns)
    numbers, wanted = set(layout.numbers), {*layout.numbers, *layout.kept.values(), cells - 1}
    texts = set(layout.kept.values())
    floats = (numbers | careful.numeric) - texts  # the last column is a number too, if it can be: that takes less time than a text
    kinds = {f"column_{place + 1}": pl.Float64 if place in floats else pl.String for place in range(cells)}
    try:
        table = pl.read_csv(data, has_header=False, schema=kinds, columns=sorted(wanted), separator=separator.decode(), quote_char=None,
                            ignore_errors=True)  # fmt: skip
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
        return None
    columns = {place: table[f"column_{place + 1}"] for place in wanted}
    signs = _count(np.frombuffer(data, dtype=np.uint8), separator[0])
    # No line has fewer cells if the last column is full, and then none has more, as there are as many separators as there should be.
    found = {place: columns[place].cast(pl.Float64, strict=False) if place in texts else columns[place] for place in numbers}
    full = not columns[cells - 1].null_count()
    if signs != table.height * (cells - 1) or not (full or _rectangular(data, separator, cells)):
        return None
    kept = {name: columns[place].fill_null("") for name, place in layout.kept.items()}
    return {place: column.to_numpy() for place, column in found.items()}, kept


def _count(data: NDArray[np.uint8], sign: int) -> int:
    """Return how often a byte occurs. A piece at a time stays in the cache, and takes no memory that has to be cleared first."""
    import numpy as np

    return sum(int(np.count_nonzero(data[start : start + _CACHED] == sign)) for start in range(0, len(data), _CACHED))


def _by_hand(data: bytes, layout: Layout, careful: Careful) -> Found | None:
    import numpy as np

    separator, count = careful.quoting.separator, len(careful.columns)
    if any(sign in data for sign in _ODD) or not _rectangular(data, separator, count):
        return None
    cells = data.replace(b"\r\n", b"\n").replace(b"\n", separator).split(separator)[:-1]
    try:
        numbers = {place: np.array(list(map(float, cells[place::count])), dtype=np.float64) for place in set(layout.numbers)}
    except ValueError:
        return None
    return numbers, {name: [cell.decode() for cell in cells[place::count]] for name, place in layout.kept.items()}


def _checked(data: bytes, layout: Layout, careful: Careful, numbers: dict[int, Floats], kept: dict[str, Sequence[Any]]) -> Read | None:
    """Return a part whose rows are all numbers but for some, which are read with care."""
    import numpy as np

    finite = np.ones(len(next(iter(numbers.values()))), dtype=bool)
    for column in numbers.values():
        finite &= np.isfinite(column)
    rows, suspects = len(finite), np.flatnonzero(~finite)
    if len(suspects) * _MOST_SUSPECTS > rows or (len(suspects) and len(careful.columns) == 1):  # of one column, the line may be blank
        return None
    good, seen = np.arange(rows), Gathered(layout)
    if len(suspects):
        good = _with_care(data, layout, careful, suspects, seen, numbers)
    columns = {}
    for name, source in layout.sources.items():
        entries = [numbers[place] if len(good) == rows else numbers[place][good] for place in source.places]
        columns[name] = entries[0] if source.shape == () else np.stack(entries).reshape(*source.shape, len(good))
    return Read(rows, rows, good, columns, kept, {int(suspects[row]): reject for row, reject in seen.unread.items()})


def _with_care(
    data: bytes, layout: Layout, careful: Careful, suspects: Places, seen: Gathered, numbers: dict[int, Floats]
) -> Places:
    """Read some rows with care, put their numbers where they belong, and return which rows of all are good."""
    import numpy as np

    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n")) + 1
    for row in suspects.tolist():
        start = int(ends[row - 1]) if row else 0
        careful.row(data[start : ends[row]], row + 1, start, layout, seen)
    numbers.update({place: column.copy() for place, column in numbers.items() if not column.flags.writeable})
    for row, found in zip(seen.good, seen.numbers):
        for place, value in zip(layout.numbers, found):
            numbers[place][suspects[row]] = value
    good = np.ones(len(next(iter(numbers.values()))), dtype=bool)
    good[suspects[list(seen.unread)]] = False
    return np.flatnonzero(good)
