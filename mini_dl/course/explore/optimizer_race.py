"""Let the optimisers race down the same surface, step by step or in one go."""

from __future__ import annotations

from collections.abc import Mapping

import traitlets

from mini_dl.course.explore.base import Explorable, source

SURFACES = ("ravine", "saddle", "Rosenbrock")
OPTIMISERS = ("SGD", "momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "AdamW")


class OptimizerRace(Explorable):
    """Contours of a surface and the paths of seven optimisers, which set out together."""

    _esm = source("optimizer_race.js")
    text = "Interactive figure: seven optimisers race down the same surface, to play, pause and step through"

    rates = traitlets.Dict().tag(sync=True)
    steps = traitlets.Dict().tag(sync=True)


def optimizer_race(rates: Mapping[str, Mapping[str, float]], steps: Mapping[str, int]) -> OptimizerRace:
    """Return the explorable.

    The surfaces, with z for the height: "ravine", z = ½ u² + 25 v² where (u, v) is (x, y) turned by 30°,
    from (u, v) = (−3, 0.8); "saddle", z = ½ x² − ½ y² + ¼ y⁴, from (1.8, 0.001); "Rosenbrock",
    z = (1 − x)² + 100 (y − x²)², from (−1.2, 1). Settings other than the rate are PyTorch's defaults,
    with momentum 0.9.

    Parameters
    ----------
    rates : mapping
        Surface to optimiser to learning rate, above 0. Surfaces and optimisers left out are not shown.
    steps : mapping
        Surface to the length of the race, 1 to 1000 steps.

    Raises
    ------
    ValueError
        If a name is unknown, a rate is not above 0, or the steps of a surface are missing or too many.
    """
    if not rates:
        raise ValueError(f"optimizer_race: no rates given; pass {{'ravine': {{'SGD': 0.03}}}}, of {SURFACES}")
    for surface, of_surface in rates.items():
        if surface not in SURFACES:
            raise ValueError(
                f"optimizer_race: surface {surface!r} is unknown; there are {', '.join(SURFACES)}"
            )
        if not of_surface or set(of_surface) - set(OPTIMISERS):
            raise ValueError(
                f"optimizer_race: {surface} has the optimisers {list(of_surface)}; "
                f"choose from {', '.join(OPTIMISERS)}"
            )
        for name, rate in of_surface.items():
            if not 0 < rate < float("inf"):
                raise ValueError(
                    f"optimizer_race: the rate of {name} on {surface} is {rate!r}; it must be above 0"
                )
        if not 1 <= steps.get(surface, 0) <= 1000:
            raise ValueError(f"optimizer_race: {surface} has {steps.get(surface)} steps; give 1 to 1000")
    return OptimizerRace(
        rates={s: {name: float(rate) for name, rate in r.items()} for s, r in rates.items()},
        steps={s: int(steps[s]) for s in rates},
    )
