"""Bank of notebook 13: answers as readers write them."""

from __future__ import annotations

import statistics
import time

import numpy as np
from bank import Bank


def torch_module():
    import torch

    return torch


def cross_entropy(logits, y, **settings):
    return torch_module().nn.functional.cross_entropy(logits, y, **settings)


# --- timed_matmul ------------------------------------------------------------------------------------

timed = Bank("timed_matmul")


@timed.right
def timed_statistics(device, n, repeats):
    device.multiply(n)
    device.wait()
    seconds = []
    for _ in range(repeats):
        start = device.clock()
        device.multiply(n)
        device.wait()
        seconds.append(device.clock() - start)
    return 2 * n**3 / statistics.median(seconds)


@timed.right
def timed_readings(device, n, repeats):
    readings = []
    for _ in range(repeats + 1):
        device.multiply(n)
        device.wait()
        readings.append(device.clock())
    return np.array([2.0 * n * n * n / np.median(np.diff(readings))])


@timed.right
def timed_sorted(device, n, repeats):
    times = []
    for i in range(repeats + 1):
        device.wait()
        before = device.clock()
        device.multiply(n)
        device.wait()
        if i > 0:
            times.append(device.clock() - before)
    return n * n * (n + n) / sorted(times)[len(times) // 2]


@timed.right
def timed_rates(device, n, repeats):
    def once():
        before = device.clock()
        device.multiply(n)
        device.wait()
        return device.clock() - before

    once()
    return float(np.median([2 * n**3 / once() for _ in range(repeats)]))


@timed.right
def timed_two_warm_ups(device, n, repeats):
    for _ in range(1):
        device.multiply(n)
        device.wait()
    device.wait()
    times = np.empty(repeats, dtype=np.float32)
    for i in range(repeats):
        times[i] = -device.clock()
        device.multiply(n)
        device.wait()
        times[i] += device.clock()
    return np.float32(2 * n**3 / np.median(times))


@timed.wrong(names="does_not_wait")
def timed_never_waits(device, n, repeats):
    device.multiply(n)
    times = []
    for _ in range(repeats):
        start = device.clock()
        device.multiply(n)
        times.append(device.clock() - start)
    return 2 * n**3 / np.median(times)


@timed.wrong(names="does_not_wait")
def timed_waits_in_warm_up(device, n, repeats):
    device.multiply(n)
    device.wait()
    times = []
    for _ in range(repeats):
        start = device.clock()
        device.multiply(n)
        times.append(device.clock() - start)
    return 2 * n**3 / np.median(times)


@timed.wrong(names="no_warm_up")
def timed_cold(device, n, repeats):
    times = []
    for _ in range(repeats):
        start = device.clock()
        device.multiply(n)
        device.wait()
        times.append(device.clock() - start)
    return 2 * n**3 / np.median(times)


@timed.wrong(names="warm_up_runs_on")
def timed_warm_up_not_waited(device, n, repeats):
    device.multiply(n)
    times = []
    for _ in range(repeats):
        start = device.clock()
        device.multiply(n)
        device.wait()
        times.append(device.clock() - start)
    return 2 * n**3 / np.median(times)


@timed.wrong(names="counts_half")
def timed_cube(device, n, repeats):
    return timed_statistics(device, n, repeats) / 2


@timed.wrong(names="counts_results")
def timed_square(device, n, repeats):
    return timed_statistics(device, n, repeats) / (2 * n)


@timed.wrong(names="mean_of_times")
def timed_mean(device, n, repeats):
    device.multiply(n)
    device.wait()
    start = device.clock()
    for _ in range(repeats):
        device.multiply(n)
        device.wait()
    return 2 * n**3 * repeats / (device.clock() - start)


@timed.wrong(names="fastest")
def timed_minimum(device, n, repeats):
    return 2 * n**3 / min(_times(device, n, repeats))


@timed.wrong(names="slowest")
def timed_maximum(device, n, repeats):
    return 2 * n**3 / max(_times(device, n, repeats))


@timed.wrong(names="seconds_only")
def timed_seconds(device, n, repeats):
    return np.median(_times(device, n, repeats))


@timed.wrong(names="one_clock_for_all")
def timed_waits_once_at_the_end(device, n, repeats):
    device.multiply(n)
    device.wait()
    start = device.clock()
    for _ in range(repeats):
        device.multiply(n)
    device.wait()
    return repeats * 2 * n**3 / (device.clock() - start)


@timed.wrong(names="total_time")
def timed_total(device, n, repeats):
    return 2 * n**3 / sum(_times(device, n, repeats))


@timed.wrong(names="in_giga")
def timed_giga(device, n, repeats):
    return timed_statistics(device, n, repeats) / 1e9


@timed.wrong()
def timed_own_clock(device, n, repeats):
    device.multiply(n)
    device.wait()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        device.multiply(n)
        device.wait()
        times.append(time.perf_counter() - start)
    return 2 * n**3 / np.median(times)


@timed.wrong()
def timed_prints(device, n, repeats):
    print(timed_statistics(device, n, repeats))


def _times(device, n, repeats):
    device.multiply(n)
    device.wait()
    times = []
    for _ in range(repeats):
        start = device.clock()
        device.multiply(n)
        device.wait()
        times.append(device.clock() - start)
    return times


# --- roofline ----------------------------------------------------------------------------------------

roof = Bank("roofline")


@roof.right
def roof_lists(flops, traffic, peak, bandwidth):
    return [min(peak, bandwidth * f / b) for f, b in zip(flops, traffic, strict=True)]


@roof.right
def roof_where(flops, traffic, peak, bandwidth):
    intensity = flops / traffic
    return np.where(intensity < peak / bandwidth, intensity * bandwidth, peak)


@roof.right
def roof_clip(flops, traffic, peak, bandwidth):
    return np.clip(bandwidth * flops / traffic, None, peak).astype(np.float32)


@roof.right
def roof_times(flops, traffic, peak, bandwidth):
    return flops / np.maximum(flops / peak, traffic / bandwidth)


@roof.right
def roof_torch(flops, traffic, peak, bandwidth):
    torch = torch_module()
    return torch.clamp(torch.tensor(flops) / torch.tensor(traffic) * bandwidth, max=peak)


@roof.wrong(names="larger")
def roof_maximum(flops, traffic, peak, bandwidth):
    return np.maximum(flops / traffic * bandwidth, peak)


@roof.wrong(names="upside_down")
def roof_bytes_per_flop(flops, traffic, peak, bandwidth):
    with np.errstate(all="ignore"):
        return np.minimum(peak, bandwidth / (flops / traffic))


@roof.wrong(names="without_bandwidth")
def roof_intensity_or_peak(flops, traffic, peak, bandwidth):
    return np.minimum(flops / traffic, peak)


@roof.wrong(names="memory_only")
def roof_no_peak(flops, traffic, peak, bandwidth):
    return flops / traffic * bandwidth


@roof.wrong(names="peak_only")
def roof_flat(flops, traffic, peak, bandwidth):
    return peak * np.ones_like(flops)


@roof.wrong(names="intensity_only")
def roof_intensity(flops, traffic, peak, bandwidth):
    return np.divide(flops, traffic)


@roof.wrong(names="best_time")
def roof_seconds(flops, traffic, peak, bandwidth):
    return np.maximum(flops / peak, traffic / bandwidth)


@roof.wrong(names="one_after_the_other")
def roof_sum_of_times(flops, traffic, peak, bandwidth):
    return flops / (flops / peak + traffic / bandwidth)


@roof.wrong(names="share_of_peak")
def roof_share(flops, traffic, peak, bandwidth):
    return np.minimum(1.0, flops / traffic * bandwidth / peak)


@roof.wrong(names="swapped")
def roof_swapped(flops, traffic, peak, bandwidth):
    return np.minimum(bandwidth, flops / traffic * peak)


@roof.wrong()
def roof_one_number(flops, traffic, peak, bandwidth):
    return min(peak, bandwidth * float(np.sum(flops)) / float(np.sum(traffic)))


@roof.wrong()
def roof_of_floats(flops, traffic, peak, bandwidth):
    return np.minimum(peak, bandwidth * flops / (4 * traffic))


# --- autocast_step -----------------------------------------------------------------------------------

cast = Bank("autocast_step")


@cast.right
def cast_context(model, x, y, optimizer):
    torch = torch_module()
    optimizer.zero_grad()
    with torch.autocast(device_type="cpu", dtype=torch.bfloat16):
        loss = cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@cast.right
def cast_tensor(model, x, y, optimizer):
    torch = torch_module()
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast(x.device.type, torch.bfloat16):
        logits = model(x)
        loss = cross_entropy(logits, y)
    loss.backward()
    optimizer.step()
    return loss


@cast.right
def cast_module_loss(model, x, y, optimizer):
    torch = torch_module()
    with torch.amp.autocast("cpu", dtype=torch.bfloat16):
        loss = torch.nn.CrossEntropyLoss()(model(x), y)
    for p in model.parameters():
        p.grad = None
    loss.backward()
    optimizer.step()
    return float(loss.detach())


@cast.right
def cast_parts_of_the_loss(model, x, y, optimizer):
    torch = torch_module()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logp = torch.log_softmax(model(x).float(), dim=1)
        loss = torch.nn.functional.nll_loss(logp, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return np.float64(loss.item())


def cast_plain(model, x, y, optimizer):
    loss = cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@cast.wrong(names="without_autocast")
def cast_none(model, x, y, optimizer):
    return cast_plain(model, x, y, optimizer)


@cast.wrong(names="without_autocast")
def cast_disabled(model, x, y, optimizer):
    torch = torch_module()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=False):
        return cast_plain(model, x, y, optimizer)


@cast.wrong(names="loss_outside")
def cast_forward_only(model, x, y, optimizer):
    torch = torch_module()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(x)
    loss = cross_entropy(logits, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@cast.wrong(names="old_gradients")
def cast_keeps_gradients(model, x, y, optimizer):
    torch = torch_module()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@cast.wrong(names="no_step")
def cast_without_step(model, x, y, optimizer):
    torch = torch_module()
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = cross_entropy(model(x), y)
    loss.backward()
    return loss.item()


@cast.wrong(names="casts_the_model")
def cast_bfloat_model(model, x, y, optimizer):
    torch = torch_module()
    return cast_plain(model.bfloat16(), x.to(torch.bfloat16), y, optimizer)


@cast.wrong(names="half")
def cast_half(model, x, y, optimizer):
    torch = torch_module()
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.float16):
        loss = cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@cast.wrong(names="steps_twice")
def cast_two_steps(model, x, y, optimizer):
    value = cast_context(model, x, y, optimizer)
    optimizer.step()
    return value


@cast.wrong(names="no_step")
def cast_clears_after_backward(model, x, y, optimizer):
    torch = torch_module()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = cross_entropy(model(x), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@cast.wrong(names="loss_after")
def cast_second_loss(model, x, y, optimizer):
    torch = torch_module()
    cast_context(model, x, y, optimizer)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return cross_entropy(model(x), y).item()


@cast.wrong()
def cast_sum(model, x, y, optimizer):
    torch = torch_module()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = cross_entropy(model(x), y, reduction="sum")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@cast.wrong(says="one number")
def cast_returns_logits(model, x, y, optimizer):
    cast_context(model, x, y, optimizer)
    return model(x)


# --- accumulate_gradients ----------------------------------------------------------------------------

parts_bank = Bank("accumulate_gradients")


@parts_bank.right
def parts_weighted(model, x, y, parts):
    model.zero_grad()
    total = 0.0
    for a, b in zip(x.chunk(parts), y.chunk(parts), strict=True):
        loss = cross_entropy(model(a), b) * (len(a) / len(x))
        loss.backward()
        total += loss.item()
    return total


@parts_bank.right
def parts_summed(model, x, y, parts):
    torch = torch_module()
    for p in model.parameters():
        p.grad = None
    total = torch.zeros((), dtype=x.dtype)
    for a, b in zip(torch.chunk(x, parts), torch.chunk(y, parts), strict=True):
        loss = cross_entropy(model(a), b, reduction="sum") / x.shape[0]
        loss.backward()
        total += loss.detach()
    return total


@parts_bank.right
def parts_scaled_at_the_end(model, x, y, parts):
    model.zero_grad()
    losses = []
    for a, b in zip(x.chunk(parts), y.chunk(parts), strict=True):
        loss = cross_entropy(model(a), b, reduction="sum")
        loss.backward()
        losses.append(loss.item())
    for p in model.parameters():
        p.grad /= len(x)
    return sum(losses) / len(x)


@parts_bank.right
def parts_array_split(model, x, y, parts):
    model.zero_grad(set_to_none=False)
    total = 0.0
    for rows in np.array_split(np.arange(len(x)), parts):
        loss = cross_entropy(model(x[rows]), y[rows]) * len(rows) / len(x)
        loss.backward()
        total = total + loss.detach().numpy()
    return np.array([total])


@parts_bank.right
def parts_by_hand(model, x, y, parts):
    torch = torch_module()
    size = -(-len(x) // parts)
    gradients = [torch.zeros_like(p) for p in model.parameters()]
    total = 0.0
    for start in range(0, len(x), size):
        a, b = x[start : start + size], y[start : start + size]
        loss = cross_entropy(model(a), b, reduction="sum") / len(x)
        for g, new in zip(gradients, torch.autograd.grad(loss, list(model.parameters())), strict=True):
            g += new
        total += loss.item()
    for p, g in zip(model.parameters(), gradients, strict=True):
        p.grad = g
    return total


@parts_bank.wrong(says="at once")
def parts_whole_batch(model, x, y, parts):
    model.zero_grad()
    loss = cross_entropy(model(x), y)
    loss.backward()
    return loss.item()


def in_parts(model, x, y, parts, weight, fresh=True):
    if fresh:
        model.zero_grad()
    total = 0.0
    for a, b in zip(x.chunk(parts), y.chunk(parts), strict=True):
        loss = cross_entropy(model(a), b) * weight(len(a))
        loss.backward()
        total += loss.item()
    return total


@parts_bank.wrong(names="sum_of_means")
def parts_unweighted(model, x, y, parts):
    return in_parts(model, x, y, parts, lambda size: 1.0)


@parts_bank.wrong(names="divides_by_parts")
def parts_equal_shares(model, x, y, parts):
    return in_parts(model, x, y, parts, lambda size: 1 / parts)


@parts_bank.wrong(names="sum_over_examples")
def parts_sum(model, x, y, parts):
    return in_parts(model, x, y, parts, lambda size: size)


@parts_bank.wrong(names="starts_from_old")
def parts_never_clears(model, x, y, parts):
    return in_parts(model, x, y, parts, lambda size: size / len(x), fresh=False)


@parts_bank.wrong(names="clears_between")
def parts_clears_each_time(model, x, y, parts):
    total = 0.0
    for a, b in zip(x.chunk(parts), y.chunk(parts), strict=True):
        total += in_parts(model, a, b, 1, lambda size: size / len(x))
    return total


@parts_bank.wrong(names="returns_last")
def parts_last_loss(model, x, y, parts):
    model.zero_grad()
    for a, b in zip(x.chunk(parts), y.chunk(parts), strict=True):
        loss = cross_entropy(model(a), b)
        (loss * len(a) / len(x)).backward()
    return loss.item()


@parts_bank.wrong(names="returns_sum")
def parts_sum_of_losses(model, x, y, parts):
    model.zero_grad()
    total = 0.0
    for a, b in zip(x.chunk(parts), y.chunk(parts), strict=True):
        loss = cross_entropy(model(a), b)
        (loss * len(a) / len(x)).backward()
        total += loss.item()
    return total


@parts_bank.wrong(names="returns_mean_of_means")
def parts_mean_of_losses(model, x, y, parts):
    return parts_sum_of_losses(model, x, y, parts) / parts


@parts_bank.wrong(names="no_backward")
def parts_no_backward(model, x, y, parts):
    model.zero_grad()
    return sum(
        cross_entropy(model(a), b).item() * len(a) / len(x)
        for a, b in zip(x.chunk(parts), y.chunk(parts), strict=True)
    )


@parts_bank.wrong()
def parts_drops_the_rest(model, x, y, parts):
    model.zero_grad()
    size = len(x) // parts
    total = 0.0
    for i in range(parts):
        a, b = x[i * size : (i + 1) * size], y[i * size : (i + 1) * size]
        loss = cross_entropy(model(a), b) / parts
        loss.backward()
        total += loss.item()
    return total


@parts_bank.wrong()
def parts_average_at_the_end(model, x, y, parts):
    total = in_parts(model, x, y, parts, lambda size: 1.0)
    for p in model.parameters():
        p.grad /= parts
    return total / parts + 0.0 if parts == 1 else total
