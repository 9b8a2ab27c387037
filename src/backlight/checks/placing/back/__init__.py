"""Back from the parameters that go wrong, number by number, to the first expression in which all that goes in is right."""
