"""The queue of background work: where a setting says, JSON in it, and nothing in it is ever run but our own jobs."""

from __future__ import annotations

import json
import pickle
from datetime import timedelta

import pytest

from commands import worker

pytestmark = pytest.mark.both


@pytest.fixture
def queue(settings, tmp_path, database):
    """A queue in a SQLite file, or beside the tables in PostgreSQL."""
    url = settings.database_url
    opened = worker.open_queue(url if url.startswith("postgresql") else f"sqlite:///{tmp_path / 'jobs.sqlite3'}")
    yield opened
    opened.flush()
    if url.startswith("postgresql"):
        for table in ("kv", "schedule", "task", "counter"):
            opened.storage.sql(f"drop table huey_{table}", commit=True)
    opened.storage.close()


def test_a_job_goes_through_the_queue_as_json(queue):
    done = []
    queue.task(name="build", expires=timedelta(minutes=1))(done.append)(7)
    (kept,) = queue.storage.enqueued_items()
    assert json.loads(bytes(kept))[1].endswith(".build")
    queue.execute(queue.dequeue())
    assert done == [7] and queue.dequeue() is None


def test_a_job_that_fails_is_tried_again_when_its_time_has_come(queue):
    tries = []

    def fail_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OSError

    queue.task(name="build", retries=1, retry_delay=60)(fail_once)()
    queue.execute(queue.dequeue())
    (waiting,) = queue.scheduled()
    queue.execute(waiting, waiting.eta)
    assert len(tries) == 2


class Trap:
    sprung = False

    def __reduce__(self):
        return setattr, (Trap, "sprung", True)


def test_what_somebody_else_has_written_into_it_is_not_run(queue):
    for written in (pickle.dumps(Trap()), b'["1", "os.system", null, 0, 0, null, ["true"], {}]', b"nonsense"):
        queue.storage.enqueue(written)
        with pytest.raises(Exception, match=".*"):
            queue.dequeue()
    assert not Trap.sprung
