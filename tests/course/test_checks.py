"""The checker itself: states, limits, what it leaves behind, and how its report reads."""

from __future__ import annotations

import builtins
import importlib
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import types
import warnings
from html.parser import HTMLParser

import numpy as np
import pytest

from mini_dl.course.checks import Check, CheckError, Exercise, Objection, case, check, edge, exercise, limits
from mini_dl.course.checks.compare import compare, snapshot
from mini_dl.course.checks.limits import Stopped, limited, memory_in_use
from mini_dl.course.checks.report import STATES
from mini_dl.course.checks.show import kind_of, show, show_call

SHORT = 0.15  # seconds


@exercise
def double(x):
    """Twice `x`."""
    return 2 * x


@double.cases
def double_cases(rng):
    yield case(np.array([1.0, 2.0, -3.5]))
    yield case(np.array([0.25]))
    yield case(rng.normal(size=4))
    yield edge("zeros", np.zeros(3))
    yield edge("a whole number", 3)


@double.mistake("Twice x is not x squared.")
def squares(x):
    return x**2


def endless(x):
    while True:
        pass


def endless_bare_except(x):
    while True:
        try:
            while True:
                pass
        except:  # noqa: E722
            pass


def endless_nested(x):
    while True:
        try:
            try:
                endless_bare_except(x)
            except BaseException:
                x = None
        except:  # noqa: E722
            continue


def endless_sleep(x):
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            time.sleep(0.01)


def swallows_once(x):
    try:
        while True:
            pass
    except BaseException:
        return 2 * x


def solution(x):
    return x + x


# --- states ------------------------------------------------------------------------------------------


def test_passed():
    report = double(solution)
    assert report.state == "passed"
    assert report.passed
    assert report.score == 1.0
    assert report.require() is report
    assert str(report) == "✓ Passed · double · all 5 cases are right, 2 edge cases among them."


def test_failed_names_first_call_expected_got_and_hint():
    report = double(lambda x: x * x)
    assert report.state == "failed"
    assert report.mistake == "squares"
    assert str(report) == (
        "✗ Not yet right · double · 1 of 5 cases are right.\n"
        "  Call:       double([1.0, 2.0, -3.5])\n"
        "  Expected:   [2.0, 4.0, -7.0]\n"
        "  Got:        [1.0, 4.0, 12.25]\n"
        "  Where:      at [0] expected 2.0, got 1.0 (2 of 3 entries differ)\n"
        "  Also wrong: double([0.25])\n"
        "              " + str(report).splitlines()[6].strip() + "\n"
        "              a whole number\n"
        "  Hint:       Twice x is not x squared."
    )


def test_failed_report_can_be_tried_by_hand():
    report = double(lambda x: x * x)
    assert np.array_equal(double.reference(*report.args), [2.0, 4.0, -7.0])


def test_require_raises_with_the_whole_report():
    with pytest.raises(CheckError, match=r"(?s)Not yet right.*Twice x is not x squared"):
        double(lambda x: x * x).require()


def test_further_failing_cases_are_named_by_what_is_special_or_by_their_inputs():
    @exercise
    def scaled(X, factor=1.0):
        return X * factor

    @scaled.cases
    def scaled_cases(rng):
        yield case(np.ones((2, 2)))
        yield case(np.ones((3, 2)), 0.5)
        yield case(np.ones((3, 2)), 0.25)
        yield case(np.ones((3, 2)), 0.25)
        yield case(np.ones(2), 2.0)
        yield edge("no rows at all", np.ones((0, 2)))

    others = dict(scaled(lambda X, factor=1.0: 1.0 + X.sum()).rows)["Also wrong"].splitlines()
    assert others == [
        "scaled([1.0, 1.0], 2.0)",
        "no rows at all",
        "scaled(X of shape (3, 2), 0.5)",
        "and 2 more",
    ]


def test_what_cannot_be_judged_is_the_same_when_it_comes_again():
    @exercise
    def watched(x):
        return [x, x]

    watched.cases(lambda rng: [case(1), case(2)])
    for look in (lambda result, case: {"it": snapshot(result)}, lambda result, case: [snapshot(result), 1]):
        watched.observe(look)
        report = watched(lambda x: (i for i in range(x)))
        assert report.state == "failed"
        assert "two different answers" not in str(report)
    assert "two different answers" in str(watched(lambda x, seen=[]: seen.append(x) or len(seen)))


def test_a_mistake_is_named_only_if_it_gives_all_the_answers():
    report = double(lambda x: x**2 if np.size(x) > 1 else 2 * x)
    assert report.state == "failed"
    assert report.mistake == ""


def test_not_attempted_says_what_to_do():
    def stub(x):
        raise NotImplementedError

    report = double(stub)
    assert report.state == "not attempted"
    assert "Write the function above" in str(report)
    with pytest.raises(CheckError):
        report.require()


def test_not_implemented_error_in_one_branch_is_not_a_stub():
    def half(x):
        if np.size(x) == 1:
            raise NotImplementedError
        return 2 * x

    report = double(half)
    assert report.state == "error"
    assert "still reached" in report.hint


def test_error_shows_line_of_the_readers_code():
    def broken(x):
        return x.missing

    report = double(broken)
    assert report.state == "error"
    assert "AttributeError: 'numpy.ndarray' object has no attribute 'missing'" in str(report)
    assert "return x.missing" in str(report)


@pytest.mark.parametrize("engine", ["mini_dl", "torch"])
def test_a_network_is_a_result_and_not_the_function(engine):
    nn = pytest.importorskip(engine).nn
    report = double(nn.Linear(1, 1))
    assert report.state == "error"
    assert "needs the function itself; it was given a Linear" in str(report)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "torch.nn.Linear(1, 1).load_state_dict(mini_dl.nn.Linear(1, 1).state_dict())",
            "tensors of PyTorch only",
        ),
        ("torch.nn.Linear(1, 1)(torch.zeros(1, 1, dtype=torch.float64))", "bring both to one type"),
        ("0.1 * torch.zeros(1).grad", "a tensor that is no leaf"),
    ],
)
def test_usual_errors_with_two_engines_are_explained(line, says):
    names = {"torch": pytest.importorskip("torch"), "mini_dl": importlib.import_module("mini_dl")}
    assert says in double(lambda x: 2 * x + eval(line, names)).hint


def test_score_counts_edge_cases_only_when_all_ordinary_cases_are_right():
    one_edge_missed = double(lambda x: 2 * x if np.any(x) else x + 1)
    assert one_edge_missed.state == "failed"
    assert one_edge_missed.score == pytest.approx(0.85)
    assert "of the 2 edge cases 1" in one_edge_missed.summary
    ordinary_missed = double(lambda x: 2 * x if np.size(x) != 4 else x)
    assert ordinary_missed.score == 0


def test_seed_changes_only_the_random_cases():
    first, second = double.draw(0), double.draw(1)
    assert not np.array_equal(first[2].args[0], second[2].args[0])
    assert np.array_equal(first[0].args[0], second[0].args[0])
    assert double(solution, seed=7).passed


def test_a_fault_of_the_check_is_not_blamed_on_the_reader():
    broken = Exercise(lambda x: 1 / 0)
    broken.id = "broken"
    report = broken(solution)
    assert report.state == "broken check"  # it has no cases
    broken.cases(lambda rng: [case(1)])
    report = broken(lambda x: x)
    assert report.state == "broken check"
    assert "Not your answer is at fault" in str(report)
    assert "the reference fails" in str(report)


@pytest.mark.parametrize(
    ("answer", "state", "hint"),
    [
        (lambda x: (x > 0).astype(float), "passed", ""),
        (lambda x: (x > 0).astype(int).tolist(), "passed", ""),
        (lambda x: x <= 0, "failed", "All your answers are the opposite: 0 where 1 is expected."),
        (lambda x: -(x > 0).astype(int), "failed", "All your answers have the wrong sign."),
        (lambda x: np.where(x > 0, 0.0, -1e9), "failed", ""),
        (lambda x: x > 1, "failed", ""),
    ],
)
def test_a_reference_may_answer_with_booleans(answer, state, hint):
    @exercise
    def positive(x):
        return x > 0

    positive.cases(lambda rng: [case(np.array([1.0, -2.0, 3.0])), case(np.array([-1.0, 0.5]))])
    report = positive(answer)
    assert (report.state, report.hint) == (state, hint)


def test_an_answer_that_observe_cannot_read_is_the_readers_else_the_checks():
    @exercise
    def watched(x):
        return [x]

    watched.cases(lambda rng: [case(1), case(2)])
    watched.observe(lambda result, case: result[0])
    assert watched(lambda x: [x]).passed
    report = watched(lambda x: [])
    assert report.state == "failed"
    assert report.hint == "Your answer, a list of 0, cannot be read (IndexError: list index out of range)."
    watched.observe(lambda result, case: result["key"])
    assert watched(lambda x: [x]).state == "broken check"


def test_observe_may_object_and_tabulate():
    @exercise
    def table(n):
        return list(range(n))

    @table.cases
    def table_cases(rng):
        yield case(3)

    @table.observe
    def look(result, case):
        if not isinstance(result, list):
            raise Objection("Return a list, please.")
        return {f"row {i}": v for i, v in enumerate(result)}

    assert table(lambda n: list(range(n))).passed
    report = table(lambda n: "abc")
    assert report.state == "failed"
    assert report.hint == "Return a list, please."
    report = table(lambda n: [0, 5, 2])
    assert report.rows[1] == ("Got", "for row 1 yours gives 5; expected 1")
    assert report.summary == "2 of 3 situations are right."
    assert "missing" in str(table(lambda n: [0, 1]))
    assert table(lambda n: None).state == "not attempted"


def test_keyboard_interrupt_is_the_readers_own_wish():
    def stopped(x):
        raise KeyboardInterrupt

    before = sys.stdout
    with pytest.raises(KeyboardInterrupt):
        double(stopped)
    assert sys.stdout is before


# --- limits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function", [endless, endless_bare_except, endless_nested, endless_sleep, swallows_once]
)
def test_endless_code_is_stopped(function):
    begin = time.monotonic()
    report = double(function, seconds=SHORT)
    assert report.state == "timeout"
    assert "0.15 s" in report.summary
    assert time.monotonic() - begin < 30
    assert double(solution).passed  # and the kernel goes on


@pytest.mark.parametrize("function", [endless, endless_bare_except, endless_sleep, swallows_once])
def test_endless_code_is_stopped_in_another_thread(function):
    reports = []
    thread = threading.Thread(target=lambda: reports.append(double(function, seconds=SHORT)), daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    assert reports[0].state == "timeout"
    assert double(solution).passed


def test_endless_printing_is_stopped(capsys):
    def chatty(x):
        while True:
            print("still here")

    report = double(chatty, seconds=30)
    assert report.state == "error"
    assert "did not stop printing" in report.summary
    print("heard")
    assert capsys.readouterr().out == "heard\n"


def test_growing_memory_is_stopped():
    hungry_exercise = Exercise(double.reference, megabytes=100)
    hungry_exercise.cases(double_cases)

    def hungry(x):
        kept = []
        while True:
            kept.append(bytearray(2**20))

    if not memory_in_use():
        pytest.skip("this system offers no cheap way to know a process's memory; the time limit ends it")
    report = hungry_exercise(hungry, seconds=60)
    assert report.state == "error"
    assert "100 MB" in report.summary


@pytest.mark.skipif(sys.platform != "linux", reason="the roof over the address space exists on Linux")
def test_one_enormous_list_is_refused():
    code = (
        "from mini_dl.course import check\n"
        "r = check.majority(lambda n: [0] * 10**11)\n"
        "print(r.state, r.hint)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.startswith("error The array asked for is far too large")


def test_recursion_and_exits_end_as_errors():
    def recursion(x):
        return recursion(x) + 1

    def by_sys(x):
        sys.exit(1)

    def by_os(x):
        os._exit(1)

    def by_builtin(x):
        quit()

    assert "calls itself without end" in double(recursion).hint
    for leave in (by_sys, by_os, by_builtin):
        report = double(leave)
        assert report.state == "error"
        assert "ends the program" in str(report)


def test_an_import_is_never_interrupted(tmp_path, monkeypatch):
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(2)\nready = True\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    def imports(x):
        import slow_to_import

        return 2 * x if slow_to_import.ready else None

    assert double(imports, seconds=1.5).passed
    del sys.modules["slow_to_import"]


def test_an_import_costs_the_reader_nothing_however_rarely_somebody_looks(tmp_path, monkeypatch):
    """On a busy machine one look comes where many were due."""
    (tmp_path / "slow_to_import.py").write_text("import limits_looks\nlimits_looks.rarely()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    now = 100.0
    monkeypatch.setattr(limits.time, "monotonic", lambda: now)
    watch = limits.Watch(seconds=2.0, megabytes=1e6)
    watch.home = sys._getframe()
    ended = []

    def rarely():
        nonlocal now
        for _ in range(3):
            now += 5.0
            ended.append(watch.passed(sys._getframe()))

    monkeypatch.setitem(sys.modules, "limits_looks", types.SimpleNamespace(rarely=rarely))
    importlib.import_module("slow_to_import")
    del sys.modules["slow_to_import"]
    now += 1.9
    ended.append(watch.passed(sys._getframe(0)))
    now += 0.2
    assert watch.passed(None)
    assert ended == [False] * 4


def test_limited_restores_signals_and_gives_results():
    if not hasattr(signal, "SIGALRM"):
        pytest.skip("no alarm signal on this system")
    handler = signal.signal(signal.SIGALRM, lambda *_: None)
    try:
        mine = signal.getsignal(signal.SIGALRM)
        assert limited(lambda watch: "done", seconds=1, megabytes=100) == "done"
        with pytest.raises(Stopped, match="time"):
            limited(lambda watch: endless(0), seconds=SHORT, megabytes=100)
        assert signal.getsignal(signal.SIGALRM) is mine
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    finally:
        signal.signal(signal.SIGALRM, handler)


class SlowToDie:
    """An object whose destructor takes longer than the rest of a loop around it."""

    def __del__(self):
        for _ in range(300):
            pass


@pytest.mark.parametrize("thread", [False, True], ids=["alarm", "watchdog"])
def test_an_escape_into_a_destructor_is_not_reported(thread):
    def endless():
        while True:
            SlowToDie()

    def run():
        for _ in range(10):
            with pytest.raises(Stopped, match="time"):
                limited(lambda watch: endless(), seconds=SHORT, megabytes=100)
        ended.append(sys.unraisablehook)

    reported, ended = [], []
    before, sys.unraisablehook = sys.unraisablehook, lambda what: reported.append(what.exc_type)
    mine = sys.unraisablehook
    try:
        if thread:
            other = threading.Thread(target=run)
            other.start()
            other.join()
        else:
            run()
    finally:
        sys.unraisablehook = before
    assert ended == [mine]
    assert reported == []


def test_what_else_falls_into_a_destructor_is_reported_in_peace():
    """The report is written to its end, even while the time is up and alarms ring all the time."""

    class Broken:
        def __del__(self):
            raise ArithmeticError

    def slow_report(what):
        for _ in range(30_000):
            pass
        reported.append(what.exc_type)

    def endless():
        while True:
            Broken()

    reported = []
    before, sys.unraisablehook = sys.unraisablehook, slow_report
    try:
        with pytest.raises(Stopped, match="time"):
            limited(lambda watch: endless(), seconds=SHORT, megabytes=100)
    finally:
        sys.unraisablehook = before
    assert set(reported) == {ArithmeticError}


def test_a_report_that_never_ends_is_left_too():
    class Broken:
        def __del__(self):
            raise ArithmeticError

    def work(watch):
        Broken()
        endless(0)

    before, sys.unraisablehook = sys.unraisablehook, lambda what: endless(0)
    try:
        with pytest.raises(Stopped, match="time"):
            limited(work, seconds=SHORT, megabytes=100)
    finally:
        sys.unraisablehook = before


def test_the_sandbox_is_left_whole_however_the_answer_ends():
    """Its cleaning up comes after the last alarm: twenty endless answers leave everything as it was."""

    def state():
        return sys.stdout, sys.stderr, builtins.exit, os._exit, warnings.filters, np.geterr()

    def noisy(x):
        np.seterr(all="raise")
        while True:
            try:
                SlowToDie()
            except:  # noqa: E722
                continue

    before = state()
    random_before = np.random.get_state()[1].copy()  # noqa: NPY002
    for _ in range(20):
        assert double(noisy, seconds=SHORT).state == "timeout"
        assert state() == before
    np.testing.assert_array_equal(np.random.get_state()[1], random_before)  # noqa: NPY002


def test_somebody_elses_alarm_still_rings():
    if not hasattr(signal, "SIGALRM"):
        pytest.skip("no alarm signal on this system")
    rung = []
    handler = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        assert double(solution).passed
        time.sleep(0.4)
        assert rung == [1]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


def test_an_error_of_the_limited_code_comes_out():
    with pytest.raises(ZeroDivisionError):
        limited(lambda watch: 1 / 0, seconds=1, megabytes=100)


# --- what a check leaves behind ----------------------------------------------------------------------


def test_nothing_is_left_behind(capsys):
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    expected = (np.random.random(), random.random())  # noqa: NPY002
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    before = (sys.stdout, sys.stderr, builtins.input, builtins.exit, os._exit, np.geterr(), sys.gettrace())

    def careless(x):
        np.random.seed(99)  # noqa: NPY002
        random.random()
        np.seterr(all="raise")
        print("hello")
        warnings.warn("look out", stacklevel=1)
        return 2 * x

    for function in (careless, endless_bare_except):
        double(function, seconds=SHORT)
        after = (sys.stdout, sys.stderr, builtins.input, builtins.exit, os._exit, np.geterr(), sys.gettrace())
        assert after == before
    assert (np.random.random(), random.random()) == expected  # noqa: NPY002
    assert capsys.readouterr() == ("", "")
    with pytest.warns(UserWarning, match="still heard"):
        warnings.warn("still heard", stacklevel=1)


def test_ipythons_exit_does_not_end_the_kernel():
    calls = []
    autocall = type("ZMQExitAutocall", (), {"__module__": "IPython.core.autocall", "__call__": calls.append})
    names = {"exit": autocall()}
    exec("def leaves(x):\n    exit()\n", names)
    mine = names["exit"]
    report = double(names["leaves"])
    assert "ends the program" in str(report)
    assert calls == []
    assert names["exit"] is mine


def test_prints_are_shown_when_the_answer_is_wrong():
    def chatty(x):
        print("x is", x)
        return x

    report = double(chatty)
    assert ("It printed", "x is [ 1.   2.  -3.5]") in report.rows
    assert "It printed" not in str(double(lambda x: print("fine") or 2 * x))


def test_other_threads_print_on(capsys):
    started, go_on = threading.Event(), threading.Event()

    def other():
        started.wait(60)
        print("from the other thread")
        go_on.set()

    def waits(x):
        started.set()
        go_on.wait(60)
        return 2 * x

    thread = threading.Thread(target=other)
    thread.start()
    assert double(waits, seconds=120).passed
    thread.join(60)
    assert "from the other thread" in capsys.readouterr().out


def test_arguments_are_copies_and_in_place_changes_are_found():
    def in_place(x):
        x *= 2
        return x

    report = double(in_place)
    assert report.state == "failed"
    assert "changes its argument `x` in place" in report.hint
    allowed = Exercise(double.reference, may_change=("x",))
    allowed.cases(double_cases)
    assert allowed(in_place).passed


# --- the report's form -------------------------------------------------------------------------------


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.attributes, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def one_report_for_each_state():
    def stub(x):
        raise NotImplementedError

    broken = Exercise(double.reference)
    reports = [
        double(solution),
        double(squares),
        double(lambda x: x.a),
        double(endless, seconds=0.05),
        double(stub),
    ]
    reports.append(broken(solution))
    assert [r.state for r in reports] == list(STATES)
    return reports


def test_html_is_sound_and_the_same_every_time():
    first, second = one_report_for_each_state(), one_report_for_each_state()
    for report, again in zip(first, second, strict=True):
        html = report._repr_html_()
        assert html == again._repr_html_()
        assert str(report) == str(again)
        tags = Tags()
        tags.feed(html)
        assert tags.open == []
        assert tags.attributes[0][1]["role"] == "status"
        symbol, words, _ = STATES[report.state]
        assert f"{symbol} {words}" in "".join(tags.text)
        assert not re.search(r"https?:|<script|src=|0x[0-9a-f]{4}", html)
        assert "color:" not in re.sub(r"color:inherit", "", html).replace("background", "")
        assert report._repr_mimebundle_() == {"text/plain": str(report), "text/html": html}


def test_text_of_the_reader_is_escaped():
    report = double(lambda x: "<script>alert(1)</script>")
    assert "<script>" not in report._repr_html_()
    assert "&lt;script&gt;" in report._repr_html_()


def test_no_addresses_in_a_report():
    report = double(lambda x: object())
    assert "0x" not in str(report)

    def raises(x):
        raise ValueError(f"what is {object()!r}?")

    assert "0x…" in str(double(raises))


def test_backquotes_in_a_hint_become_code():
    report = double(lambda x: print(x))
    assert "Hand it back with `return`." in str(report)
    assert ">return</code>" in report._repr_html_()


# --- check.<id> --------------------------------------------------------------------------------------


def test_check_lists_and_finds_exercises():
    assert {"mp_neuron", "xor_network", "majority", "full_adder"} <= set(dir(check))
    assert {"perceptron_update", "margin", "multiclass_perceptron", "averaged_perceptron"} <= set(dir(check))
    assert "excitatory, inhibitory, threshold" in repr(check.mp_neuron)
    assert all(name in repr(check) for name in check.__dir__()[1:4])
    with pytest.raises(AttributeError, match=r"no exercise 'mp_nuron'. Did you mean mp_neuron"):
        check.mp_nuron  # noqa: B018
    with pytest.raises(AttributeError, match=r"no exercise 'qqq'\.$"):
        check.qqq  # noqa: B018
    assert not hasattr(check, "_ipython_display_")


def test_a_broken_chapter_does_not_take_the_others_with_it(tmp_path, monkeypatch):
    package = tmp_path / "declared"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "ch01_broken.py").write_text("import no_such_module_at_all\n")
    (package / "ch02_fine.py").write_text(
        "from mini_dl.course.checks import case, exercise\n"
        "@exercise\ndef half(x):\n    return x / 2\n"
        "@half.cases\ndef half_cases(rng):\n    yield case(2.0)\n    yield case(3.0)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    mine = Check("declared")
    assert mine.half(lambda x: x * 0.5).passed
    assert "half" in dir(mine)
    with pytest.raises(AttributeError, match="ch01_broken cannot be loaded"):
        mine.third  # noqa: B018


def test_progress_counts_the_readers_functions_only():
    mine = Check()
    assert "0 of 0" in str(mine.progress())

    def mp_neuron_solution(e, i, t):
        return int(not any(i) and sum(e) >= t)

    mine.mp_neuron(mp_neuron_solution)
    assert "0 of 0" in str(mine.progress())
    mine.mp_neuron(lambda e, i, t: 0)
    assert "✗ mp_neuron    Not yet right" in str(mine.progress())
    mine.mp_neuron(lambda e, i, t: mp_neuron_solution(e, i, t))
    mine.mp_neuron(lambda e, i, t: 0)
    assert "✓ mp_neuron    Passed" in str(mine.progress())
    assert "1 of 4 exercises passed" in str(mine.progress())


def test_importing_the_check_is_cheap():
    code = (
        "import sys\n"
        "from mini_dl.course import check, quiz\n"
        "heavy = {'matplotlib', 'torch', 'sklearn', 'IPython', 'anywidget', 'scipy'} & set(sys.modules)\n"
        "chapters = [m for m in sys.modules if 'exercises.ch' in m]\n"
        "assert not heavy and not chapters, (heavy, chapters)\n"
        "dir(check)\n"
        "print({'matplotlib', 'torch', 'sklearn', 'IPython', 'scipy'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.stdout == "set()\n", done.stderr


# --- forms of an answer ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("want", "got"),
    [
        (1, True),
        (1, 1.0),
        (0.1, np.float32(0.1)),
        (1.5, np.array([1.5])),
        (np.array([1.5]), 1.5),
        (np.arange(3.0), [0, 1, 2]),
        (np.arange(3.0), (0, 1, 2)),
        (np.arange(3), range(3)),
        (np.arange(6.0).reshape(2, 3), np.asfortranarray(np.arange(6.0).reshape(2, 3))),
        ((np.zeros(2), 1.0), [[0, 0], 1]),
        (np.array([np.nan, 1]), [np.nan, 1]),
        ({"a": 1.0}, {"a": np.float64(1)}),
        ("yes", "yes"),
        (np.array([1e-12, 1.0]), [0.0, 1.0]),
    ],
)
def test_right_in_another_form(want, got):
    assert compare(want, got) is None


@pytest.mark.parametrize(
    ("want", "got", "says"),
    [
        (1, 0, ""),
        (1, "1", "text"),
        (1.0, None, "None"),
        (1.0, 1 + 1e-3, ""),
        (np.zeros((2, 3)), np.zeros((3, 2)), "transposed"),
        (np.zeros(3), np.zeros((3, 3)), "accidental broadcast"),
        (np.zeros(3), np.zeros((3, 1)), "axis of length 1"),
        (np.zeros((2, 3)), np.zeros(3), "averaged"),
        (np.zeros(3), [[1], [1, 2], [3]], "different lengths"),
        (1.0, [1.0, 2.0], "You return 2 numbers, and one is expected"),
        (1.0, [], "You return no number, and one is expected"),
        (1.0, np.nan, "nan"),
        (1.0, 1 + 1j, "complex"),
        ((1, 2), 1, "2 things"),
        ((1, 2), (1, 2, 3), "number of results: expected 2, got 3 Return 2 things, in this order; yours is"),
        ((np.zeros((3, 4)), np.zeros(4)), np.zeros(3), "expected 2, got 1 Return 2 things, in this order;"),
        ((np.zeros((2, 3)), np.zeros(3)), np.zeros((2, 3)), "yours is an array of shape (2, 3)"),
        ((np.zeros(2), np.zeros(2)), np.ones((2, 2)), "result 1 of 2: at [0]"),
        ((np.zeros(2), 1.0), (np.zeros(2), 2.0), "result 2 of 2: expected 1.0, got 2.0"),
        ((np.ones(2), 3.0), (3.0, np.ones(2)), "wrong order? In the order 2, 1 they"),
        (([1, 2], [(1, 2)]), [[(1, 2)], [1, 2]], "wrong order? In the order 2, 1 they"),
        ((1.0, 2.0, 3.0), (2.0, 3.0, 1.0), "wrong order? In the order 3, 1, 2 they"),
        ((1.0, 2.0), (2.0, 2.0), "result 1 of 2: expected 1.0, got 2.0"),
        ({"a": 1}, {"b": 1}, "missing"),
        ({"a": 1}, 1, "dict"),
        ("yes", "no", ""),
        (np.array([1e-3, 1.0]), [2e-3, 1.0], "1 of 2"),
    ],
)
def test_wrong_and_how(want, got, says):
    difference = compare(want, got)
    assert difference is not None
    assert says in f"{difference.where} {difference.hint}"


def test_numbers_that_look_alike_are_shown_with_more_digits():
    report = double(lambda x: 2 * x * (1 + 1e-4))
    assert report.state == "failed"
    assert "got 2.0002" in str(report)
    report = double(lambda x: np.asarray(2 * x) + 1e-4 * (np.size(x) == 1))
    assert ("Expected", "[0.5]") in report.rows
    assert ("Got", "[0.5001]") in report.rows


def test_a_number_that_is_0_beside_the_others_is_shown_so():
    @exercise
    def weights(x):
        return np.array([1.0, 1e-218]) if x else np.array([1e-218, 1e-219])

    @weights.cases
    def some(rng):
        yield case(1)
        yield case(0)

    report = weights(lambda x: np.array([0.5, 1e-300]) if x else np.array([1e-218, 1e-219]))
    assert ("Expected", "[1.0, 0.0]") in report.rows
    assert ("Got", "[0.5, 0.0]") in report.rows
    report = weights(lambda x: np.array([1.0, 0.0]) if x else np.ones(2))
    assert ("Expected", "[1e-218, 1e-219]") in report.rows


def test_texts_for_values():
    assert show(np.arange(100)) == "[ 0,  1,  2, ..., 97, 98, 99]"
    assert show(np.zeros((0, 2))) == "an empty array of shape (0, 2)"
    assert show((1,)) == "(1,)"
    assert show({"a": 0.1}) == "{'a': 0.1}"
    assert show(list(range(20))).endswith("… 20 items]")
    assert kind_of(np.float64(2)) == "the number 2.0"
    assert kind_of(max) == "a builtin_function_or_method"
    long_call = show_call("f", ("a",), (np.arange(60.0).reshape(3, 20),))
    assert long_call.startswith("f(a)   where\n  a = [[")


def test_a_notebooks_kernel_stays_usable():
    nbformat = pytest.importorskip("nbformat")
    client = pytest.importorskip("nbclient")
    cells = [
        "from mini_dl.course import check",
        "def leaves(e, i, t):\n    exit()\ncheck.mp_neuron(leaves)",
        "def endless(e, i, t):\n  while True:\n    try:\n      sum(e)\n    except:\n      pass\n"
        "check.mp_neuron(endless, seconds=0.2)",
        "def chatty(e, i, t):\n    while True:\n        print('x')\ncheck.mp_neuron(chatty)",
        "def broken(e, i, t):\n    total = e[0]\n    return total + missing\ncheck.mp_neuron(broken)",
        "print('still alive')",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    patience = {"timeout": 300, "startup_timeout": 300, "iopub_timeout": 60}
    client.NotebookClient(notebook, kernel_name="python3", **patience).execute()
    outputs = [cell.outputs for cell in notebook.cells]
    assert all(len(o) == 1 for o in outputs[1:])
    texts = [o[0].get("text") or o[0]["data"]["text/plain"] for o in outputs[1:]]
    assert "ends the program" in texts[0]
    assert "takes too long" in texts[1]
    assert "did not stop printing" in texts[2]
    assert "NameError" in texts[3]
    assert "line 3: return total + missing" in texts[3]
    assert texts[4] == "still alive\n"
    assert 'role="status"' in outputs[1][0]["data"]["text/html"]
