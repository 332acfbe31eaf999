"""How the program's own log lines look: when (UTC), how grave, which process, what; one entry never looks like two."""

import logging
import time


class Lines(logging.Formatter):
    """Further lines of an entry (a fault's trace, or a text with line ends in it) begin with a bar."""

    converter = time.gmtime
    default_time_format, default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s[%(process)d] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return "\n    | ".join(super().format(record).splitlines())


def begin_logging() -> None:
    """Write what the product logs to the standard error stream, which its supervisor keeps."""
    log = logging.getLogger("sonofolio")
    if not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(Lines())
        log.addHandler(handler)
        log.propagate = False
