"""At the end of a test run: how each exercise's check did on its bank, one line an exercise.

A pytest plugin. The tests record what each answer of a bank came to (`record`); the numbers of mutants are
those of the last `make mutants`, which takes too long for every run.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

MUTANTS = Path(__file__).resolve().parents[2] / "build" / "mutants.json"  # written by tools/mutants.py
PROPERTY = "bank"
HEADS = (
    "exercise",
    "wrong rejected",
    "hint fits",
    "right accepted",
    "mutants killed",
    "equivalent",
    "survived",
)


def record(record_property: Callable[[str, object], None], exercise: str, what: str, good: bool) -> None:
    """Record one answer: `what` is "wrong", "hint" or "right"; `good`, whether the check did as it should."""
    record_property(PROPERTY, [exercise, what, bool(good)])


def lines(found: list[tuple[str, str, bool]], mutants: dict[str, dict[str, int]]) -> list[str]:
    """Return the table, a line for each exercise and one for all."""
    counts: dict[str, Counter[tuple[str, bool]]] = defaultdict(Counter)
    for exercise, what, good in found:
        counts[exercise][what, good] += 1
        counts["all"][what, good] += 1
    rows = [HEADS]
    total: Counter[str] = Counter()
    for exercise in [*(e for e in counts if e != "all"), "all"]:
        count = counts[exercise]
        row = [exercise]
        for what in ("wrong", "hint", "right"):
            row.append(f"{count[what, True]} of {count[what, True] + count[what, False]}")
        of_one = mutants.get(exercise)
        if exercise == "all":
            of_one = dict(total) if total else None
        elif of_one:
            total.update(of_one)
        keys = ("mutants", "killed", "equivalent", "survived")
        if of_one:
            made, killed, same, survived = (of_one[k] for k in keys)
            row += [f"{killed} of {made}", str(same), str(survived)]
        else:
            row += ["–", "–", "–"]
        rows.append(tuple(row))
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    texts = []
    for name, *numbers in rows:
        padded = [n.rjust(w) for n, w in zip(numbers, widths[1:], strict=True)]
        texts.append("  ".join([name.ljust(widths[0]), *padded]))
    return texts


def pytest_terminal_summary(terminalreporter: Any) -> None:
    found = [
        tuple(value)
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        for name, value in getattr(report, "user_properties", [])
        if name == PROPERTY
    ]
    if not found:
        return
    mutants = json.loads(MUTANTS.read_text(encoding="utf-8")) if MUTANTS.is_file() else {}
    terminalreporter.section("exercise checks on their banks")
    for line in lines(sorted(found), mutants):
        terminalreporter.write_line(line)
    if not mutants:
        terminalreporter.write_line("Mutants: not run here; `make mutants` fills these columns.")
