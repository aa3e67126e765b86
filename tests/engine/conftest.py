"""How many examples hypothesis tries; the number of cases printed at the end."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.engine import cases

# MINI_DL_EXAMPLES=500 for a deep run; 15 of each in the ordinary one
settings.register_profile(
    "engine",
    max_examples=int(os.environ.get("MINI_DL_EXAMPLES", "15")),
    deadline=None,
    derandomize="MINI_DL_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    print_blob=True,
)
settings.load_profile("engine")


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.is_registered(cases):
        config.pluginmanager.register(cases)
