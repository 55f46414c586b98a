"""The rubric of a rewriting: it asks, it shouts at nobody, it names the thing, and it is no longer than it must be."""

NAME, VERSION, DIRECTION, UNIT = "rubric", "1", "higher", ""
LONGEST = 12  # words


def score(case, run, options):
    """Share of the four points that the rewriting meets."""
    if run.fault:
        return 0.0
    text, words = run.output["polite"], run.output["polite"].split()
    thing = case.inputs["note"].partition("the ")[2].split()[0].strip("!.,")
    points = ["please" in text.lower(), "!" not in text and text != text.upper(), thing in text, len(words) <= LONGEST]
    return sum(points) / len(points)
