"""The worker, as a process of its own: two of them tell once, a busy database is waited for, it ends well."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from commands.worker import JOBS
from models import Person, Subscription, db
from tests.cast import logged
from tests.notices.conftest import KEY, SUBJECT
from workflows.notices import push_delivery

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30


@pytest.fixture
def environment(settings, service, cast):
    Person.update(quiet_from=0, quiet_until=0).execute()  # whatever the time is now
    return os.environ | {
        "SONOFOLIO_ENV": "development",
        "SONOFOLIO_INSTANCE": str(settings.instance),
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "VAPID_PRIVATE_KEY": KEY,
        "VAPID_SUBJECT": SUBJECT,
        "PUSH_TEST_ORIGIN": service.url,
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def worker(environment, *words):
    command = [sys.executable, "-m", "flask", "--app", "app", "work", *words]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            if "--once" not in words:
                assert process.stdout.readline() == "Delivering: mail and push messages.\n"
            yield process
        finally:
            process.kill()


def until(true) -> None:
    """Wait for it."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@pytest.mark.slow
def test_two_workers_tell_once_and_end_when_they_are_asked_to(cast, environment, subscribe, service):
    """One of them beside a server that lives, which is we."""
    phones = [subscribe(cast.ravi), *(subscribe(cast.grace) for _ in range(5))]
    with worker(environment, "--beside", str(os.getpid())) as one, worker(environment) as other:
        logged(cast.amara, cast.ravi), logged(cast.mei, cast.grace)
        until(lambda: Subscription.select().where(Subscription.delivered_until > Subscription.made_at).count() == 6)
        for process in (one, other):
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0, process.stdout.read()
    assert [len(phone.told) for phone in phones] == [1] * 6


@pytest.mark.slow
@pytest.mark.sqlite
def test_a_database_that_is_busy_ends_no_worker(cast, environment, subscribe, service):
    phone = subscribe(cast.ravi)
    logged(cast.amara, cast.ravi)
    with ExitStack() as running:
        with db.atomic():  # somebody holds the writers' place for longer than anybody waits
            db.execute_sql("UPDATE person SET theme = theme")
            process = running.enter_context(worker(environment))
            assert process.stdout.readline().partition("] ")[2].partition(": the database: ")[0] in JOBS
            assert process.poll() is None and not service.taken
        until(lambda: phone.told)
        process.terminate()
        assert process.wait(PATIENCE) == 0


@pytest.mark.slow
def test_once_sends_what_is_due_and_ends(cast, environment, subscribe, service):
    subscribe(cast.ravi)
    logged(cast.amara, cast.ravi)
    with worker(environment, "--once") as process:
        assert process.wait(PATIENCE) == 0
        assert process.stdout.read().startswith("1 pushed, ")


@pytest.mark.slow
def test_beside_a_server_it_ends_with_it(environment):
    """As `make run` starts it: a child of the shell that becomes the server."""
    with worker(environment, "--beside", "1") as process:
        assert process.wait(PATIENCE) == 0


def test_a_thread_that_dies_between_claim_and_answer_is_made_good_later(cast, subscribe, sender, monkeypatch):
    subscribe(cast.ravi)
    Person.update(quiet_from=0, quiet_until=0).execute()
    logged(cast.amara, cast.ravi)
    import clock

    assert len(push_delivery.claim(clock.now())) == 1  # and whoever claimed it is killed here
    later = clock.now() + push_delivery.LEASE
    monkeypatch.setattr(clock, "now", lambda: later)
    assert push_delivery.deliver(sender) == 1


def test_vapid_keys_prints_the_lines_of_the_settings(app):
    import config

    printed = app.test_cli_runner().invoke(args=["vapid-keys", "--subject", SUBJECT]).output
    given = dict(line.split("=", 1) for line in printed.splitlines())
    settings = config.from_environment({"SONOFOLIO_INSTANCE": "/tmp", "SECRET_KEY": "x" * 32, **given})
    assert settings.vapid_subject == SUBJECT and len(settings.vapid_public_key) == 87
