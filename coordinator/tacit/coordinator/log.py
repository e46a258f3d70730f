"""The coordinator's log: JSON lines that never hold what a request held."""

import contextlib
import logging
import sys
import threading
import traceback
from typing import TextIO

import structlog

Logger = structlog.typing.FilteringBoundLogger


def configure_log(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Write one JSON object per line, to standard error unless told otherwise."""
    target = _Lenient(sys.stderr if stream is None else stream)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: target,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h, _Forward)]:
        root.removeHandler(handler)
    root.addHandler(_Forward())
    root.setLevel(logging.WARNING)


def log() -> Logger:
    """Give the logger."""
    logger: Logger = structlog.get_logger()
    return logger


def describe(error: BaseException) -> dict[str, object]:
    """Say what an unforeseen error is and where it arose, but not its text.

    The text of an exception may quote a value that somebody sent; types and lines of code cannot.
    """
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    }


class _Lenient:
    """Writes lines; a closed pipe or a full disk must not fail what is being logged."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def msg(self, message: str) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._stream.write(message + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = msg


class _Forward(logging.Handler):
    """Passes on what libraries log: logger and message template, without its arguments."""

    def emit(self, record: logging.LogRecord) -> None:
        details = describe(record.exc_info[1]) if record.exc_info and record.exc_info[1] else {}
        log().warning("library", logger=record.name, template=str(record.msg), **details)
