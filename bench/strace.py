"""The system calls between two marks of a program that strace has followed."""

import re

MARK = re.compile(r'^\d+ +write\(-1, "(begin|end) ([^"]+)"')
CALL = re.compile(r"^\d+ +(\w+)\(")


def between_marks(path):
    """How many system calls of all threads, mark by mark."""
    counts, current = {}, None
    for line in path.read_text().splitlines():
        if mark := MARK.match(line):
            current = mark[2] if mark[1] == "begin" else None
            if current:
                counts[current] = 0
        elif current and CALL.match(line):
            counts[current] += 1
    return counts
