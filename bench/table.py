"""Tables in Markdown, and their cells."""


def yes(met):
    return {True: "yes", False: "**no**", None: "–"}[met]


def ratio(number):
    return "–" if number is None else f"{number:.2f}"


def markdown(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
