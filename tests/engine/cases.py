"""Counts the cases that the engine's tests compare, and prints the number at the end of the run.

A case is one comparison of an operation, forward and all gradients, with PyTorch or with finite differences.
The count travels in the tests' reports, so that it is right when several processes share the work.
"""

from typing import Any

import pytest

counts = {"PyTorch": 0, "finite differences": 0}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    before = dict(counts)
    try:
        return (yield)
    finally:
        for kind, n in counts.items():
            if n > before[kind]:
                item.user_properties.append((f"cases against {kind}", n - before[kind]))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    total = dict.fromkeys(counts, 0)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                for name, n in report.user_properties:
                    kind = str(name).removeprefix("cases against ")
                    if kind in total and kind != name:
                        total[kind] += n
    if any(total.values()):
        text = ", ".join(f"{n:,} against {kind}" for kind, n in total.items())
        terminalreporter.write_line(f"mini_dl: cases compared: {text}")
