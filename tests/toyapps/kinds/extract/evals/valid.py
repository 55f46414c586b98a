"""The repo's own metric: whether the record can be read at all."""

import json

NAME, VERSION, DIRECTION, UNIT = "valid", "1", "higher", ""


def score(case, run, options):
    if run.fault:
        return 0.0
    try:
        return float(isinstance(json.loads(run.output["record"]), dict))
    except ValueError:
        return 0.0
