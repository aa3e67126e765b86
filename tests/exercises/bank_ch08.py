"""Answers to the exercises of notebook 08, as readers write them."""

import functools
import math

import numpy as np
from bank import Bank

# --- momentum_step -----------------------------------------------------------------------------------

roll = Bank("momentum_step")


@roll.right
def roll_two_lines(w, v, g, lr, momentum=0.9):
    v = v * momentum + g
    w = w - lr * v
    return w, v


@roll.right
def roll_list(w, v, g, lr, momentum=0.9):
    new = np.add(g, momentum * v)
    return [w - lr * new, new]


@roll.right
def roll_copies(w, v, g, lr, momentum=0.9):
    w, v = w.copy(), v.copy()
    v *= momentum
    v += g
    w -= lr * v
    return w, v


@roll.right
def roll_single_precision(w, v, g, lr, momentum=0.9):
    w, v, g = (a.astype(np.float32) for a in (w, v, g))
    v = np.float32(momentum) * v + g
    return w - np.float32(lr) * v, v


@roll.right
def roll_plain_python(w, v, g, lr, momentum=0.9):
    flat = [momentum * a + b for a, b in zip(v.ravel(), g.ravel(), strict=True)]
    moved = [a - lr * b for a, b in zip(w.ravel(), flat, strict=True)]
    return np.reshape(moved, w.shape), np.reshape(flat, v.shape)


@roll.wrong(names="averaged")
def roll_average(w, v, g, lr, momentum=0.9):
    v = v * momentum + g * (1 - momentum)
    w = w - lr * v
    return w, v


@roll.wrong(names="old_velocity")
def roll_too_early(w, v, g, lr, momentum=0.9):
    w = w - lr * v
    v = momentum * v + g
    return w, v


@roll.wrong(names="uphill")
def roll_up(w, v, g, lr, momentum=0.9):
    v = momentum * v + g
    w = w + lr * v
    return w, v


@roll.wrong(names="rate_in_velocity")
def roll_rate_inside(w, v, g, lr, momentum=0.9):
    v = momentum * v + lr * g
    w = w - v
    return w, v


@roll.wrong(names="velocity_downhill")
def roll_downhill(w, v, g, lr, momentum=0.9):
    v = momentum * v - lr * g
    w = w + v
    return w, v


@roll.wrong(names="nesterov")
def roll_ahead(w, v, g, lr, momentum=0.9):
    v = momentum * v + g
    ahead = momentum * v + g
    return w - lr * ahead, v


@roll.wrong(names="plain")
def roll_without(w, v, g, lr, momentum=0.9):
    w = w - lr * g
    return w, g + momentum * v


@roll.wrong(names="forgets_velocity")
def roll_forgets(w, v, g, lr, momentum=0.9):
    new = momentum * v + g
    return w - lr * new, v


@roll.wrong(names="turned")
def roll_turned(w, v, g, lr, momentum=0.9):
    v = momentum * v + g
    w = w - lr * v
    return v, w


@roll.wrong(names="no_friction")
def roll_no_friction(w, v, g, lr, momentum=0.9):
    v = v + g
    w = w - lr * v
    return w, v


@roll.wrong(names="weights_alone")
def roll_w(w, v, g, lr, momentum=0.9):
    v = momentum * v + g
    return w - lr * v


@roll.wrong(names="no_rate")
def roll_no_rate(w, v, g, lr, momentum=0.9):
    v = momentum * v + g
    return w - v, v


@roll.wrong(says="in place")
def roll_in_place(w, v, g, lr, momentum=0.9):
    v *= momentum
    v += g
    w -= lr * v
    return w, v


@roll.wrong(names="rate_twice")
def roll_rate_twice(w, v, g, lr, momentum=0.9):
    v = v * momentum + g * lr
    w = w - lr * v
    return w, v


@roll.wrong(names="returns_step")
def roll_step_returned(w, v, g, lr, momentum=0.9):
    v = lr * (v * momentum + g)
    w = w - v
    return w, v


@roll.wrong(names="roles_exchanged")
def roll_roles(w, v, g, lr, momentum=0.9):
    v = v * (1 - momentum) + g * momentum
    w = w - lr * v
    return w, v


@roll.wrong(names="keeps_the_rest")
def roll_rest(w, v, g, lr, momentum=0.9):
    v = v - momentum * v + g
    return w - lr * v, v


@roll.wrong(names="always_usual")
def roll_usual_number(w, v, g, lr, momentum=0.9):
    new = g + 0.9 * v
    return w - lr * new, new


@roll.wrong(names="gradient_damped")
def roll_both_damped(w, v, g, lr, momentum=0.9):
    new = momentum * v + momentum * g
    return w - lr * new, new


@roll.wrong(names="negative_velocity")
def roll_downhill_kept(w, v, g, lr, momentum=0.9):
    v = -momentum * v - g
    return w + lr * v, v


@roll.wrong(names="gradient_subtracted")
def roll_minus_gradient(w, v, g, lr, momentum=0.9):
    v = momentum * v - g
    w = w + lr * v
    return w, v


# --- adam_step ---------------------------------------------------------------------------------------

adam = Bank("adam_step")


@adam.right
def adam_usual(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
    return w, m, v


@adam.right
def adam_differences(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = m + (1 - beta1) * (g - m)
    v = v + (1 - beta2) * (g**2 - v)
    rate = lr / (1 - beta1**t)
    return [w - rate * m / (np.sqrt(v) / np.sqrt(1 - beta2**t) + eps), m, v]


@adam.right
def adam_paper_efficient(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m_new = np.multiply(beta1, m) + np.multiply(1 - beta1, g)
    v_new = np.multiply(beta2, v) + np.multiply(1 - beta2, np.square(g))
    c1, c2 = 1 - pow(beta1, t), 1 - pow(beta2, t)
    step = (lr * np.sqrt(c2) / c1) * m_new / (np.sqrt(v_new) + eps * np.sqrt(c2))
    return w - step, m_new, v_new


@adam.right
def adam_copies(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    w, m, v = w.copy(), m.copy(), v.copy()
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * np.abs(g) ** 2
    w -= lr * (m / (1 - beta1**t)) / (eps + (v / (1 - beta2**t)) ** 0.5)
    return w, m, v


@adam.wrong(names="no_correction")
def adam_uncorrected(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * m / (np.sqrt(v) + eps), m, v


@adam.wrong(names="corrected_kept")
def adam_keeps_hats(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = (beta1 * m + (1 - beta1) * g) / (1 - beta1**t)
    v = (beta2 * v + (1 - beta2) * g * g) / (1 - beta2**t)
    return w - lr * m / (np.sqrt(v) + eps), m, v


@adam.wrong(names="no_root")
def adam_no_sqrt(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (m / (1 - beta1**t)) / (v / (1 - beta2**t) + eps), m, v


@adam.wrong(names="eps_inside")
def adam_eps_in_root(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (m / (1 - beta1**t)) / np.sqrt(v / (1 - beta2**t) + eps), m, v


@adam.wrong(names="no_eps")
def adam_without_eps(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (m / (1 - beta1**t)) / np.sqrt(v / (1 - beta2**t)), m, v


@adam.wrong(names="not_squared")
def adam_not_squared(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam.wrong(names="betas_exchanged")
def adam_betas(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta2 * m + (1 - beta2) * g
    v = beta1 * v + (1 - beta1) * g * g
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam.wrong(names="counts_from_zero")
def adam_t_plus_one(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam.wrong(names="product_for_power")
def adam_product(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (m / (1 - beta1 * t)) / (np.sqrt(v / (1 - beta2 * t)) + eps), m, v


@adam.wrong(names="momentum_sum")
def adam_sum(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam.wrong(names="adam_uphill")
def adam_up(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w + lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam.wrong(says="Return 3 things")
def adam_weights_alone(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return float(np.sum(w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)))


@adam.wrong(names="no_power")
def adam_first_correction(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1), v / (1 - beta2)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@adam.wrong(names="only_m_corrected")
def adam_m_only(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    return w - lr * m_hat / (np.sqrt(v) + eps), m, v


@adam.wrong(names="only_v_corrected")
def adam_v_only(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    v_hat = v / (1 - beta2**t)
    return w - lr * m / (np.sqrt(v_hat) + eps), m, v


@adam.wrong(names="corrections_multiplied")
def adam_times(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m * (1 - beta1**t), v * (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@adam.wrong(names="brackets_missing")
def adam_brackets(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / 1 - beta1**t, v / 1 - beta2**t
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@adam.wrong(names="old_averages")
def adam_too_early(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w, m, v


@adam.wrong(names="shares_exchanged")
def adam_shares(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = (1 - beta1) * m + beta1 * g
    v = (1 - beta2) * v + beta2 * g * g
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam.wrong(names="square_of_average")
def adam_squares_m(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * m * m
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam.wrong(names="gradient_itself")
def adam_like_rmsprop(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * g / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam.wrong(names="eps_to_weights")
def adam_eps_outside(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (m / (1 - beta1**t)) / np.sqrt(v / (1 - beta2**t)) + eps, m, v


@adam.wrong(names="weights_last")
def adam_other_order(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    w = w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return m, v, w


@adam.wrong(names="adam_weights_alone")
def adam_w_alone(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps)


# --- cosine_schedule ---------------------------------------------------------------------------------

wave = Bank("cosine_schedule")


def each(rule):
    """Answers that treat one step after another."""

    @functools.wraps(rule)
    def over(steps, *settings):
        return [rule(step, *settings) for step in steps]

    return over


@wave.right
def wave_usual(steps, total, lr_max, lr_min=0.0, warmup=0):
    angle = np.pi * np.minimum(steps - warmup, total - warmup) / (total - warmup)
    fall = lr_min + 0.5 * (lr_max - lr_min) * (1 + np.cos(angle))
    return np.where(steps < warmup, lr_max * (steps + 1) / (warmup or 1), fall)


@wave.right
def wave_loop(steps, total, lr_max, lr_min=0.0, warmup=0):
    rates = []
    for step in steps:
        if step < warmup:
            rates.append(lr_max * (step + 1) / warmup)
        else:
            share = min((step - warmup) / (total - warmup), 1)
            rates.append(lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * share)) / 2)
    return rates


@wave.right
def wave_masks(steps, total, lr_max, lr_min=0.0, warmup=0):
    rates = np.full(len(steps), float(lr_min))
    rising = steps < warmup
    falling = (steps >= warmup) & (steps < total)
    rates[rising] = lr_max * (steps[rising] + 1) / max(warmup, 1)
    share = (steps[falling] - warmup) / (total - warmup)
    rates[falling] += (lr_max - lr_min) * (1 + np.cos(np.pi * share)) / 2
    return rates


@wave.wrong(says="integer dtype")
def wave_whole_numbers(steps, total, lr_max, lr_min=0.0, warmup=0):
    rates = np.zeros_like(steps)
    for k, step in enumerate(steps):
        if step < warmup:
            rates[k] = lr_max * (step + 1) / warmup
        else:
            share = min((step - warmup) / (total - warmup), 1)
            rates[k] = lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * share)) / 2
    return rates


@wave.right
@each
def wave_sine(step, total, lr_max, lr_min=0.0, warmup=0):
    if step + 1 <= warmup:
        return (step + 1) * lr_max / warmup
    rest = max(total - step, 0) / (total - warmup)
    return lr_min + (lr_max - lr_min) * math.sin(rest * math.pi / 2) ** 2


@wave.right
@each
def wave_mixture(step, total, lr_max, lr_min=0.0, warmup=0):
    share = np.clip((step - warmup) / (total - warmup), 0, 1)
    weight = 0.5 + 0.5 * np.cos(np.pi * share)
    ramp = min((step + 1) / warmup, 1) if warmup > 0 else 1
    return lr_max * ramp if step < warmup else weight * lr_max + (1 - weight) * lr_min


@wave.right
@each
def wave_array(step, total, lr_max, lr_min=0.0, warmup=0):
    steps = np.arange(warmup, total + 1)
    fall = lr_min + (lr_max - lr_min) * (1 + np.cos(np.linspace(0, np.pi, len(steps)))) / 2
    rise = lr_max * np.arange(1, warmup + 1) / max(warmup, 1)
    return np.concatenate([rise, fall])[min(step, total)]


@wave.wrong(names="cosine_from_zero")
@each
def wave_from_zero(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_max * (step + 1) / warmup
    return lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * min(step / total, 1))) / 2


@wave.wrong(names="length_is_total")
@each
def wave_length(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_max * (step + 1) / warmup
    share = min((step - warmup) / total, 1)
    return lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * share)) / 2


@wave.wrong(names="ramp_from_zero")
@each
def wave_ramp(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_max * step / warmup
    share = min((step - warmup) / (total - warmup), 1)
    return lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * share)) / 2


@wave.wrong(names="whole_turn")
@each
def wave_two_pi(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_max * (step + 1) / warmup
    share = min((step - warmup) / (total - warmup), 1)
    return lr_min + (lr_max - lr_min) * (1 + math.cos(2 * math.pi * share)) / 2


@wave.wrong()
def wave_into_whole_numbers(steps, total, lr_max, lr_min=0.0, warmup=0):
    rates = np.full(len(steps), lr_min)
    rising, falling = steps < warmup, (steps >= warmup) & (steps < total)
    rates[rising] = lr_max * (steps[rising] + 1) / max(warmup, 1)
    share = (steps[falling] - warmup) / (total - warmup)
    rates[falling] = lr_min + (lr_max - lr_min) * (1 + np.cos(np.pi * share)) / 2
    return rates


@wave.wrong()
def wave_no_single_step(steps, total, lr_max, lr_min=0.0, warmup=0):
    share = np.clip((steps - warmup) / (total - warmup), 0, 1)
    fall = lr_min + (lr_max - lr_min) / 2 * (1 + np.cos(np.pi * share))
    return np.where(steps < warmup, lr_max * (steps + 1) / max(warmup, 2), fall)


@wave.wrong(names="no_lowest")
@each
def wave_to_zero(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_max * (step + 1) / warmup
    share = min((step - warmup) / (total - warmup), 1)
    return lr_max * (1 + math.cos(math.pi * share)) / 2


@wave.wrong(names="too_high")
@each
def wave_added(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_max * (step + 1) / warmup
    share = min((step - warmup) / (total - warmup), 1)
    return lr_min + lr_max * (1 + math.cos(math.pi * share)) / 2


@wave.wrong(names="rises_again")
@each
def wave_beyond(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_max * (step + 1) / warmup
    share = (step - warmup) / (total - warmup)
    return lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * share)) / 2


@wave.wrong(names="straight")
@each
def wave_linear(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_max * (step + 1) / warmup
    share = min((step - warmup) / (total - warmup), 1)
    return lr_max + (lr_min - lr_max) * share


@wave.wrong(names="upside_down")
@each
def wave_minus(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_max * (step + 1) / warmup
    share = min((step - warmup) / (total - warmup), 1)
    return lr_min + (lr_max - lr_min) * (1 - math.cos(math.pi * share)) / 2


@wave.wrong(names="ramp_from_lowest")
@each
def wave_ramp_lowest(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_min + (lr_max - lr_min) * (step + 1) / warmup
    share = min((step - warmup) / (total - warmup), 1)
    return lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * share)) / 2


@wave.wrong(names="degrees")
@each
def wave_degrees(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_max * (step + 1) / warmup
    share = min((step - warmup) / (total - warmup), 1)
    return lr_min + (lr_max - lr_min) * (1 + math.cos(180 * share)) / 2


@wave.wrong(names="quarter_turn")
def wave_quarter(steps, total, lr_max, lr_min=0.0, warmup=0):
    share = np.clip((steps - warmup) / (total - warmup), 0, 1)
    fall = lr_min + (lr_max - lr_min) * np.cos(np.pi * share / 2)
    return np.where(steps < warmup, lr_max * (steps + 1) / max(warmup, 1), fall)


@wave.wrong(names="not_halved")
def wave_double(steps, total, lr_max, lr_min=0.0, warmup=0):
    share = np.clip((steps - warmup) / (total - warmup), 0, 1)
    fall = lr_min + (lr_max - lr_min) * (1 + np.cos(np.pi * share))
    return np.where(steps < warmup, lr_max * (steps + 1) / max(warmup, 1), fall)


@wave.wrong(names="below_zero")
def wave_negative(steps, total, lr_max, lr_min=0.0, warmup=0):
    share = np.clip((steps - warmup) / (total - warmup), 0, 1)
    fall = lr_min + (lr_max - lr_min) * np.cos(np.pi * share)
    return np.where(steps < warmup, lr_max * (steps + 1) / max(warmup, 1), fall)


@wave.wrong(names="one_too_early")
def wave_off_by_one(steps, total, lr_max, lr_min=0.0, warmup=0):
    share = np.clip((steps - warmup) / (total - warmup - 1), 0, 1)
    fall = lr_min + (lr_max - lr_min) * (1 + np.cos(np.pi * share)) / 2
    return np.where(steps < warmup, lr_max * (steps + 1) / max(warmup, 1), fall)


@wave.wrong(names="cut_off")
def wave_maximum(steps, total, lr_max, lr_min=0.0, warmup=0):
    share = np.clip((steps - warmup) / (total - warmup), 0, 1)
    fall = np.maximum(lr_min, lr_max * (1 + np.cos(np.pi * share)) / 2)
    return np.where(steps < warmup, lr_max * (steps + 1) / max(warmup, 1), fall)


@wave.wrong(names="zero_beyond")
def wave_silent_end(steps, total, lr_max, lr_min=0.0, warmup=0):
    share = np.clip((steps - warmup) / (total - warmup), 0, 1)
    fall = lr_min + (lr_max - lr_min) * (1 + np.cos(np.pi * share)) / 2
    fall[steps > total] = 0
    return np.where(steps < warmup, lr_max * (steps + 1) / max(warmup, 1), fall)


@wave.wrong(names="ramp_divided_by_more")
def wave_ramp_longer(steps, total, lr_max, lr_min=0.0, warmup=0):
    share = np.clip((steps - warmup) / (total - warmup), 0, 1)
    fall = lr_min + (lr_max - lr_min) * (1 + np.cos(np.pi * share)) / 2
    return np.where(steps < warmup, lr_max * (steps + 1) / (warmup + 1), fall)


@wave.wrong(names="one_step_more")
def wave_ramp_too_far(steps, total, lr_max, lr_min=0.0, warmup=0):
    share = np.clip((steps - warmup) / (total - warmup), 0, 1)
    fall = lr_min + (lr_max - lr_min) * (1 + np.cos(np.pi * share)) / 2
    return np.where(steps <= warmup, lr_max * (steps + 1) / max(warmup, 1), fall)


@wave.wrong(names="all_steps")
def wave_whole_run(steps, total, lr_max, lr_min=0.0, warmup=0):
    steps = np.arange(total)
    share = np.clip((steps - warmup) / (total - warmup), 0, 1)
    fall = lr_min + (lr_max - lr_min) * (1 + np.cos(np.pi * share)) / 2
    return np.where(steps < warmup, lr_max * (steps + 1) / max(warmup, 1), fall)


@wave.wrong(says="ask for one answer")
def wave_if_on_arrays(steps, total, lr_max, lr_min=0.0, warmup=0):
    if steps < warmup:
        return lr_max * (steps + 1) / warmup
    return lr_min + (lr_max - lr_min) * (1 + np.cos(np.pi * (steps - warmup) / (total - warmup))) / 2


# --- clip_by_norm ------------------------------------------------------------------------------------

clip = Bank("clip_by_norm")


@clip.right
def clip_usual(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    if norm > max_norm:
        return [g * max_norm / norm for g in gradients]
    return gradients


@clip.right
def clip_flat(gradients, max_norm):
    flat = np.concatenate([g.ravel() for g in gradients])
    norm = np.linalg.norm(flat)
    return [g * min(1, max_norm / norm) if norm > 0 else g for g in gradients]


@clip.right
def clip_loop(gradients, max_norm):
    total = 0.0
    for g in gradients:
        total += float((g * g).sum())
    factor = max(1.0, total**0.5 / max_norm)
    return tuple(g / factor for g in gradients)


@clip.right
def clip_as_pytorch(gradients, max_norm):
    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients])
    return [g * np.minimum(max_norm / (norm + 1e-6), 1.0) for g in gradients]


@clip.wrong(names="each_by_itself")
def clip_each(gradients, max_norm):
    clipped = []
    for g in gradients:
        norm = np.linalg.norm(g)
        clipped.append(g * max_norm / norm if norm > max_norm else g)
    return clipped


@clip.wrong(names="by_value")
def clip_value(gradients, max_norm):
    return [np.minimum(np.maximum(g, -max_norm), max_norm) for g in gradients]


@clip.wrong(names="squared")
def clip_squared(gradients, max_norm):
    norm = sum(np.sum(g * g) for g in gradients)
    return [g * max_norm / norm if norm > max_norm else g for g in gradients]


@clip.wrong(names="sum_of_norms")
def clip_sum(gradients, max_norm):
    norm = sum(np.linalg.norm(g) for g in gradients)
    return [g * max_norm / norm if norm > max_norm else g for g in gradients]


@clip.wrong(names="to_length_one")
def clip_one(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g * g) for g in gradients))
    return [g / norm if norm > max_norm else g for g in gradients]


@clip.wrong(names="turned_round")
def clip_turned(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g * g) for g in gradients))
    return [g * max_norm / norm if 0 < norm < max_norm else g for g in gradients]


@clip.wrong(names="thrown_away")
def clip_skip(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g * g) for g in gradients))
    return gradients if norm <= max_norm else [np.zeros_like(g) for g in gradients]


@clip.wrong(names="absolute_values")
def clip_l1(gradients, max_norm):
    norm = sum(np.abs(g).sum() for g in gradients)
    return [g * max_norm / norm if norm > max_norm else g for g in gradients]


@clip.wrong(names="largest_entry")
def clip_max(gradients, max_norm):
    norm = max(np.abs(g).max() for g in gradients)
    return [g * max_norm / norm if norm > max_norm else g for g in gradients]


@clip.wrong(names="nothing_clipped")
def clip_nothing(gradients, max_norm):
    return [1.0 * g for g in gradients]


@clip.wrong(names="always_scaled")
def clip_always(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g * g) for g in gradients))
    return [max_norm * g / norm if norm > 0 else g for g in gradients]


@clip.wrong(says="in place")
def clip_in_place(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g * g) for g in gradients))
    if norm > max_norm:
        for g in gradients:
            g *= max_norm / norm
    return gradients


@clip.wrong(says="nan")
def clip_divides_by_zero(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g * g) for g in gradients))
    return [g / norm * np.minimum(norm, max_norm) for g in gradients]


@clip.wrong(names="upside_down_factor")
def clip_upside_down(gradients, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    return [g * (norm / max_norm) for g in gradients] if norm > max_norm else gradients


@clip.wrong(names="longest_array")
def clip_longest(gradients, max_norm):
    norm = max(np.linalg.norm(g) for g in gradients)
    return [g * max_norm / norm for g in gradients] if norm > max_norm else gradients


@clip.wrong(names="mean_of_norms")
def clip_mean_norm(gradients, max_norm):
    norm = np.mean([np.linalg.norm(g) for g in gradients])
    return [g * max_norm / norm for g in gradients] if norm > max_norm else gradients


@clip.wrong(names="mean_for_sum")
def clip_mean_squares(gradients, max_norm):
    norm = np.sqrt(sum((g**2).mean() for g in gradients))
    return [g * max_norm / norm for g in gradients] if norm > max_norm else gradients


@clip.wrong(names="plain_sum")
def clip_no_squares(gradients, max_norm):
    norm = sum(g.sum() for g in gradients)
    return [g * max_norm / norm for g in gradients] if norm > max_norm else gradients


@clip.wrong(names="compares_squares")
def clip_root_too_late(gradients, max_norm):
    total = sum((g**2).sum() for g in gradients)
    return [g * max_norm / np.sqrt(total) for g in gradients] if total > max_norm else gradients


@clip.wrong(names="subtracts")
def clip_minus(gradients, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    return [g - max_norm for g in gradients] if norm > max_norm else gradients


@clip.wrong(names="short_lost")
def clip_filter(gradients, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    return [g * max_norm / norm for g in gradients if norm > max_norm]


@clip.wrong(names="one_vector")
def clip_long_vector(gradients, max_norm):
    flat = np.concatenate([g.ravel() for g in gradients])
    norm = np.linalg.norm(flat)
    return flat * max_norm / norm if norm > max_norm else flat


@clip.wrong(says="return")
def clip_half_a_return(gradients, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    if norm > max_norm:
        return [g * max_norm / norm for g in gradients]
    return None


@clip.wrong(names="twice")
def clip_scaled_twice(gradients, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    if norm > max_norm:
        gradients = [g / norm * max_norm for g in gradients]
        return [g * max_norm / norm for g in gradients]
    return gradients
