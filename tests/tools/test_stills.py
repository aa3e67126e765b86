"""The tool that takes the still pictures of the interactive figures."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from tools import stills


def test_without_a_book_it_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stills.main(["--book", str(tmp_path)]) == 1
    assert "run `make book` first" in capsys.readouterr().err


def test_without_a_browser_the_old_pictures_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "index.html").touch()
    kept = tmp_path / "stills"
    kept.mkdir()
    (kept / "old.png").touch()
    monkeypatch.setattr(stills.course_stills, "STILLS", kept)
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "no-such-program"))
    assert stills.main(["--book", str(tmp_path)]) == 1
    assert "no Chromium starts here" in capsys.readouterr().err
    assert (kept / "old.png").exists()


def test_a_picture_is_the_same_with_fewer_colours() -> None:
    shot = io.BytesIO()
    Image.effect_noise((200, 100), 80).convert("RGB").save(shot, "PNG")
    small = Image.open(io.BytesIO(stills.picture(shot.getvalue())))
    assert small.size == (200, 100)
    assert len(small.getcolors() or []) <= stills.COLORS


def test_the_fingerprint_changes_with_the_figure_and_its_values() -> None:
    def notebook(**state: str) -> dict:
        view = {stills.course_stills.VIEW: {"model_id": "m"}}
        return {
            "cells": [{"outputs": [{"data": view}]}, {"outputs": [{"data": {"text/plain": "1"}}]}, {}],
            "metadata": {"widgets": {stills.course_stills.STATE: {"state": {"m": state, "n": {}}}}},
        }

    first = stills.course_stills.models(notebook(_esm="a", value="1"))
    assert set(first) == {"m"}
    assert first == stills.course_stills.models(notebook(value="1", _esm="a"))
    assert first != stills.course_stills.models(notebook(_esm="b", value="1"))
    assert first != stills.course_stills.models(notebook(_esm="a", value="2"))
