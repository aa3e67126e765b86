"""Choose the next token: temperature, top-k and top-p on given logits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import traitlets

from mini_dl.course.explore.base import Explorable, source


class Sampler(Explorable):
    """The probabilities of the next token, as the three settings of a sampler change them."""

    _esm = source("sampler.js")
    text = (
        "Interactive figure: the probabilities of the next token, with temperature, top-k and top-p to choose"
    )

    # of {"text", "logits"}: a text and the logits of what comes next, in the order of the tokens
    contexts: traitlets.List = traitlets.List().tag(sync=True)
    tokens: traitlets.List = traitlets.List().tag(sync=True)
    chosen = traitlets.Int(0).tag(sync=True)
    temperature = traitlets.Float(1.0).tag(sync=True)
    top_k = traitlets.Int(1).tag(sync=True)
    top_p = traitlets.Float(1.0).tag(sync=True)


def sampler(contexts: Mapping[str, Sequence[float] | np.ndarray], tokens: Sequence[str]) -> Sampler:
    """Return the explorable for one or several texts and a model's logits of their next token.

    Parameters
    ----------
    contexts : mapping
        Text to the logits of the token after it, one a token.
    tokens : sequence of str
        The tokens as they are shown, all different: at least 2, at most 500.

    Raises
    ------
    ValueError
        If there is no text, its logits are no row of finite numbers, one a token, or the tokens are too
        few, too many or not all different; names what it is.

    Examples
    --------
    >>> sampler({"To b": [0.0, 2.0, 1.0]}, ["a", "e", "i"]).contexts
    [{'text': 'To b', 'logits': [0.0, 2.0, 1.0]}]
    """
    names = list(tokens)
    if not 2 <= len(names) <= 500:
        raise ValueError(f"sampler: {len(names)} tokens; give 2 to 500")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"sampler: the token {twice!r} is given twice; show each in a form of its own")
    plain = []
    for text, logits in contexts.items():
        row = np.asarray(logits, dtype=float)
        if row.shape != (len(names),):
            raise ValueError(
                f"sampler: logits after {text!r} have shape {row.shape}; give one a token: ({len(names)},)"
            )
        if not np.isfinite(row).all():
            raise ValueError(f"sampler: the logits after {text!r} hold NaN or infinity; give the raw logits")
        plain.append({"text": text, "logits": row.round(3).tolist()})
    if not plain:
        raise ValueError("sampler: no text given; pass {'To be or not to b': logits}")
    return Sampler(contexts=plain, tokens=names, top_k=len(names))
