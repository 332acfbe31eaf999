"""Run the real product on a database of its own, filled with the demo course, until the caller is done with it.

The browser tests, the fault runs and the pictures use it: real processes and database, real HTTP, a port that is free.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 600  # what takes longer hangs: a busy machine is no fault


@dataclass
class Server:
    """A running product: its address, the process of serve.py, what it has printed, and the environment it runs in."""

    url: str
    process: subprocess.Popen
    environment: dict[str, str]
    lines: list[str] = field(default_factory=list)

    @property
    def log(self) -> str:
        """All that it printed so far, for a message that says why it failed."""
        return "".join(self.lines)


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def environment(folder: Path, port: int, database_url: str = "") -> dict[str, str]:
    """The environment of a product that keeps everything in `folder`, its database too unless another is named,
    whatever is set around us.
    """
    ours = ("SONOFOLIO_", "DATABASE_URL", "SECRET_KEY", "SMTP_URL", "BASE_URL", "TRUST_PROXY")
    ours += ("VAPID_", "PUSH_TEST_ORIGIN", "FLASK_", "GRANIAN_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return inherited | {
        "SONOFOLIO_ENV": "development",
        "SONOFOLIO_INSTANCE": str(folder),
        "DATABASE_URL": database_url or f"sqlite:///{folder / 'demo.sqlite3'}",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }


def flask(*words: str, env: dict[str, str]) -> str:
    """Run a command of the product, `flask("migrate", env=...)`, and return what it printed; raises when it fails."""
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"`flask {' '.join(words)}` ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
    return ran.stdout


@contextmanager
def demo_server(
    folder: Path,
    *,
    seed: bool = True,
    workers: int = 2,
    database_url: str = "",
    settings: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """The product on a fresh database (in `folder` unless another is named), served as `make run` serves it, with these
    settings beside its own; ended with all its workers after.

    Raises RuntimeError, with what it printed, when it does not answer /healthz.
    """
    port = free_port()
    env = environment(folder, port, database_url) | dict(settings or {})
    flask("migrate", env=env)
    if seed:
        flask("seed-demo", env=env)
    with serve(env, workers=workers) as server:
        yield server


@contextmanager
def serve(env: dict[str, str], *, workers: int = 2, what: str = "asgi:create_app") -> Iterator[Server]:
    """Serve the database that `env` names (see `environment`): to start again what a fault run has killed."""
    command = [sys.executable, "serve.py", what]
    env = env | {"WORKERS": str(workers)}
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        server = Server(f"http://127.0.0.1:{env['PORT']}", process, env)
        reader = threading.Thread(target=_read, args=(process, server.lines), daemon=True)
        reader.start()
        try:
            _wait_for_health(server)
            yield server
        finally:
            _end(process)
            reader.join(5)


def _read(process: subprocess.Popen, lines: list[str]) -> None:
    """Keep what the server prints; an unread pipe would stop it."""
    lines.extend(process.stdout)


def _wait_for_health(server: Server) -> None:
    """Ask until it answers. It says "listening" and "started" before it does either, so asking is the one sure sign."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{server.url}/healthz", timeout=START_SECONDS) as answer:
                answer.read()
                return
        except urllib.error.HTTPError as fault:
            raise RuntimeError(f"/healthz answers {fault.code}. The server said:\n{server.log}") from fault
        except OSError as fault:
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server does not answer ({fault}). It said:\n{server.log}") from fault
            time.sleep(0.02)


def _end(process: subprocess.Popen) -> None:
    """Stop the master politely, then whatever is left: a worker told to stop as it starts may not hear."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
