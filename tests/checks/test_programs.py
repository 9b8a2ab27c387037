"""Programs are read as Python reads them, and what cannot be read is told with the line and a way out."""

import ast
import json

import pytest

from backlight.checks.observing.programs import ProgramError, read_program


def written(folder, data, name="program.py"):
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def fault(path):
    with pytest.raises(ProgramError) as caught:
        read_program(path)
    (one,) = caught.value.faults
    return one


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a = 1\r\nb = 2\r\n", "a = 1\nb = 2\n"),
        (b"a = 1\rb = 2\r", "a = 1\nb = 2\n"),
        (b"\xef\xbb\xbfa = 1\n", "a = 1\n"),
        ("if 1:\n\t权重 = 1  # 注释\n".encode(), "if 1:\n\t权重 = 1  # 注释\n"),
        ("# -*- coding: gbk -*-\na = '权重'\n".encode("gbk"), "# -*- coding: gbk -*-\na = '权重'\n"),
        ("# coding: latin-1\na = 'é'\n".encode("latin-1"), "# coding: latin-1\na = 'é'\n"),
        (b"a = 1", "a = 1"),
    ],
)
def test_a_program_is_read_as_python_reads_it(data, text, tmp_path):
    assert read_program(written(tmp_path, data)).text == text


def test_a_file_that_does_not_exist_names_its_neighbour(tmp_path):
    written(tmp_path, "a = 1\n", "network.py")
    path = tmp_path / "netwrok.py"
    told = fault(path)
    assert (told.code, told.try_this) == ("C-FILE-1", "network.py")
    assert told.because == f"it was looked for at {path}"
    assert told.sentence.endswith("does not exist")


def test_a_folder_is_no_program(tmp_path):
    assert (fault(tmp_path).code, fault(tmp_path).because) == ("C-FILE-1", "what is read is one file of text")


@pytest.mark.parametrize(
    ("data", "because", "try_this"),
    [
        (
            "a = '权重'\n".encode("gbk"),
            "byte 7 of it cannot be read",
            "save it as UTF-8, or write as its first line: # -*- coding: gb18030 -*-",
        ),
        (b"a = '\xff\xfe\xff\xff'\n", "byte 5 of it cannot be read", "save it as UTF-8"),
        (b"# coding: klingon\na = 1\n", "unknown encoding: klingon", None),
        (b"\x80\x00\x01\xff\xff" * 9, "byte 0 of it cannot be read", "save it as UTF-8"),
    ],
)
def test_text_in_an_encoding_that_was_not_declared_is_told(data, because, try_this, tmp_path):
    told = fault(written(tmp_path, data))
    assert told.code == "C-FILE-2"
    assert told.because.startswith(because)
    assert try_this in {None, told.try_this}


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n"])
def test_a_program_without_a_statement_is_empty(text, tmp_path):
    told = fault(written(tmp_path, text))
    assert (told.code, told.sentence[-8:]) == ("C-FILE-3", "is empty")


def test_a_file_of_megabytes_is_no_program(tmp_path):
    told = fault(written(tmp_path, "a = 1\n" * 300_000))
    assert (told.code, told.sentence[-26:]) == ("C-FILE-3", "is too large for a program")


def test_a_syntax_error_shows_its_line_and_column(tmp_path):
    path = written(tmp_path, "a = 1\n权重 = (1 +\nb = 2\n")
    assert fault(path).text() == (
        f"this is not Python   [C-SYNTAX-1]\n  where     {path}:2:6\n  got       权重 = (1 +\n  because   '(' was never closed"
    )


@pytest.mark.parametrize(
    "text", ["a = 1\x00\n", "a = " + "(" * 300 + ")" * 300 + "\n", "x" + "." * 3, "if 1:\n\ta = 1\n        b = 2\n"]
)
def test_other_texts_that_python_cannot_parse_are_told_in_the_same_form(text, tmp_path):
    assert fault(written(tmp_path, text)).code == "C-SYNTAX-1"


@pytest.mark.parametrize(
    ("line", "now"),
    [
        ('print "loss", x', 'print("loss", x)'),
        ("print x,  # goes on", 'print(x, end=" ")  # goes on'),
        ("try:\n    pass\nexcept ValueError, e:\n    pass", "except ValueError as e:"),
    ],
)
def test_python_2_has_a_fault_of_its_own_with_the_line_as_it_is_written_now(line, now, tmp_path):
    path = written(tmp_path, f"x = 1\n{line}\n")
    told = fault(path)
    assert (told.code, told.sentence, told.try_this) == ("C-PYTHON2-1", "this is Python 2", now)
    assert told.got in line
    ast.parse(now if now.startswith("print") else f"try:\n    pass\n{now}\n    pass")


def notebook(*cells, **more):
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells], "nbformat": 4, **more})


def test_a_notebook_is_the_program_of_its_code_cells(tmp_path):
    text = json.dumps(
        {
            "cells": [
                {"cell_type": "markdown", "source": ["# Title"]},
                {"cell_type": "code", "source": ["import math\n", "%matplotlib inline\n", "w = 0.5"]},
                {"cell_type": "code", "source": "if w:\n    !pip install x\n    w -= (w\n      % 2)\nfiles = !ls\nw?"},
                {"cell_type": "code", "source": "%%bash\nrm -rf /"},
                {"cell_type": "code", "source": "%%time\nw = w * 2"},
            ]
        }
    )
    program = read_program(written(tmp_path, text, "my.ipynb"))
    assert program.lines == (
        "# In[1]:", "import math", "# %matplotlib inline", "w = 0.5", "",
        "# In[2]:", "if w:", "    pass  # !pip install x", "    w -= (w", "      % 2)", "files = None  # !ls", "# w?", "",
        "# In[3]:", "# %%bash", "# rm -rf /", "",
        "# In[4]:", "# %%time", "w = w * 2",
    )  # fmt: skip


def test_a_notebook_of_format_3_is_read_too(tmp_path):
    text = json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": ["a = 1"]}]}]})
    assert read_program(written(tmp_path, text, "old.ipynb")).lines == ("# In[1]:", "a = 1")


def test_a_line_that_begins_with_an_operator_is_no_magic(tmp_path):
    program = read_program(written(tmp_path, notebook("a = (7\n% 4)"), "my.ipynb"))
    assert program.lines[1:3] == ("a = (7", "% 4)")


@pytest.mark.parametrize(
    "text",
    ["a = 1\n", "[]", "{}", '{"cells": []}', '{"cells": [{"cell_type": "markdown", "source": "x"}]}', '{"cells": 7}'],
)
def test_a_notebook_without_code_is_told(text, tmp_path):
    assert fault(written(tmp_path, text, "my.ipynb")).code == "C-FILE-4"
