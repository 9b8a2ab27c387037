"""All mistakes by their slugs, in the order of the groups.

To add one, write an entry in the file of its group; it is found here by itself.
"""

from __future__ import annotations

from backlight.engines.mistakes import derivatives, hidden_path, linear_algebra, losses, state
from backlight.engines.mistakes.mistake import Mistake

MISTAKES: dict[str, Mistake] = {
    entry.slug: entry
    for group in (hidden_path, derivatives, losses, linear_algebra, state)
    for entry in vars(group).values()
    if isinstance(entry, Mistake)
}
