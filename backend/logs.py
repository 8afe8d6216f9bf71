"""Logging that cannot leak: from libraries only the fixed part of a message, from errors only their type and place.

Libraries put addresses, paths, queries and database values into arguments and exception texts
(Daphne names the peer, PostgreSQL quotes the row). None of that is formatted. Kindred's own loggers
(`backend`, `chat`, `moderation`) are formatted whole: what they log is chosen by us and tested.
"""

import logging
import logging.config
import sys
import traceback
from typing import Any

OWN = ("backend", "chat", "moderation")


class PrivateFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        own = record.name.split(".")[0] in OWN
        message = record.getMessage() if own else self._template(record)
        line = f"{record.levelname.lower()} {record.name}: {message}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        error = ei[1]
        lines: list[str] = []
        while error is not None:
            lines.append(f"  {type(error).__module__}.{type(error).__qualname__}")
            lines += [
                f"    {frame.filename.rsplit('/', 2)[-2:]}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ]
            error = error.__cause__ or error.__context__
        return "\n".join(lines)

    @staticmethod
    def _template(record: logging.LogRecord) -> str:
        # A message without arguments may have been formatted by its caller; only a template is known to be fixed.
        if record.args and isinstance(record.msg, str):
            return record.msg
        return f"(text withheld) {record.module}:{record.lineno}"


def configure(config: dict[str, Any]) -> None:
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"private": {"()": PrivateFormatter}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "private", "stream": sys.stderr}},
            "root": {"handlers": ["stderr"], "level": "WARNING"},
            "loggers": {
                **{name: {"level": config["level"]} for name in OWN},
                # A 4xx is an answer, not a fault, and its line would name what was asked for.
                "django.request": {"level": "ERROR"},
                "django.security": {"level": "ERROR"},
            },
        }
    )
