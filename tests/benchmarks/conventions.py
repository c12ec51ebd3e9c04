"""How many lines of the table in test_conventions the rules reproduce, beside the frameworks that are installed here.

    python tests/benchmarks/conventions.py [framework ...]
"""

import os
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import frameworks
import numpy as np
from test_conventions import CASES, NAMES, agree, by_convention, by_framework

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def main(names):
    for name in names:
        version = frameworks.installed(name)
        if version is None:
            print(f"{name:12} not installed")
            continue
        rows = [(text, at, by_framework(text, at, name), by_convention(text, at, name), given[name])
                for text, at, given in CASES if given[name] != "-"]  # fmt: skip
        differing = [row for row in rows if not agree(row[2], row[3])]
        known = sum(cell.endswith("!") for *_, cell in differing)
        print(f"{name:12} {version:8} {len(rows):4} rows  {len(rows) - len(differing):4} agree  {len(differing):3} differ, {known} of them as marked")
        for text, at, theirs, ours, _ in differing:
            print(f"    {text:26}{at!s:26}theirs {theirs}  ours {ours}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    main(sys.argv[1:] or NAMES)
