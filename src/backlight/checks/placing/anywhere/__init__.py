"""A repair looked for anywhere in a program, where the ways back prove nothing: every slip of the pen is run.

What may be edited (`edit`), what may have been meant (`expressions`, `names`, `orders`, in the words of `nearby`), all edits in
one program (`together`, `driver`, `runs`), which numbers a right one computes (`wanted`), and the search (`search`).
Nothing here knows of mistakes; what is found is proved like any repair.
"""
