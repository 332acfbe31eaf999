"""Who writes takes turns, so that who reads need not wait behind them.

When a course comes back into signal at once, its phones send more in a second than can be written. What is sent by a
phone's outbox, which tries again by itself, is asked to come back while others wait; a person's own tap waits its turn.
Reading never queues: the other threads are free for it. This is within a process; between them the database queues.
"""

from __future__ import annotations

import threading

from flask import Flask, Response, g, request

from blueprints.access import SAFE
from blueprints.errors import busy
from blueprints.hypermedia import wants_json

MOST = 3  # outboxes that wait or write in this process; fewer than a server has threads
SECONDS = 5  # that somebody waits for their turn


def init_app(app: Flask) -> None:
    """Before everything that takes time: who is asked to come back should cost next to nothing."""
    places, turn = threading.BoundedSemaphore(MOST), threading.Lock()

    @app.before_request
    def queue() -> Response | None:
        if request.method in SAFE:
            return None
        request.get_data()  # on a slow line it takes its time, which is nobody else's
        if wants_json():
            if not places.acquire(blocking=False):
                return busy()
            g.place = places
        if not turn.acquire(timeout=SECONDS):
            return busy()
        g.turn = turn
        return None

    @app.teardown_request
    def leave(error: BaseException | None) -> None:
        for held in (g.pop("turn", None), g.pop("place", None)):
            if held is not None:
                held.release()
