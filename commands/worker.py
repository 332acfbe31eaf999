"""Background work: push messages, mail, and what keeps the record, run by huey's threads in one process (`work`).

Rows say what is to be done, so a job carries nothing and one that was lost is done by the next: the queue may be
emptied at any time. Each job is put into it again and again, as often as `JOBS` says.
"""

import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from peewee import PeeweeException
from playhouse.pool import MaxConnectionsExceeded

from commands import backup, delivery, failed_mail, letters, notices, record
from commands.cli import settings
from workflows.accounts import accounts
from workflows.notices import failed_mail as failed_mail_workflow
from workflows.notices import letters as letters_workflow
from workflows.notices import notices as notices_workflow
from workflows.people import lifecycle, part_changeovers, retention
from workflows.portfolio import editions
from workflows.scans import hidden_list

log = logging.getLogger("sonofolio")

THREADS = 2  # a long job does not hold up a push message
TICK_SECONDS, BUSY_SECONDS, STOP_SECONDS = 2, 15, 20


@dataclass(frozen=True)
class Job:
    """Something that is done every so many `seconds`, if it `is_due`, the first time `after` so many; `run` returns how
    much it did.
    """

    run: Callable[[], int]
    seconds: int
    is_due: Callable[[], bool] = lambda: True
    after: int = 0


def make_editions() -> int:
    """Make the editions of portfolios that are due; returns how many were made."""
    return editions.make_due(settings(), lambda code: delivery.link("verify.show", code=code))


JOBS = {
    "push": Job(notices.push, TICK_SECONDS, notices.is_push_due),
    "letters": Job(letters.send_due, TICK_SECONDS, letters_workflow.is_due),
    "mail": Job(notices.send_digests, 60),
    "weekly_mail": Job(record.mail_weekly, 60),
    "failed_mail": Job(failed_mail.send_asked, 15, failed_mail_workflow.is_asked),
    "editions": Job(make_editions, TICK_SECONDS, editions.is_due),
    "parts": Job(part_changeovers.hand_over_due, 60),
    "anchor": Job(record.anchor, 60),
    "sign_outs": Job(accounts.write_signed_out, 60),
    "backup": Job(backup.make_nightly, 60, backup.is_due, after=60),
    "hidden": Job(hidden_list.finish, 15, hidden_list.is_due),
    "old_notices": Job(notices_workflow.delete_old, 24 * 3600),
    "old_letters": Job(letters_workflow.delete_old, 24 * 3600),
    "retention": Job(retention.remind, 24 * 3600),
    "study": Job(lifecycle.remind, 24 * 3600),
    "old_sign_ins": Job(retention.delete_old_sign_ins, 24 * 3600),
}


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@click.option("--beside", type=int, help="End when this process, which started us, does.")
@with_appcontext
def work(once: bool, beside: int | None) -> None:
    """Do what is to be done in the background: push messages as it happens, mail in the morning. Runs until it is
    ended; several may run at once.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if once:
        with app.extensions["database"].connection_context():
            done = {name: job.run() for name, job in JOBS.items()}
        mailed = sum(done[name] for name in ("letters", "mail", "weekly_mail", "failed_mail"))
        click.echo(f"{done['push']} pushed, {mailed} mailed.")
        return
    stop = threading.Event()
    consumer = _consumer(app)
    consumer.start()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    has_keys = app.config["SONOFOLIO"].vapid_private_key
    click.echo(f"Delivering: mail{' and push messages' if has_keys else ', and no push messages without VAPID keys'}.")
    while not stop.wait(TICK_SECONDS) and beside in (None, os.getppid()):
        consumer.check_worker_health()
    consumer.stop(graceful=True)


def _consumer(app: Flask):
    """huey's consumer of our jobs: a thread that puts into the queue what is due, and threads that do it."""
    from huey.consumer import Consumer, Scheduler

    class EachTick(Scheduler):
        periodic_task_seconds = TICK_SECONDS  # huey's own is a minute

    class Ours(Consumer):
        scheduler_class = EachTick

    logging.getLogger("huey").setLevel(logging.WARNING)
    queue = open_queue(app.config["SONOFOLIO"].queue_url)
    for name, job in JOBS.items():
        queue.periodic_task(_every(app, name, job), name=name, expires=60)(partial(_run, app, name, job.run))
    return Ours(
        queue,
        workers=THREADS,
        initial_delay=TICK_SECONDS / 4,
        max_delay=TICK_SECONDS / 4,
        scheduler_interval=TICK_SECONDS,
        shutdown_timeout=STOP_SECONDS,
    )


def open_queue(url: str):
    """The queue of jobs that a setting names, as huey has it.

    Args:
        url: `sqlite:///path`, `postgresql://...`, or `redis://...`, which wants the package redis.
    """
    import huey
    from huey.registry import Message
    from huey.serializer import Serializer

    class AsJson(Serializer):
        """Jobs as JSON. huey's own way would run whatever somebody has written into the queue."""

        def _serialize(self, data: Message) -> bytes:
            return json.dumps(data, default=str).encode()

        def _deserialize(self, data: bytes) -> Message:
            message = Message(*json.loads(bytes(data)))
            return message._replace(**{name: _instant(getattr(message, name)) for name in ("eta", "expires_resolved")})

    options = {"name": "sonofolio", "results": False, "serializer": AsJson()}
    if url.startswith("sqlite:///"):
        return huey.CySqliteHuey(filename=url.removeprefix("sqlite:///"), pragmas={"synchronous": 1}, **options)
    if url.startswith("redis"):
        return huey.RedisHuey(url=url, **options)
    return huey.PostgresHuey(dsn=url, **options)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _run(app: Flask, name: str, do: Callable[[], int]) -> int | None:
    """What `do` returns inside the application, with a connection; None, and a line in the log, when it failed."""
    try:
        with app.app_context(), app.extensions["database"].connection_context():
            return do()
    except (PeeweeException, MaxConnectionsExceeded) as error:
        log.warning("%s: the database: %s", name, str(error).partition("\n")[0])
    except Exception:
        log.exception(name)
    return None


def _every(app: Flask, name: str, job: Job) -> Callable[[datetime], bool]:
    """Whether a job is to be put into the queue now, asked at each tick."""
    next_at = time.monotonic() + job.after

    def is_due(_: datetime) -> bool:
        nonlocal next_at
        if time.monotonic() < next_at:
            return False
        found = _run(app, name, job.is_due)
        next_at = time.monotonic() + (BUSY_SECONDS if found is None else job.seconds)
        return bool(found)

    return is_due
