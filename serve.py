"""Serve Sonofolio, and start the server again whenever it ends: `python serve.py`, which `make run` and systemd run.

granian starts a dead worker again by itself. When a worker dies twice within seconds granian ends, and nothing of it is
left when its main process is killed: then this starts it again. HOST and PORT say where, WORKERS how many processes.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import config

ROOT = Path(__file__).resolve().parent
LOOK_SECONDS = 0.1  # how often we look whether it has ended
PAUSE_SECONDS = 0.5  # before it is started again: one that cannot start must not keep the machine busy
STOP_SECONDS = 10  # for requests in progress, once it is told to stop
PR_SET_PDEATHSIG = 1  # linux/prctl.h

DEFAULTS = {
    "HOST": "127.0.0.1",
    "PORT": "8000",
    "WORKERS": "2",
    # glibc else keeps heaps for a worker's 32 threads: after a crowd both workers took 239 MB, 191 with two heaps, and
    # 10 less with one, no slower.
    "MALLOC_ARENA_MAX": "1",
}

# A client that is silent in its headers, or idle between requests, is dropped after HEADERS_MS; for a body asgi.py has
# the time. HTTP/2 is left to the proxy in front: no browser speaks it without TLS, and to tell it from HTTP/1 granian
# waits for a connection's first bytes without a limit.
HEADERS_MS = 10_000
CONNECTIONS = 4096  # of one worker: a thousand phones, and thousands that are silent
GRANIAN = (
    *("--interface", "asginl", "--factory", "--http", "1", "--no-ws"),
    *("--http1-header-read-timeout", str(HEADERS_MS), "--http1-buffer-size", "65536"),
    *("--backlog", "2048", "--backpressure", str(CONNECTIONS)),
    *("--respawn-failed-workers", "--workers-kill-timeout", "3"),
)


def command(environ: dict[str, str], application: str) -> list[str]:
    """The command line of the server."""
    where = ("--host", environ["HOST"], "--port", environ["PORT"], "--workers", environ["WORKERS"])
    return [str(Path(sys.executable).with_name("granian")), *GRANIAN, *where, application]


def end_with_parent() -> None:
    """Ask the kernel to kill this process when the one that started it ends, so that no server is left over beside the
    next. Linux alone can; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run(environ: dict[str, str], application: str) -> None:
    """Serve until we are told to end (SIGINT, SIGTERM); a server that ends before is started again."""
    stopping = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: stopping.set())
    while not stopping.is_set():
        server = subprocess.Popen(command(environ, application), cwd=ROOT, env=environ, preexec_fn=end_with_parent)
        while server.poll() is None and not stopping.wait(LOOK_SECONDS):
            pass
        if server.poll() is not None:
            sys.stderr.write(f"The server has ended ({server.returncode}); it is started again.\n")
            sys.stderr.flush()
            stopping.wait(PAUSE_SECONDS)
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()


def check_address(host: str, port: int) -> None:
    """Raises SystemExit when somebody listens there: granian would share the port with them."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((host, port))
        except OSError as error:
            raise SystemExit(f"{host}:{port}: {error.strerror}") from None


def main(application: str = "asgi:create_app") -> None:
    """Serve `application` where HOST, PORT and WORKERS say."""
    environ = DEFAULTS | {k: v for k, v in os.environ.items() if v}
    settings = config.from_environment(environ)  # a wrong setting is told once, and not at every start
    check_address(environ["HOST"], int(environ["PORT"]))
    if settings.production:  # ... and so is whatever else it does not start with, the demo course's database above all
        check = [sys.executable, "-c", "import app; app.create_app()"]
        if failed := subprocess.run(check, cwd=ROOT, env=environ, check=False).returncode:
            raise SystemExit(failed)
    run(environ, application)


if __name__ == "__main__":
    main(*sys.argv[1:])
