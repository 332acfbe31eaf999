"""What is worked out when it is first asked for, and kept: a property, and what was worked out last of many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Key = TypeVar("Key")
Value = TypeVar("Value")


class lazy(Generic[Value]):  # noqa: N801 - it is read as `property` is
    """As `functools.cached_property`, without the lock that this takes before Python 3.12: a list of a thousand
    students asks six thousand times. Two threads that ask at once both work it out, and find the same.
    """

    def __init__(self, work: Callable[[Any], Value]) -> None:
        self.work, self.__doc__ = work, work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, thing: None, owner: type) -> lazy[Value]: ...

    @overload
    def __get__(self, thing: object, owner: type) -> Value: ...

    def __get__(self, thing: Any, owner: type) -> Any:
        if thing is None:
            return self
        value = thing.__dict__[self.name] = self.work(thing)
        return value


class Latest(dict[Key, Value]):
    """What was worked out last, by key: of `most` keys, and then it begins anew. Whoever asks compares what it was
    worked out from.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def __setitem__(self, key: Key, value: Value) -> None:
        if len(self) >= self.most and key not in self:
            self.clear()
        super().__setitem__(key, value)
