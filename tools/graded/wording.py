"""Numbers and nouns in the texts of graded problems."""

from __future__ import annotations


def plural(number: int, noun: str) -> str:
    """Return the number with its noun.

    Examples
    --------
    >>> plural(1, "row"), plural(2, "row")
    ('1 row', '2 rows')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def scientific(value: float) -> str:
    r"""Return two digits of a positive number in LaTeX, as a power of ten where it is tiny or huge.

    Examples
    --------
    >>> scientific(0.9**40), scientific(0.5**50), scientific(270.4)
    ('0.015', '8.9 \\cdot 10^{-16}', '270')
    """
    digits, exponent = f"{value:.1e}".split("e")
    if -4 < int(exponent) < 4:
        return f"{float(f'{value:.1e}'):g}"
    return f"{digits} \\cdot 10^{{{int(exponent)}}}"


def times(factor: float, what: str) -> str:
    """Return a product in Python, without a factor of 1.

    Examples
    --------
    >>> times(0.5, "x"), times(1.0, "x"), times(-1, "x")
    ('0.5 * x', 'x', '-x')
    """
    return f"{'-' if factor < 0 else ''}{what}" if abs(factor) == 1 else f"{factor:g} * {what}"


def dotted(terms: list[str]) -> str:
    """Return names as a list in prose.

    Examples
    --------
    >>> dotted(["`r`", "`z`", "`n`"])
    '`r`, `z` and `n`'
    """
    return " and ".join([", ".join(terms[:-1]), terms[-1]] if len(terms) > 1 else terms)
