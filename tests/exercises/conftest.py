"""The banks are data for the tests beside them, not tests: keep pytest from collecting them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
collect_ignore_glob = ["bank*.py", "generic.py", "table.py"]
