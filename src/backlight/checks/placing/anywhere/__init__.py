"""A repair looked for anywhere in a program, where the ways back lead nowhere: every slip of the pen there is, run.

Which lines are edited (`edits`), all edits in one program (`together`), which numbers a right one would compute
(`wanted`), and the search itself (`search`). Nothing here knows of mistakes; what is found is proved like any repair.
"""
