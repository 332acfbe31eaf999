"""The product inside a server that dies when it is told to: after a request was done, before its answer leaves.

For `serve(env, what="tests.faults.dying:create_app")`. A request that carries `X-Die` leaves its answer in the
instance's folder and takes the worker with it.
"""

from __future__ import annotations

import os
from pathlib import Path

import asgi

UNSENT = "unsent-answer.json"


def create_app():
    """The product; its worker ends with the answer that a request asked it not to give."""
    from app import create_app as product

    made = product()
    served = made.wsgi_app

    def dying(environ, start_response):
        answer = served(environ, start_response)
        if "HTTP_X_DIE" in environ:
            Path(os.environ["SONOFOLIO_INSTANCE"], UNSENT).write_bytes(b"".join(answer))
            os._exit(1)
        return answer

    made.wsgi_app = dying
    return asgi.serve(made)
