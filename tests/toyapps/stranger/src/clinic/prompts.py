"""What the desk is told."""

from textwrap import dedent

HOUSE = "You work at the front desk of {clinic}."

SORT = dedent("""
    Read what a patient writes and say which desk it is for.
    Think of what the patient wants, not of how it is worded.
""")

URGENCY = f"""{HOUSE}
Say whether a message can wait until tomorrow."""

ACT = "You carry out what was decided for a message. Use one tool."
