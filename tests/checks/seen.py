"""Short ways to observe a text and to ask what was seen."""

from backlight.checks.observing.observe import observe
from backlight.checks.observing.programs import read_program


def run(folder, text, name="program.py", **how):
    """Observe a program that consists of this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return observe(read_program(path), **how)


def values(observation, source, *kinds):
    """The values of all events at sites with this source, as lists and numbers."""
    events = zip(observation.site, observation.value, strict=True)
    wanted = [(observation.sites[site], value) for site, value in events]
    return [
        observation.values[value].tolist()
        for site, value in wanted
        if source in {site.source, site.name} and (not kinds or site.kind in kinds)
    ]


def places(observation, source, *kinds):
    """The different places of all events at sites with this source, as (kind, key, text)."""
    events = zip(observation.site, observation.place, strict=True)
    numbers = [
        place
        for site, place in events
        if observation.sites[site].source == source and (not kinds or observation.sites[site].kind in kinds)
    ]
    found = [observation.places[number] for number in dict.fromkeys(numbers) if number >= 0]
    return [(place.kind, place.key, place.text) for place in found]


def objects(observation, source, *kinds):
    """The numbers of the objects at sites with this source."""
    events = zip(observation.site, observation.object, strict=True)
    return [
        int(thing)
        for site, thing in events
        if observation.sites[site].source == source and (not kinds or observation.sites[site].kind in kinds)
    ]
