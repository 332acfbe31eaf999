"""Who writes takes turns, so that who reads need not wait behind them (docs/decisions/0017-turns.md).

When a course comes back into signal at once, its phones send more in a second than can be written. They stand in a
line; beyond its end a phone, which tries again by itself, is asked to come back. A person's own tap waits for one turn,
not for the line. Reading never waits: the other threads are free for it. Between processes the database queues.
"""

from __future__ import annotations

from threading import Lock, Semaphore

from flask import Flask, Response, current_app, g, request

from blueprints.access import SAFE
from blueprints.errors import busy
from blueprints.hypermedia import wants_json

MOST = 640  # phones in the line of one process; fewer than the threads of its server (docs/running.md)
SECONDS = 5  # that a person waits
IN_LINE_SECONDS = 15  # that a phone waits: less than its own patience in static/outbox.js


class Turns:
    """The line of phones and the one turn, of one process."""

    def __init__(self, most: int = MOST) -> None:
        self.places, self.front, self.turn = Semaphore(most), Lock(), Lock()
        self.patience = {self.places: 0, self.front: IN_LINE_SECONDS}

    def taken(self, by_phone: bool) -> list[Semaphore | Lock]:
        """Wait for a turn; what is held then, to be given back in the end. Empty when it did not come."""
        held: list[Semaphore | Lock] = []
        for one in (self.places, self.front, self.turn) if by_phone else (self.turn,):
            if not one.acquire(timeout=self.patience.get(one, SECONDS)):
                give_back(held)
                return []
            held.append(one)
        return held


def give_back(held: list[Semaphore | Lock]) -> None:
    """The next may go on."""
    while held:
        held.pop().release()


def init_app(app: Flask) -> None:
    """Before everything that takes time: who is asked to come back should cost next to nothing."""
    app.extensions["turns"] = Turns()

    @app.before_request
    def take() -> Response | None:
        if request.method in SAFE:
            return None
        request.get_data()  # on a slow line it takes its time, which is nobody else's
        g.held = current_app.extensions["turns"].taken(by_phone=wants_json())
        if g.held:
            return None
        g.nobody = True  # the database is not asked who it is: nobody would give that connection back
        return busy()

    @app.teardown_request
    def leave(error: BaseException | None) -> None:
        give_back(g.pop("held", []))
