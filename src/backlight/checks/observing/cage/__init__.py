"""The isolated child: nothing to read but the interpreter and the program's folder, nothing to reach at all."""
