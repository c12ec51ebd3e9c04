"""What typing, re, functools, contextlib and importlib have too, without the time they take to load.

A bare start of Python takes 11 ms; those five and what they bring are as much again. So the rooms that every answer
passes through take these names from here. A type checker sees the library's own.
"""

from __future__ import annotations

TYPE_CHECKING = False

__all__ = [
    "TYPE_CHECKING", "AbstractContextManager", "Any", "Callable", "Container", "Generic", "Iterable", "Iterator", "Mapping", "NoReturn",
    "Protocol", "Record", "Sequence", "TypeVar", "cache", "cached_property", "import_module", "itemgetter",
    "nullcontext", "partial", "re", "reduce", "ref", "suppress",
]  # fmt: skip

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager, nullcontext, suppress
    from functools import cache, cached_property, partial, reduce
    from importlib import import_module
    from operator import itemgetter
    from typing import Any, Generic, NoReturn, Protocol, TypeVar
    from typing import NamedTuple as Record
    from weakref import ref
else:
    from _collections_abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from _operator import itemgetter
    from _weakref import ref

    try:  # the parts that the library's own are made of
        from _collections import _tuplegetter as _place
        from _frozen_importlib import _gcd_import as import_module
        from _functools import _lru_cache_wrapper, partial, reduce

        def cache(function):
            """Keep what a function returned for each of its arguments."""
            kept = _lru_cache_wrapper(function, None, False, tuple)
            kept.__doc__, kept.__wrapped__ = function.__doc__, function
            return kept

    except ImportError:  # a Python that is built in another way
        from functools import cache, partial, reduce
        from importlib import import_module

        def _place(index, about):
            return property(itemgetter(index), doc=about)

    Any = AbstractContextManager = NoReturn = object

    def TypeVar(name, **_):  # noqa: N802
        """Return what only a type checker looks at."""
        return name

    class Generic:
        """A base that only a type checker sees the parameters of."""

        __slots__ = ()

        def __class_getitem__(cls, _):
            return cls

    Protocol = Generic

    class _Fields(type):
        """Makes the annotations of a class the places of a tuple."""

        def __new__(cls, name, bases, body):
            fields = tuple(body.get("__annotations__", ()))
            made = {"__slots__": (), "__match_args__": fields, "_fields": fields, "_defaults": {f: body[f] for f in fields if f in body}}
            return super().__new__(cls, name, bases, {**body, **made, **{f: _place(n, "") for n, f in enumerate(fields)}})

    class Record(tuple, metaclass=_Fields):
        """A tuple with names for its places: a NamedTuple, made in a tenth of the time."""

        def __new__(cls, *values, **named):
            fields = cls._fields
            if named or len(values) != len(fields):
                given = {**cls._defaults, **dict(zip(fields, values)), **named}
                if len(values) > len(fields) or len(given) != len(fields):
                    raise TypeError(f"the fields of {cls.__name__} are {', '.join(fields)}")
                values = [given[field] for field in fields]
            return tuple.__new__(cls, values)

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            return f"{type(self).__name__}({', '.join(f'{field}={value!r}' for field, value in zip(self._fields, self))})"

        def _replace(self, **changed):
            return type(self)(**{**dict(zip(self._fields, self)), **changed})

    class _Pattern:
        """A regular expression that is compiled when something is first looked for."""

        def __init__(self, *asked):
            self._asked = asked

        def __getattr__(self, name):
            import re

            found = getattr(re.compile(*self._asked), name)
            setattr(self, name, found)
            return found

    class _Re:
        """The module re, loaded when something is first looked for."""

        compile = _Pattern

        def __getattr__(self, name):
            import re

            return getattr(re, name)

    re = _Re()

    class cached_property:  # noqa: N801
        """A property that is found once: what it is stands in the object then, before the class is asked."""

        def __init__(self, find):
            self._find, self.__doc__ = find, find.__doc__

        def __set_name__(self, owner, name):
            self._name = name

        def __get__(self, one, owner=None):
            return self if one is None else one.__dict__.setdefault(self._name, self._find(one))

    class nullcontext:  # noqa: N801
        """A context in which nothing is different."""

        def __init__(self, result=None):
            self._result = result

        def __enter__(self):
            return self._result

        def __exit__(self, *_):
            return None

    class suppress:  # noqa: N801
        """Passes over exceptions of these kinds."""

        def __init__(self, *kinds):
            self._kinds = kinds

        def __enter__(self):
            return self

        def __exit__(self, kind, *_):
            return kind is not None and issubclass(kind, self._kinds)
