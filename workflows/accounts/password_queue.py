"""Comparing a password takes 19 MiB and 26 ms on purpose. So a process does one at a time, and few wait for it.

First come browsers that their owner has used before, then places where nobody was wrong, then places where others were,
those with the fewest wrong tries first. After a wrong try of the last kind the next of that kind waits for a while that
grows with them: guessing from many addresses, or at many accounts, stays slow, and who knows their password is let in.
When more come than may wait, the last in this order is asked to come back. That is no try: it is not counted.
"""

import threading
import time
from bisect import insort
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from workflows.accounts.throttle import COUNTED, Try
from workflows.refusals import Later

AT_ONCE = 1  # in a process
WAITING = 8  # fewer than the server has threads for them (asgi.py)
WAITING_SUSPECTS = 4  # of these, from where others were wrong
SECONDS = 5  # that anybody waits, and after which who was sent away may come back
MOST_PAUSE = 1.0  # seconds after a wrong try, when there were COUNTED
KNOWN, UNKNOWN = -1, 0  # ranks; above them the number of wrong tries


class Busy(Later):
    """More passwords are to be compared than may wait (503)."""

    def __init__(self) -> None:
        super().__init__(f"Many people are signing in just now. Try again in {SECONDS} seconds.", SECONDS)


class PasswordQueue:
    """The queue of one process."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.waiting: list[tuple[int, int]] = []  # rank and number, in order
        self.numbers = count()
        self.free = AT_ONCE
        self.suspects_at = 0.0  # when the next suspect may go on

    @contextmanager
    def turn(self, rank: int = KNOWN) -> Iterator[None]:
        """Wait, compare a password inside, and let the next one go on.
        Raises Busy when there was no place, or a better one came, or it took too long.
        """
        with self.changed:
            self._wait((rank, next(self.numbers)))
        try:
            yield
        finally:
            with self.changed:
                self.free += 1
                self.changed.notify_all()

    def was_wrong(self, rank: int) -> None:
        """After a wrong try of this rank the suspects wait."""
        if rank > UNKNOWN:
            pause = MOST_PAUSE * min(1, rank / COUNTED)
            with self.changed:
                self.suspects_at = time.monotonic() + pause

    def _wait(self, place: tuple[int, int]) -> None:
        insort(self.waiting, place)
        self._keep_short()
        until = time.monotonic() + SECONDS
        while place in self.waiting:
            now = time.monotonic()
            opens = self.suspects_at if place[0] > UNKNOWN else now
            is_next = self.waiting[0] == place and self.free > 0
            if is_next and opens <= now:
                self._leave(place)
                self.free -= 1
                return
            if now >= until:
                self._leave(place)
            else:
                self.changed.wait((min(until, opens) if is_next else until) - now)
        raise Busy

    def _leave(self, place: tuple[int, int]) -> None:
        self.waiting.remove(place)
        self.changed.notify_all()  # another is the first now

    def _keep_short(self) -> None:
        """Whoever stands beyond the bounds leaves."""
        suspects = [place for place in self.waiting if place[0] > UNKNOWN]
        leaving = {*suspects[WAITING_SUSPECTS:], *self.waiting[WAITING:]}
        if leaving:
            self.waiting = [place for place in self.waiting if place not in leaving]
            self.changed.notify_all()


queue = PasswordQueue()


def evaluate(place: Try, is_right: Callable[[], bool]) -> bool:
    """Find out whether a try is right, in its turn. One for which there is no turn gives its place back.
    Raises Busy: see `PasswordQueue.turn`.
    """
    rank = KNOWN if place.known else place.wrong
    try:
        with queue.turn(rank):
            right = is_right()
            if not right:
                queue.was_wrong(rank)
            return right
    except Busy:
        place.give_back()
        raise
