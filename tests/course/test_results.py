"""Recorded measurements: read, and written whole."""

import json

import pytest

from mini_dl.course import results


def test_the_engines_benchmark_is_there():
    assert set(results.recorded("engine")["threads"]["1"]) >= {"W1", "W2", "W3", "W4", "W5"}


@pytest.mark.parametrize("name", ["../engine", "", "engine.json", "Engine"])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(ValueError, match="is no result's name"):
        results.recorded(name)


def test_a_damaged_file_is_named(monkeypatch, tmp_path):
    (tmp_path / "engine.json").write_text('{"threads": ')
    monkeypatch.setattr(results, "_folder", lambda: tmp_path)
    with pytest.raises(ValueError, match=r"engine\.json is damaged .*; measure again or restore it"):
        results.recorded("engine")


def test_runs_of_a_task_are_found_among_the_files(monkeypatch, tmp_path):
    for name, task in {"gpu-a": "gpt", "gpu-b": "cnn", "engine": "gpt"}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"task": task, "name": name}))
    monkeypatch.setattr(results, "_folder", lambda: tmp_path)
    assert [run["name"] for run in results.recorded_runs("gpt")] == ["gpu-a"]


def test_nothing_is_written_unless_asked(monkeypatch, tmp_path):
    monkeypatch.delenv("MINI_DL_RECORD", raising=False)
    monkeypatch.chdir(tmp_path)
    assert results.record("gpt", loss=[1.0]) is None
    assert list(tmp_path.iterdir()) == []


def test_a_record_is_written_whole_or_not_at_all(monkeypatch, tmp_path):
    monkeypatch.setenv("MINI_DL_RECORD", str(tmp_path / "runs"))
    file = results.record("gpt", loss=[1.0])
    assert json.loads(file.read_text()) == {"task": "gpt", "loss": [1.0]}
    with pytest.raises(TypeError, match="JSON"):
        results.record("gpt", loss=object())
    assert json.loads(file.read_text()) == {"task": "gpt", "loss": [1.0]}
    assert [f.name for f in file.parent.iterdir()] == ["gpt.json"]
