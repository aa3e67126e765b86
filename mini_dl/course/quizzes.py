"""Questions inside the page: ``quiz("question", [("option", True, "why"), ...])``.

The answer to a click is shown by the page's own style sheet, without any JavaScript: a quiz works in
JupyterLab, on Colab and in the static book, also from disk. Where all styles are stripped (GitHub) and in
print, every option stands there with its explanation. JupyterLab takes style sheets, but not the styles of
elements, from a notebook it does not trust yet: hence the explanations are hidden by their own style.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from mini_dl.course.checks.show import inline

Options = Sequence[tuple[str, bool, str]]

# `currentColor` and the page's own text colour fit light and dark pages; the marks are words and symbols.
_STYLE = """<style>
.mini-dl-quiz fieldset {border: 1px solid rgba(127,127,127,.55); border-radius: 6px; min-width: 0;
 margin: .5em 0 1em; padding: .2em 1em .7em}
.mini-dl-quiz legend {float: left; width: 100%; margin: 0; padding: .4em; color: inherit; font-size: 1em;
 font-weight: 600; line-height: 1.4}
.mini-dl-quiz legend + div {clear: both}
.mini-dl-quiz label {display: flex; gap: .6em; min-height: 24px; margin: 0; padding: .25em .4em;
 color: inherit; border-radius: 4px; line-height: 24px; font-weight: 400; cursor: pointer}
.mini-dl-quiz label:hover {background: rgba(127,127,127,.15)}
.mini-dl-quiz label:has(:focus-visible) {outline: 2px solid currentColor}
.mini-dl-quiz input {flex: none; width: 18px; height: 18px; margin: 3px; accent-color: #2b7bba}
.mini-dl-quiz code {color: inherit; background: none; border: 0; padding: 0}
.mini-dl-quiz p {margin: .1em 0 .4em; padding: .2em .7em; border-left: 4px solid #d9822b; line-height: 1.5;
 background: rgba(127,127,127,.09); color: inherit}
.mini-dl-quiz .yes p, .mini-dl-quiz .all p {border-left-color: #2e9e4f}
.mini-dl-quiz label:has(:checked) + div p {display: block !important}
.mini-dl-quiz fieldset:not(:has(.yes input:not(:checked), .no input:checked)) .all p
 {display: block !important}
@supports not selector(:has(*)) {.mini-dl-quiz p {display: block !important}}
@media print {.mini-dl-quiz p {display: block !important}}
</style>"""


class Quiz:
    """One or more questions; a notebook shows them as a form, `print` as text."""

    def __init__(self, questions: Mapping[str, Options]) -> None:
        self.questions = {q: _checked(q, options) for q, options in questions.items()}

    def _repr_html_(self) -> str:
        parts = [_STYLE, '<div class="mini-dl-quiz tex2jax_process mathjax_process">']
        for question, options in self.questions.items():
            parts += _question_html(question, options)
        return "\n".join([*parts, "</div>"])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._repr_html_()}

    def __str__(self) -> str:
        lines: list[str] = []
        for question, options in self.questions.items():
            several = sum(right for _, right, _ in options) != 1
            lines.append(question + (" (more than one may be right)" if several else ""))
            lines += [f"  {chr(97 + i)}) {text}" for i, (text, _, _) in enumerate(options)]
        lines.append("Answers")
        for number, options in enumerate(self.questions.values(), start=1):
            for i, (_, right, why) in enumerate(options):
                place = f"{number}{chr(97 + i)}" if len(self.questions) > 1 else chr(97 + i)
                lines.append(f"  {place}) {'✓ Right.' if right else '✗ No.'} {why}")
        return "\n".join(lines)

    __repr__ = __str__


def quiz(question: str | Mapping[str, Options], options: Options | None = None) -> Quiz:
    """Ask a question with options to choose from, each with its explanation.

    Parameters
    ----------
    question
        The question, or a dict ``{question: options}`` with several. Text may hold `` `code` `` and
        ``$formula$``.
    options
        Triples ``(text, right, why)``: the text, whether it is right, and the explanation shown when it
        is chosen. With exactly one right option the reader picks one; otherwise all that apply.

    Examples
    --------
    >>> print(quiz("2 + 2?", [("4", True, "Count."), ("5", False, "One too many.")]))
    2 + 2?
      a) 4
      b) 5
    Answers
      a) ✓ Right. Count.
      b) ✗ No. One too many.
    """
    if isinstance(question, Mapping):
        if options is not None:
            raise TypeError("quiz: with a dict of questions, the options stand in the dict")
        return Quiz(question)
    if options is None:
        raise TypeError(f"quiz: the question {question!r} has no options; pass a list of (text, right, why)")
    return Quiz({question: options})


def _checked(question: str, options: Options) -> list[tuple[str, bool, str]]:
    """Return the options, or say what is wrong with them."""
    if len(options) < 2:
        raise ValueError(f"quiz {question!r}: {len(options)} option(s); a choice needs at least two")
    for option in options:
        if not isinstance(option, tuple) or len(option) != 3 or not isinstance(option[1], bool):
            raise ValueError(f"quiz {question!r}: {option!r} is no option; write (text, True or False, why)")
        if not option[2].strip():
            raise ValueError(f"quiz {question!r}: option {option[0]!r} has no explanation; say why")
    texts = [text for text, _, _ in options]
    if len(set(texts)) < len(texts):
        raise ValueError(f"quiz {question!r}: two options have the same text")
    if not any(right for _, right, _ in options):
        raise ValueError(f"quiz {question!r}: no option is right")
    return list(options)


def _question_html(question: str, options: Options) -> list[str]:
    name = "quiz-" + hashlib.sha256("\n".join([question, *(o[0] for o in options)]).encode()).hexdigest()[:12]
    one = sum(right for _, right, _ in options) == 1
    kind = "radio" if one else "checkbox"
    more = "" if one else " <small>(choose all that apply)</small>"
    parts = [f'<fieldset id="{name}"><legend>{inline(question)}{more}</legend>']
    for i, (text, right, why) in enumerate(options):
        # The last attribute keeps the arrow keys from moving JupyterLab's cells.
        own = 'autocomplete="off" data-lm-suppress-shortcuts'
        field = f'<input type="{kind}" name="{name}" id="{name}-{i}" {own}>'
        parts += [
            f'<div class="{"yes" if right else "no"}">',
            f'<label for="{name}-{i}">{field} <span>{inline(text)}</span></label>',
            _told_when_chosen("✓ Right." if right else "✗ No.", why) + "</div>",
        ]
    if not one:
        parts += ['<div class="all">', _told_when_chosen("✓ That is all of them.") + "</div>"]
    return [*parts, "</fieldset>"]


def _told_when_chosen(verdict: str, why: str = "") -> str:
    text = f"<strong>{verdict}</strong> {inline(why)}".strip()
    return f'<div role="status"><p style="display:none">{text}</p></div>'
