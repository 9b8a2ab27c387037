import pytest

from backlight.language.widths import WIDTH, columns
from backlight.views.text.tables import Column, facts, labelled, on_point, tables


def column(heading, *cells):
    return Column(heading, cells)


FIRST = column("k", "0", "1")


def wide(name):
    return column(name, "1" * 20, "2" * 20)


def test_columns_that_do_not_fit_continue_below():
    lines = tables(FIRST, [[wide(f"c{k}") for k in range(7)]])
    assert lines.count("") == 2
    assert max(map(len, lines)) <= WIDTH


def test_a_group_too_wide_for_a_row_is_cut_evenly():
    lines = tables(FIRST, [[wide(f"c{k}") for k in range(4)]])
    assert [line.split() for line in lines if line and "c" in line] == [["k", "c0", "c1"], ["k", "c2", "c3"]]


def test_a_group_is_not_torn_apart_where_a_row_of_its_own_holds_it():
    lines = tables(FIRST, [[wide("a1"), wide("a2")], [wide("b1"), wide("b2")]])
    assert [line.split() for line in lines if "1 " in line and "k" in line] == [["k", "a1", "a2"], ["k", "b1", "b2"]]


def test_small_groups_share_a_row():
    assert tables(FIRST, [[column("a", "1", "2")], [column("b", "3", "4")]])[0].split() == ["k", "a", "b"]


def test_no_groups_are_no_lines():
    assert tables(FIRST, []) == []


@pytest.mark.parametrize("heading", ["loss", "损失"])
def test_number_columns_end_in_the_same_column_in_any_language(heading):
    lines = tables(FIRST, [[column(heading, "0.5", "0.25")]])
    assert len({columns(line) for line in lines}) == 1


def test_lines_have_no_spaces_at_their_end():
    lines = tables(FIRST, [[column("a", "0   ", "0.25")]]) + labelled([[("w1", "0"), ("w2", "0.5")], [("w3", "1")]])
    assert not [line for line in lines if line != line.rstrip()]


def test_decimal_points_stand_below_each_other():
    assert len({text.index(".") for text in on_point(["0.25", "-10.5", "1.125"])}) == 1


def test_a_fact_without_a_value_is_left_out():
    assert facts([("from", ""), ("loss", "huber")]) == ["loss  huber"]


def test_a_long_fact_goes_on_below_its_beginning():
    first, second = facts([("网络", "word " * 20)])
    assert first.startswith("网络  word")
    assert second.startswith("      word")
