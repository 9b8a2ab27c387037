"""What a caged program may read: Python, the installed libraries but not this one, and the program's folder."""

from __future__ import annotations

import site
import sys
import sysconfig
from functools import cache
from pathlib import Path

SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/dev/null",
    "/dev/zero",
    "/dev/urandom",
    "/dev/random",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system/cpu",
)
"""Shared libraries and what they look at when they are loaded."""

OURS = "backlight"


def readable(folder: Path) -> list[str]:
    """Give the paths beneath which reading is allowed."""
    inside = [one for libraries in library_folders() for one in _but_ours(libraries)]
    return [*SYSTEM, *_standard_library(), *inside, str(folder)]


def listed() -> list[str]:
    """Give the folders whose names may be seen: Python looks for modules there."""
    return library_folders()


@cache
def library_folders() -> list[str]:
    """Where the installed libraries are; not the folders that somebody added for a project."""
    known = {Path(one).resolve() for one in (*site.getsitepackages(), site.getusersitepackages())}
    return [one for one in sys.path if one and Path(one).resolve() in known]


def _standard_library() -> list[str]:
    paths = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib")]
    return [*paths, f"{sys.base_prefix}/lib"] if sys.base_prefix != "/usr" else paths


@cache
def _but_ours(libraries: str) -> list[str]:
    """Everything in a folder of libraries, one by one, but this package: a program may not read its answers."""
    try:
        return [str(one) for one in Path(libraries).iterdir() if not one.name.startswith(OURS)]
    except OSError:
        return []
