"""What happened to a model or its vectors, noted under gensim's names."""

from __future__ import annotations

import datetime
import logging
import platform
import sys
from typing import Any

from fastw2v._version import __version__

logger = logging.getLogger("fastw2v.lifecycle")


class Lifecycle:
    """Keeps a list of events.

    Attributes
    ----------
    lifecycle_events : list of dict, or None
        Each has "event", "datetime" (ISO 8601, UTC), the versions "fastw2v" and "python",
        "platform", and what else was said about it. Set it to None and events are only logged.
    """

    lifecycle_events: list[dict[str, Any]] | None

    def add_lifecycle_event(
        self, event_name: str, log_level: int = logging.INFO, **event: Any
    ) -> None:
        """Log an event, and append it to `lifecycle_events` unless that is None.

        Parameters
        ----------
        event_name : str
            What happened.
        log_level : int
            Level of the log message; 0 writes none.
        **event
            Anything else to remember about it.
        """
        entry = {
            **event,
            "datetime": datetime.datetime.now(datetime.timezone.utc).isoformat(),
            "fastw2v": __version__,
            "python": sys.version,
            "platform": _platform(),
            "event": event_name,
        }
        events = self.__dict__.setdefault("lifecycle_events", [])
        if events is not None:
            events.append(entry)
        if log_level:
            logger.log(log_level, "%s lifecycle event %s", type(self).__name__, entry)


def _platform() -> str:
    # platform.platform() may start a program.
    return f"{platform.system()}-{platform.release()}-{platform.machine()}"
