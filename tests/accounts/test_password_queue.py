"""The queue of passwords to compare: one at a time, known browsers first, few wait, who is sent away has not tried."""

import threading

import pytest

from models import Attempt
from tests.accounts.conftest import is_in
from workflows.accounts import password_queue
from workflows.accounts.password_queue import KNOWN, UNKNOWN, Busy, PasswordQueue


class Crowd:
    """People at one queue whose first place is taken until `go`."""

    def __init__(self):
        self.queue, self.order, self.sent_away, self.threads = PasswordQueue(), [], [], []
        self.held, self.open = threading.Event(), threading.Event()
        self._start(self._hold)
        self.held.wait(10)

    def _start(self, work, *values):
        self.threads.append(threading.Thread(target=work, args=values))
        self.threads[-1].start()

    def _hold(self):
        with self.queue.turn():
            self.held.set()
            self.open.wait(30)

    def come(self, name, rank):
        """One more comes, and has found a place or was sent away when this returns."""
        with self.queue.changed:
            before = len(self.queue.waiting), len(self.sent_away)
        self._start(self._take, name, rank)
        while True:
            with self.queue.changed:
                if (len(self.queue.waiting), len(self.sent_away)) != before or name in str(self.queue.waiting):
                    return
            if name in self.sent_away:
                return

    def _take(self, name, rank):
        try:
            with self.queue.turn(rank):
                self.order.append(name)
        except Busy:
            self.sent_away.append(name)

    def go(self):
        self.open.set()
        for thread in self.threads:
            thread.join(30)
        return self.order


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    monkeypatch.setattr(password_queue, "SECONDS", 60)


def test_known_browsers_go_first_then_places_where_nobody_was_wrong_then_those_with_the_fewest_wrong_tries():
    crowd = Crowd()
    for name, rank in [("spray", 90), ("hospital", 12), ("stranger", UNKNOWN), ("owner", KNOWN), ("other", UNKNOWN)]:
        crowd.come(name, rank)
    assert crowd.go() == ["owner", "stranger", "other", "hospital", "spray"]


def test_few_wait_and_who_is_suspected_most_is_sent_away_first():
    crowd = Crowd()
    for number in range(password_queue.WAITING_SUSPECTS):
        crowd.come(f"spray {number}", 90)
    crowd.come("hospital", 12)
    assert crowd.sent_away == ["spray 3"]
    for number in range(password_queue.WAITING):
        crowd.come(f"stranger {number}", UNKNOWN)
    crowd.come("owner", KNOWN)
    assert set(crowd.sent_away) >= {"hospital", "spray 0", "spray 1", "spray 2", "stranger 7"}
    assert crowd.go() == ["owner", *[f"stranger {number}" for number in range(7)]]


def test_after_a_wrong_try_of_a_suspect_suspects_wait_and_nobody_else(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(password_queue.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(password_queue, "SECONDS", 0)
    queue = PasswordQueue()
    queue.was_wrong(UNKNOWN)
    with queue.turn(200):
        queue.was_wrong(200)
    for rank in (KNOWN, UNKNOWN):
        with queue.turn(rank):
            pass
    with pytest.raises(Busy), queue.turn(200):
        pass
    now[0] += password_queue.MOST_PAUSE
    with queue.turn(200):
        pass
    assert not queue.waiting and queue.free == 1


def test_who_finds_no_place_is_asked_to_come_back_and_has_not_tried(door, monkeypatch):
    monkeypatch.setattr(password_queue.queue, "free", 0)
    monkeypatch.setattr(password_queue, "SECONDS", 0)
    answer = door()
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert "Many people are signing in just now." in answer.text and 'value="amara@example.test"' in answer.text
    assert Attempt.select().count() == 0
    monkeypatch.setattr(password_queue.queue, "free", 1)
    assert is_in(door().browser)
