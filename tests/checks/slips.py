"""One slip in a right program: what is told of it, and that its repair is right."""


def told_of(check, program, old, new, lines):
    """The first explanation of a program with a slip; it is proved and stands at one of the lines."""
    assert program.count(old) == 1
    told = check(program.replace(old, new))
    assert told.verdict == "wrong"
    first = told.explanations[0]
    assert first.proof, first
    assert first.line in lines, first.places
    assert check(told.fixed).verdict == "right"
    return first
