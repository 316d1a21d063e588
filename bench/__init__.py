"""The bench: every figure a ratio to its own limit, measured in the same run; `python -m bench` writes the page."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests" / "support"))
