"""`Training`: the frame around a training loop."""

import math
import types

import pytest

torch = pytest.importorskip("torch")

from mini_dl.course import Training, training  # noqa: E402


def model():
    return torch.nn.Linear(2, 1)


class Clock:
    """A clock that only the test moves: no other program on the machine can."""

    now = 0.0

    def perf_counter(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(training, "time", types.SimpleNamespace(perf_counter=made.perf_counter))
    return made


def test_it_counts_steps_and_keeps_the_history():
    with Training(model(), steps=4, bar=False) as run:
        for step in run:
            run.log(loss=torch.tensor(1.0 + step))
    steps, seconds, losses = run.column("loss")
    assert (steps, losses) == ([0, 1, 2, 3], [1, 2, 3, 4])
    assert seconds == sorted(seconds)
    assert (run.step, run.progress, run.interrupted) == (4, 1.0, False)


def test_it_ends_after_the_seconds_and_a_pause_does_not_count(clock):
    with Training(model(), seconds=2.0, bar=False) as run:
        for _ in run:
            clock.now += 0.25
            with run.paused():
                clock.now += 0.5
    assert (run.step, run.seconds) == (8, 2.0)
    assert clock.now == 6.0


def test_the_clock_is_the_machines():
    with Training(model(), seconds=0.05, bar=False) as run:
        before = run.seconds
        for _ in run:
            assert run.seconds >= before
            before = run.seconds
    assert run.seconds >= 0.05
    assert run.step >= 1


def test_progress_follows_whichever_limit_comes_first(clock):
    with Training(model(), steps=10, seconds=1000, bar=False) as run:
        seen = [run.progress for _ in run]
    assert seen == [i / 10 for i in range(10)]
    with Training(model(), steps=1000, seconds=4, bar=False) as run:
        seen = []
        for _ in run:
            seen.append(run.progress)
            clock.now += 1
    assert seen == [0, 0.25, 0.5, 0.75]


def test_the_best_weights_come_back():
    net = model()
    with Training(net, steps=3, watch="validation", bar=False) as run:
        for step in run:
            torch.nn.init.constant_(net.weight, step)
            run.log(validation=[2.0, 1.0, 3.0][step])
    assert net.weight[0, 0] == 2
    run.load_best()
    assert (net.weight[0, 0].item(), run.best["step"], run.best["validation"]) == (1, 1, 1.0)


def test_a_nan_is_never_the_best():
    net = model()
    with Training(net, steps=3, watch="validation", bar=False) as run:
        for step in run:
            run.log(validation=[math.nan, 2.0, math.nan][step])
    assert run.best["step"] == 1


def test_an_interrupt_keeps_the_history_and_the_best_weights(capsys):
    net = model()
    with Training(net, steps=100, watch="validation") as run:
        for step in run:
            torch.nn.init.constant_(net.weight, step)
            run.log(validation=abs(step - 2))
            if step == 5:
                raise KeyboardInterrupt
    assert run.interrupted
    assert (net.weight[0, 0].item(), len(run.history)) == (2, 6)
    said = capsys.readouterr().out
    assert "Interrupted after 5 steps" in said
    assert "best weights again (step 2, validation 0.000)" in said


def test_an_interrupt_before_the_first_measurement_says_to_run_it_again():
    def stop():
        with Training(model(), steps=100, watch="validation", bar=False) as run:
            for step in run:
                if step == 2:
                    raise KeyboardInterrupt

    with pytest.raises(
        RuntimeError, match=r"after 2 steps, before the first 'validation' .* Run this cell again"
    ):
        stop()


def test_without_anything_to_watch_an_early_interrupt_only_ends_the_loop(capsys):
    with Training(model(), steps=100, bar=False) as run:
        for _ in run:
            raise KeyboardInterrupt
    assert run.interrupted
    assert capsys.readouterr().out == "Interrupted after 0 steps. The history so far is kept.\n"


def test_an_interrupt_of_two_trainings_in_turns_keeps_both(capsys):
    ours, theirs = model(), model()
    with (
        Training(theirs, steps=9, watch="loss", bar=False) as first,
        Training(ours, steps=9, watch="loss", bar=False) as second,
    ):
        for step, _ in zip(first, second, strict=True):
            first.log(loss=9 - step)
            second.log(loss=8 - step)
            if step == 4:
                raise KeyboardInterrupt
    assert (first.interrupted, second.interrupted) == (False, True)
    assert (first.best["loss"], second.best["loss"]) == (5, 4)
    assert capsys.readouterr().out.count("Interrupted") == 1


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:75] . DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_a_full_memory_becomes_a_sentence(error):
    def fill():
        with Training(model(), steps=3, bar=False) as run:
            for _ in run:
                raise error

    with pytest.raises(
        RuntimeError, match=r"memory of .* is full after 0 steps\. Halve the batch size"
    ) as said:
        fill()
    assert said.value.__cause__ is error


def test_a_tensor_that_no_machine_can_hold_becomes_the_same_sentence():
    def fill():
        with Training(model(), steps=3, bar=False) as run:
            for _ in run:
                torch.empty(2**60)

    with pytest.raises(RuntimeError, match="is full after 0 steps"):
        fill()


def test_other_errors_pass_through():
    def break_it():
        with Training(model(), steps=3, bar=False) as run:
            for _ in run:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_it()


@pytest.mark.parametrize(
    ("settings", "message"),
    [({}, "give steps=…"), ({"steps": 0}, "steps is 0"), ({"seconds": -1.0}, "seconds is -1.0")],
)
def test_a_loop_that_could_not_run_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Training(model(), **settings)


def test_misuse_names_the_remedy():
    run = Training(model(), steps=1, bar=False)
    with pytest.raises(RuntimeError, match="write `with Training"):
        next(iter(run))
    with pytest.raises(KeyError, match="logged as 'loss'; logged: nothing yet"):
        run.column("loss")
    with pytest.raises(RuntimeError, match="give watch="):
        run.load_best()
