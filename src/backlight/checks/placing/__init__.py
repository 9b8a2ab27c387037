"""On which line does the mistake stand, and what belongs there, in the names of the program?"""
