"""What depends on the machine: the setting, the number type, compiling."""

import os
import subprocess
import sys

import pytest

from mini_dl.course import hardware
from mini_dl.course.start import Ready


@pytest.mark.parametrize(("device", "scale"), [("cpu", "small"), ("mps", "full"), ("cuda", "full")])
def test_the_device_chooses_the_setting(monkeypatch, capsys, device, scale):
    monkeypatch.delenv("MINI_DL_SCALE", raising=False)
    ready = Ready(1, None, device)
    assert (ready.scale, ready.pick(small="small", full="full")) == (scale, scale)
    assert capsys.readouterr().out == f"{scale.capitalize()} setting, on the device {device}: {scale}\n"


@pytest.mark.parametrize("wish", ["small", "full", " Full "])
def test_the_environment_overrides_it(monkeypatch, wish):
    monkeypatch.setenv("MINI_DL_SCALE", wish)
    assert {hardware.scale(device) for device in ("cpu", "cuda")} == {wish.strip().lower()}


def test_another_word_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("MINI_DL_SCALE", "huge")
    with pytest.raises(ValueError, match=r"MINI_DL_SCALE is 'huge'; set it to 'small' or 'full'"):
        hardware.scale("cpu")


def test_on_a_cpu_nothing_is_compiled_and_it_says_why(capsys):
    model = object()
    assert hardware.compiled(model, "cpu") is model
    assert capsys.readouterr().out == "Not compiled: it would take longer than this training.\n"


def test_without_a_compiler_it_falls_back_and_says_what_to_install(monkeypatch, capsys):
    pytest.importorskip("torch")
    monkeypatch.setattr(hardware.shutil, "which", lambda name: None)
    model = object()
    assert hardware.compiled(model, "cuda") is model
    assert "no C compiler; install gcc" in capsys.readouterr().out


def test_where_compiling_fails_the_model_itself_comes_back_with_a_sentence(monkeypatch, capsys):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (9, 0))
    monkeypatch.setattr(hardware.shutil, "which", lambda name: "/usr/bin/gcc")
    monkeypatch.setattr(hardware, "_trial", lambda device: "a trial failed (why)")
    model = object()
    assert hardware.compiled(model, "cuda") is model
    assert capsys.readouterr().out == "Not compiled: a trial failed (why).\n"


def test_the_trial_sees_a_compiler_that_does_not_work(tmp_path):
    pytest.importorskip("torch")
    program = "from mini_dl.course import hardware; print(hardware._trial('cpu'))"
    broken = {"CC": "false", "CXX": "false", "TORCHINDUCTOR_CACHE_DIR": str(tmp_path), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | broken, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("a trial failed (")
    assert "It runs all the same, only slower" in done.stdout


def test_autocast_leaves_a_cpu_in_float32():
    torch = pytest.importorskip("torch")
    with hardware.autocast("cpu"):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


def test_the_peak_is_looked_up_by_name(monkeypatch):
    monkeypatch.setattr(hardware, "describe", lambda device: "NVIDIA H100 PCIe")
    assert hardware.peak_flops("cuda") == 756e12
    monkeypatch.setattr(hardware, "describe", lambda device: "An unknown GPU")
    assert hardware.peak_flops("cuda") is None
