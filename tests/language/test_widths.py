from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from backlight.language.widths import columns, left, plain, right, wrap

SAMPLES = [
    "loss",
    "损失不再下降",
    "w1 = 0.2，第 3 次迭代",
    "（括号）「引号」",
    "e\u0301tude",  # an accent of its own
    "dL/dw − 1 × σ",
    "ｆｕｌｌ　ｗｉｄｔｈ",
    "한국어 にほんご",
]


@pytest.mark.parametrize("text", SAMPLES)
def test_a_text_is_as_wide_as_an_independent_library_says(text):
    assert columns(text) == cell_len(text)


@pytest.mark.parametrize("text", SAMPLES)
def test_filling_up_counts_columns_not_characters(text):
    assert cell_len(left(text, 40)) == cell_len(right(text, 40)) == 40


texts = st.text(st.sampled_from("ab1.，。（）损失迭代 （\u0301"), max_size=120)


@given(texts, st.integers(8, 40))
def test_wrapped_lines_fit_and_lose_nothing(text, width):
    lines = wrap(text, first="- ", rest="  ", width=width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(line[2:] for line in lines).replace(" ", "") == "".join(text.split())


@given(
    st.lists(st.sampled_from(["字", "字，", "字。", "（字）", "《字", "字》。"]), max_size=40).map("".join),
    st.integers(10, 40),
)
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(text, width):
    lines = wrap(text, width=width)
    assert not any(line[0] in "，。）》" for line in lines[1:])
    assert not any(line[-1] in "（《" for line in lines[:-1])


def test_a_word_longer_than_a_line_is_cut():
    assert wrap("w" * 25, width=10) == ["w" * 10, "w" * 10, "w" * 5]


def test_chinese_breaks_between_characters():
    assert wrap("损失在第三次迭代之后不再下降。", width=12) == ["损失在第三次", "迭代之后不再", "下降。"]


HOSTILE = "\x1b[31mred\x1b[0m\x07 a\nb\tc \u202eright to left\u2066 \x9b2J \ud800 \ufeff\u2028end"


def test_a_hostile_text_is_one_line_without_anything_a_terminal_obeys():
    shown = plain(HOSTILE)
    assert not [c for c in shown if category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert shown.startswith(r"\x1b[31mred")
    shown.encode()  # no lone surrogate is left


@given(st.text(max_size=60))
def test_no_text_at_all_can_command_the_terminal(text):
    assert not [c for c in plain(text) if category(c) in {"Cc", "Cs", "Zl", "Zp"} or c in "\u202a\u202b\u202d\u202e"]


def test_an_ordinary_title_stays_as_it_is():
    title = "课程练习: two inputs → two outputs, naïve"
    assert plain(title) == title
