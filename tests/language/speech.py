"""The languages, for tests that hold in each of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from backlight import language


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Speak a language for a while."""
    before = language.current()
    language.use(name)
    try:
        yield
    finally:
        language.use(before)
