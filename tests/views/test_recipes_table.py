from rich.cells import cell_len

from backlight.views import recipes_table


def test_names_and_titles_stand_in_two_columns():
    assert recipes_table({"xor": "Exclusive or", "course": "The exercise"}).splitlines() == [
        "xor     Exclusive or",
        "course  The exercise",
    ]


def test_a_long_title_goes_on_below_its_beginning_within_80_columns():
    lines = recipes_table({"long": "標題" * 60, "course": "word " * 60}).splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert all(line.startswith((" " * 8, "long    ", "course  ")) for line in lines)
