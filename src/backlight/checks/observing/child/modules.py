"""What torch's own modules compute inside: the input, the parameters and the output of each, as they are called.

``nn.Sequential(...)(X)`` is one expression of a program, but its layers are several steps. torch tells of each call of
a module, and leaves no mark on the module, so that it can be saved and printed as ever.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

INPUT, OUTPUT = "(input)", "()"
"""Keys of the variables that hold what a module was given and what it gave."""


class Records(Protocol):
    """What records a value as the part of an object with a key, at a place in the source."""

    def part_of_module(self, site: int, owner: Any, key: str, value: Any, suffix: str) -> None:
        """Record it."""


class Modules:
    """Follows the calls of modules whose forward pass is torch's own.

    Parameters
    ----------
    recorder : Records
    is_silent : function
        Whether nothing is recorded at present.
    """

    def __init__(self, recorder: Records, is_silent: Callable[[], bool]) -> None:
        self._recorder, self._is_silent = recorder, is_silent
        self._called: dict[int, tuple[Any, int, str]] = {}
        """By the identity of a module: the module, which keeps it, the place in the source, and its path from there."""
        self._listens = False

    def follow(self, site: int, module: Any) -> None:
        """Follow a module that is about to be called at a place in the source, if its forward pass is torch's own."""
        if not is_torchs(module):
            return
        known = self._called.get(id(module))
        if known is None or known[1:] != (site, ""):
            for path, inner in module.named_modules():
                self._called[id(inner)] = inner, site, path
        if not self._listens:
            self._listens = True
            torch = sys.modules["torch"].nn.modules.module
            torch.register_module_forward_pre_hook(self._begins)
            torch.register_module_forward_hook(self._ends)

    def _begins(self, module: Any, given: tuple[Any, ...]) -> None:
        if given and self._is_single(module):
            self._tell(module, INPUT, given[0])
            for name, parameter in module.named_parameters(recurse=False):
                self._tell(module, name, parameter)

    def _ends(self, module: Any, _given: tuple[Any, ...], output: Any) -> None:
        if self._is_single(module):
            self._tell(module, OUTPUT, output)

    def _is_single(self, module: Any) -> bool:
        """Whether a module is one step, and seen from the program."""
        return not self._is_silent() and id(module) in self._called and not module._modules and is_torchs(module)  # noqa: SLF001  torch has no cheaper way to ask

    def _tell(self, module: Any, key: str, value: Any) -> None:
        _module, site, path = self._called[id(module)]
        self._recorder.part_of_module(site, module, key, value, f"{path}.{key}" if path else key)


def is_torchs(module: Any) -> bool:
    """Whether the forward pass of a module is written in torch, and not in the program."""
    return str(getattr(type(module).forward, "__module__", "")).startswith("torch.")
