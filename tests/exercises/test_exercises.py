"""Every declared exercise judges its bank, the generic faults and the harmless variations rightly."""

from __future__ import annotations

import ast
import copy
import importlib.util
import inspect
import re
import threading
import time

import generic
import pytest
import table
from bank import Bank, banks

from mini_dl.course.checks import Exercise, check

BANKS = banks()
IDS = [name for name in dir(check) if name != "progress"]
LEAST_WRONG, LEAST_RIGHT = 10, 4


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Let PyTorch compute in one thread: on a busy machine its threads wait for each other far longer."""
    if importlib.util.find_spec("torch") is None:
        yield
        return
    torch = importlib.import_module("torch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True, scope="module")
def patience():
    """Give answers that end more than a reader's seconds: a busy machine may need them."""
    seconds = {name: exercise(name).seconds for name in IDS}
    for name in IDS:
        exercise(name).seconds = 60.0
    yield
    for name in IDS:
        exercise(name).seconds = seconds[name]


def exercise(name: str) -> Exercise:
    return getattr(check, name).exercise


def lacks(name: str, all_banks: dict[str, Bank]) -> list[str]:
    """What is missing in the bank of an exercise."""
    if name not in all_banks:
        return [f"exercise {name} has no bank: write one in tests/exercises/bank_chNN.py"]
    bank = all_banks[name]
    found = []
    if len(bank.wrong_answers) < LEAST_WRONG:
        found.append(f"{name}: {len(bank.wrong_answers)} wrong answers; at least {LEAST_WRONG}")
    if len(bank.right_answers) < LEAST_RIGHT:
        found.append(f"{name}: {len(bank.right_answers)} right answers; at least {LEAST_RIGHT}")
    return found


@pytest.mark.parametrize("name", IDS)
def test_there_is_a_bank_with_enough_answers(name):
    assert lacks(name, BANKS) == []


def test_a_missing_or_small_bank_is_noticed():
    assert "no bank" in lacks("mp_neuron", {})[0]
    assert len(lacks("mp_neuron", {"mp_neuron": Bank("mp_neuron", [max] * 3, [])})) == 2


def test_no_bank_without_exercise():
    assert set(BANKS) <= set(IDS)


def test_answers_of_a_bank_differ():
    for bank in BANKS.values():
        functions = [*bank.right_answers, *(w.function for w in bank.wrong_answers)]
        parsed = [ast.parse(inspect.getsource(f)).body[0] for f in functions]
        bodies = [ast.dump(p.args) + "".join(map(ast.dump, p.body)) for p in parsed]
        assert len(set(bodies)) == len(bodies), bank.id


@pytest.mark.parametrize("name", IDS)
def test_reference_passes_for_several_seeds(name):
    for seed in range(5):
        report = exercise(name)(exercise(name).reference, seed=seed)
        assert report.passed, str(report)
        assert report.score == 1.0


@pytest.mark.parametrize(("name", "function"), [(b.id, f) for b in BANKS.values() for f in b.right_answers])
def test_right_answer_passes(name, function, record_property):
    reports = [exercise(name)(function, seed=seed) for seed in (0, 1)]
    table.record(record_property, name, "right", all(r.passed for r in reports))
    for report in reports:
        assert report.passed, str(report)


@pytest.mark.parametrize(("name", "wrong"), [(b.id, w) for b in BANKS.values() for w in b.wrong_answers])
def test_wrong_answer_fails_with_the_fitting_hint(name, wrong, record_property):
    reports = [exercise(name)(wrong.function, seed=seed) for seed in (0, 1)]
    table.record(record_property, name, "wrong", not any(r.passed for r in reports))
    if wrong.names or wrong.says:
        fits = [(not wrong.names or r.mistake == wrong.names) and wrong.says in str(r) for r in reports]
        table.record(record_property, name, "hint", all(fits))
    for report in reports:
        assert report.state in ("failed", "error"), str(report)
        assert report.score < 1
        assert report.mistake == wrong.names or not wrong.names, str(report)
        assert wrong.says in str(report)


def test_most_wrong_answers_get_a_fitting_hint():
    wrong = [w for b in BANKS.values() for w in b.wrong_answers]
    with_hint = [w for w in wrong if w.names or w.says]
    assert len(with_hint) >= 0.9 * len(wrong)


@pytest.mark.parametrize("name", IDS)
def test_of_every_ten_wrong_answers_four_have_their_mistake_named(name):
    wrong = BANKS[name].wrong_answers
    assert sum(bool(w.names or w.says) for w in wrong) >= 0.4 * len(wrong)


@pytest.mark.parametrize("name", IDS)
def test_every_mistake_is_named_for_its_own_answers(name):
    """A mistake that no case tells from the reference, or from an earlier one, would never be named."""
    for seed in range(3):
        for mistake in exercise(name).mistakes:
            report = exercise(name)(mistake.reference, seed=seed)
            assert not report.passed, mistake.name
            assert report.hint == mistake.hint, f"{mistake.name} is taken for {report.mistake}"


@pytest.mark.parametrize("name", IDS)
def test_enough_mistakes_and_hints_teach(name):
    mistakes = exercise(name).mistakes
    assert len(mistakes) >= 6
    assert all(len(m.hint) >= 30 and m.hint[-1] in ".?!)" for m in mistakes)


@pytest.mark.parametrize("name", IDS)
def test_generic_faults(name):
    e = exercise(name)
    for fault, function, state, says in generic.faults(e):
        report = e(function)
        assert report.state == state, f"{fault}: {report}"
        assert says in str(report), f"{fault}: {report}"
        assert report.score == 0 or fault in ("random", "noise"), fault


@pytest.mark.parametrize("name", IDS)
def test_garbage_is_judged_too(name):
    e = exercise(name)
    for what, thing in generic.garbage():
        report = e(lambda *args, thing=thing: thing)
        assert report.state == "failed", f"{what}: {report}"
        assert report._repr_html_()


@pytest.mark.parametrize("name", IDS)
def test_not_attempted(name):
    for stub, function in generic.not_attempted(exercise(name)):
        assert exercise(name)(function).state == "not attempted", stub


@pytest.mark.parametrize("name", IDS)
def test_endless_loop_is_stopped(name):
    def endless(*args):
        while True:
            try:
                sum(range(10))
            except:  # noqa: E722
                continue

    begin = time.monotonic()
    assert exercise(name)(endless, seconds=0.05).state == "timeout"
    assert time.monotonic() - begin < 30


@pytest.mark.parametrize("name", IDS)
def test_whatever_grows_without_end_is_stopped(name):
    """Printing, a growing list, one enormous array: each ends in a sentence, and the next check works."""
    e = copy.copy(exercise(name))
    e.seconds, e.megabytes = 5.0, 60.0
    for what, function, says in generic.endless(e):
        begin = time.monotonic()
        report = e(function)
        assert report.state in ("error", "timeout"), f"{what}: {report}"
        assert says in str(report) or report.state == "timeout", f"{what}: {report}"
        assert report.hint, f"{what}: {report}"
        assert report.score == 0
        assert time.monotonic() - begin < 60, what
    assert exercise(name)(exercise(name).reference).passed, "the kernel stays usable"


@pytest.mark.parametrize("name", IDS)
def test_harmless_variations(name):
    e = exercise(name)
    for variation, function in generic.variations(e):
        report = e(function)
        assert report.passed, f"{variation}: {report}"


def test_torch_tensors_are_accepted():
    torch = pytest.importorskip("torch")
    for name in IDS:
        e = exercise(name)
        forms = [f for f in generic.variations(e) if "torch" in f[0]]
        assert forms or not generic.numeric(e)
        for variation, function in forms:
            assert e(function).passed, f"{name}, {variation}, torch {torch.__version__}"


@pytest.mark.parametrize("name", IDS)
def test_cases_are_sound(name):
    e = exercise(name)
    drawn = [e.draw(seed) for seed in (0, 0, 1)]
    texts = [repr([c.args for c in cases]) for cases in drawn]
    assert texts[0] == texts[1], "the same seed has to give the same cases"
    kinds = [[c.edge for c in cases] for cases in drawn]
    assert kinds[0] == kinds[2], "another seed may change only the numbers"
    assert kinds[0] == sorted(kinds[0]), "ordinary cases come before edge cases"
    assert all(c.name for c in drawn[0] if c.edge), "an edge case says what is special about it"
    if e.parameters:
        assert texts[0] != texts[2], "there are no random cases"
        assert any(kinds[0]), "there are no edge cases"
        assert len(drawn[0]) >= 8


@pytest.mark.parametrize("name", IDS)
def test_a_check_is_quick_and_works_in_another_thread(name):
    e = exercise(name)
    e(e.reference)
    reports, spent = [], []
    for _ in range(3):  # the garbage collector may come in between, or another thread
        begin = time.process_time()
        thread = threading.Thread(target=lambda: reports.append(e(e.reference)))
        thread.start()
        thread.join(100)
        spent.append(time.process_time() - begin)
    assert [report.passed for report in reports] == [True] * 3
    assert min(spent) < 0.25  # 5–30 ms on an idle machine


def test_the_table_counts_what_was_recorded():
    found = [("a", "wrong", True), ("a", "wrong", False), ("a", "right", True), ("b", "hint", True)]
    mutants = {"a": {"mutants": 9, "killed": 7, "equivalent": 1, "survived": 1}}
    head, first, second, last = (re.split(r" {2,}", line) for line in table.lines(found, mutants))
    assert head == list(table.HEADS)
    assert first == ["a", "1 of 2", "0 of 0", "1 of 1", "7 of 9", "1", "1"]
    assert second == ["b", "0 of 0", "1 of 1", "0 of 0", "–", "–", "–"]
    assert last == ["all", "1 of 2", "1 of 1", "1 of 1", "7 of 9", "1", "1"]
