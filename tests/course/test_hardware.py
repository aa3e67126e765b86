"""What depends on the machine: the setting, the number type, compiling."""

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


def test_autocast_leaves_a_cpu_in_float32():
    torch = pytest.importorskip("torch")
    with hardware.autocast("cpu"):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


def test_the_peak_is_looked_up_by_name(monkeypatch):
    monkeypatch.setattr(hardware, "describe", lambda device: "NVIDIA H100 PCIe")
    assert hardware.peak_flops("cuda") == 756e12
    monkeypatch.setattr(hardware, "describe", lambda device: "An unknown GPU")
    assert hardware.peak_flops("cuda") is None
