"""Structured logs: one JSON line per record on standard error, with ids and without content."""

import logging
import sys
from typing import Any

import structlog
from aiohttp.http_exceptions import HttpProcessingError

Logger = structlog.stdlib.BoundLogger


class WithoutRequests(logging.Filter):
    """What aiohttp's parser refuses, it logs with a trace that quotes the request line, in which
    tickets travel. That somebody sent what can't be read is worth a line; it is no failure of
    ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.msg, record.args, record.exc_info = "unreadable request", (), None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


def set_up_logs(service: str, level: str) -> None:
    """Send every log line, ours and the libraries', through one JSON renderer.

    `level` is debug, info, warning or error. Neither message content nor tokens may be logged:
    callers pass ids, counts and codes.
    """
    shared_steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        lambda _logger, _name, record: {"service": service, **record},
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared_steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared_steps,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    handler.addFilter(WithoutRequests())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    # The broker's libraries log each failed attempt with a trace; supervision says it in a line.
    for noisy in ("aio_pika", "aiormq", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


def get_logger(name: str) -> Logger:
    """A logger bound to `name`, the module that speaks."""
    logger: Logger = structlog.get_logger(module=name)
    return logger
