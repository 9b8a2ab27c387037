import gettext
import io
import re
from pathlib import Path

import click
from babel.messages.mofile import write_mo

from backlight.language import borrowed
from backlight.recipes.ready import ready
from tests.language.catalogue import MO, catalogue, collected, fields, first

ENTRIES = [message for message in catalogue() if message.id]
CLICK = Path(click.__file__).parent


def translation(message):
    return message.string if isinstance(message.string, str) else message.string[0]


def test_the_catalogue_has_every_text_of_the_sources_and_no_other():
    assert {first(message.id) for message in ENTRIES} == collected(), "`make messages` brings them together"


def test_every_text_is_translated():
    assert not [message.id for message in ENTRIES if message.fuzzy or not translation(message).strip()]


def test_a_text_that_is_missing_would_be_seen(tmp_path):
    (tmp_path / "new.py").write_text('title = _("a new text")\nother = marked("another")\n')
    assert collected(tmp_path) == {"a new text", "another"}


def test_what_is_loaded_is_what_was_written():
    compiled = io.BytesIO()
    write_mo(compiled, catalogue())
    compiled.seek(0)
    with MO.open("rb") as committed:
        assert gettext.GNUTranslations(committed)._catalog == gettext.GNUTranslations(compiled)._catalog


def test_every_translation_has_the_fields_of_its_text():
    def agrees(message):
        texts = [message.id] if isinstance(message.id, str) else message.id
        # a plural's single translation may use the fields of the plural, which come with both
        return fields(translation(message)) in [fields(text) for text in texts]

    assert not [message.id for message in ENTRIES if not agrees(message)]


def test_the_fields_of_a_text_are_seen():
    assert fields("{ulp:.4g} of {label!r}") == {("ulp", ".4g", None), ("label", "", "r")}
    assert fields("{ulp:.4g} of {label!r}") != fields("{ulp:.3g} of {label!r}")


CHINESE = "[\u4e00-\u9fff]"


def test_every_translation_is_chinese_with_chinese_marks_between_its_words():
    def is_chinese(text):
        words = re.sub(r"\{[^}]*\}", "", text)
        return re.search(CHINESE, words) and not re.search(f"{CHINESE}[,;:?!]({CHINESE}| )", text)

    assert not [message.id for message in ENTRIES if not is_chinese(translation(message))]


def test_a_translation_begins_and_ends_without_spaces_as_its_text_does():
    assert not [message.id for message in ENTRIES if translation(message) != translation(message).strip()]


def test_the_texts_borrowed_from_click_are_clicks():
    sources = "\n".join(file.read_text(encoding="utf-8") for file in CLICK.glob("*.py"))
    ours = [*borrowed.CLICK, *(text for pair in borrowed.CLICK_PLURALS for text in pair)]
    assert not [text for text in ours if f'"{text}"' not in sources]


def test_the_borrowed_titles_are_those_of_the_ready_recipes():
    assert list(borrowed.TITLES) == list(ready().values())
