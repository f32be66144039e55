"""What the running command was called with, as it may be kept and shown."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_USER_INFO = re.compile(r"(?<=://)[^/@\s]+@")


def command_line() -> str:
    """Return the command with its arguments, without names and passwords in addresses."""
    return _USER_INFO.sub("", " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]))
