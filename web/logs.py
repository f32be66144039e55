"""Log lines as JSON, one object a line, each with the id of its request."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from web.request_log import current_request_id

_USUAL = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "taskName"}


class JsonFormatter(logging.Formatter):
    """Writes time (UTC), level, logger, message, request id, and what the caller adds."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line of JSON."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        request_id = current_request_id()
        if request_id is not None:
            said["request_id"] = request_id
        said |= {name: value for name, value in vars(record).items() if name not in _USUAL}
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        # ASCII: no text of a request can end a line or move a terminal's cursor.
        return json.dumps(said, default=str)


def set_up_logs(*, log_format: str, access_log: bool) -> None:
    """Let all logs of this process go to standard error in a format.

    Parameters
    ----------
    log_format : {'text', 'json'}
    access_log : bool
        Whether the lines of requests, which are of level INFO, are among them.
    """
    handler = logging.StreamHandler()
    if log_format == "json":
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    logging.getLogger("web").setLevel(
        logging.INFO if access_log or log_format == "json" else logging.WARNING
    )
