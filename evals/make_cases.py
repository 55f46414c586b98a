"""Write cases of the sample app as JSONL to standard output.

    python evals/make_cases.py --seed 7 --n 240 > evals/cases.jsonl      # the committed cases
    python evals/make_cases.py --seed 1001 --n 500                       # fresh ones from the same desk

The tickets are worded in ways that the training text of the embedded model never uses (`harness.models.recipe.speech`);
`harness.models.recipe.company` holds the labels, the convention and the routing policy of this desk.
"""

import argparse
import json
import sys

from harness.models.recipe.company import make_cases


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--n", type=int, default=240, help="number of cases")
    arguments = parser.parse_args()
    for case in make_cases(arguments.seed, arguments.n):
        sys.stdout.write(json.dumps(case, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
