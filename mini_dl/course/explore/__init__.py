"""Explorables: figures that a reader moves.

Each is an `anywidget` whose JavaScript does all the work, so that it lives in JupyterLab, on Colab
and in the static book alike. Beside it in the notebook stands a still figure or a sentence for
readers without JavaScript.
"""

from mini_dl.course.explore.attention import attention
from mini_dl.course.explore.backprop_graph import backprop_graph
from mini_dl.course.explore.bumps import bumps
from mini_dl.course.explore.convolution_steps import convolution_steps
from mini_dl.course.explore.descent_bowl import descent_bowl
from mini_dl.course.explore.gradient_through_time import gradient_through_time
from mini_dl.course.explore.hidden_space import hidden_space
from mini_dl.course.explore.lstm_gates import lstm_gates
from mini_dl.course.explore.optimizer_race import optimizer_race
from mini_dl.course.explore.perceptron_steps import perceptron_steps
from mini_dl.course.explore.sampler import sampler
from mini_dl.course.explore.threshold_unit import threshold_unit

__all__ = [
    "attention",
    "backprop_graph",
    "bumps",
    "convolution_steps",
    "descent_bowl",
    "gradient_through_time",
    "hidden_space",
    "lstm_gates",
    "optimizer_race",
    "perceptron_steps",
    "sampler",
    "threshold_unit",
]
