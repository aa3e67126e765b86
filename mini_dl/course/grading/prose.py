"""What a rubric says in Markdown, with formulas in LaTeX, as HTML that needs no script to be shown."""

from __future__ import annotations

import html
import re

SIGNS = {
    "approx": "≈",
    "cdot": "·",
    "eta": "η",
    "gamma": "γ",
    "kappa": "κ",
    "lambda": "λ",
    "log": "log",
    "sqrt": "√",
}
_PIECES = re.compile(r"`([^`]+)`|\$([^$]+)\$")
_EMPHASIS = re.compile(r"\*([^*\s](?:[^*]*[^*\s])?)\*")
_RAISED = re.compile(r"([_^])(?:\{([^{}]*)\}|(\w|\*))")
_ROOT = re.compile(r"\\sqrt\{([^{}]*)\}")
_COMMAND = re.compile(r"\\([a-zA-Z]+) ?")


def html_of(text: str) -> str:
    r"""Return a rubric's text as HTML: code, emphasis, and formulas of one line.

    Raises
    ------
    ValueError
        If a formula has a command that is not among `SIGNS`.

    Examples
    --------
    >>> html_of(r"*Says* `x < 1`, and $1.1^{30} \approx 17.4$.")
    '<em>Says</em> <code>x &lt; 1</code>, and 1.1<sup>30</sup> ≈ 17.4.'
    >>> html_of(r"$W_1 W_2$, $\sqrt{64} = 8$ and $\sqrt k R$")
    'W<sub>1</sub> W<sub>2</sub>, √64 = 8 and √k R'
    """
    parts, end = [], 0
    for found in _PIECES.finditer(text):
        parts.append(_prose(text[end : found.start()]))
        code, formula = found.groups()
        parts.append(f"<code>{html.escape(code)}</code>" if code else _formula(formula))
        end = found.end()
    return "".join([*parts, _prose(text[end:])])


def _prose(text: str) -> str:
    return _EMPHASIS.sub(r"<em>\1</em>", html.escape(text))


def _formula(tex: str) -> str:
    tex = _ROOT.sub(lambda m: f"√{m[1]}" if m[1].isalnum() else f"√({m[1]})", html.escape(tex))
    tex = _COMMAND.sub(lambda m: _sign(m[1]) + (" " if m[0].endswith(" ") and m[1] != "sqrt" else ""), tex)
    tex = _RAISED.sub(_raise, tex)
    return tex.replace("-", "−")


def _raise(found: re.Match[str]) -> str:
    name = "sup" if found[1] == "^" else "sub"
    return f"<{name}>{found[3] or found[2]}</{name}>"


def _sign(command: str) -> str:
    if command not in SIGNS:
        raise ValueError(f"no plain sign for \\{command}: add it to SIGNS in {__name__}")
    return SIGNS[command]
