"""Answers to the exercises of notebook 00, as readers write them."""

import math

import numpy as np
from bank import Bank

# --- count_above -------------------------------------------------------------------------------------

count = Bank("count_above")


@count.right
def count_loop(numbers, limit):
    count = 0
    for number in numbers:
        if number > limit:
            count += 1
    return count


@count.right
def count_length(numbers, limit):
    return len([n for n in numbers if n > limit])


@count.right
def count_array(numbers, limit):
    return np.sum(np.array(numbers) > limit)


@count.right
def count_index(numbers, limit):
    found = 0
    for i in range(len(numbers)):
        found += limit < numbers[i]
    return found


@count.right
def count_filter(numbers, limit):
    return len(list(filter(lambda n: n > limit, numbers)))


@count.wrong(names="at_least")
def count_at_least(numbers, limit):
    count = 0
    for number in numbers:
        if number >= limit:
            count += 1
    return count


@count.wrong(names="below")
def count_below(numbers, limit):
    return len([n for n in numbers if n < limit])


@count.wrong(names="not_above")
def count_others(numbers, limit):
    return len([n for n in numbers if not n > limit])


@count.wrong(names="sum_of_them")
def count_sum(numbers, limit):
    count = 0
    for number in numbers:
        if number > limit:
            count += number
    return count


@count.wrong(names="the_numbers")
def count_list(numbers, limit):
    return [n for n in numbers if n > limit]


@count.wrong(names="first_only")
def count_return_in_loop(numbers, limit):
    count = 0
    for number in numbers:
        if number > limit:
            count += 1
        return count
    return count


@count.wrong(names="any_above")
def count_stops(numbers, limit):
    count = 0
    for number in numbers:
        if number > limit:
            count += 1
            break
    return count


@count.wrong(names="any_above")
def count_reset(numbers, limit):
    count = 0
    for number in numbers:
        if number > limit:
            count = 1
    return count


@count.wrong(names="any_above")
def count_plus_turned(numbers, limit):
    count = 0
    for number in numbers:
        if number > limit:
            count = +1
    return count


@count.wrong(names="any_above")
def count_return_in_if(numbers, limit):
    count = 0
    for number in numbers:
        if number > limit:
            count += 1
            return count
    return count


@count.wrong(names="any_above_or_nothing")
def count_return_in_if_alone(numbers, limit):
    count = 0
    for number in numbers:
        if number > limit:
            count += 1
            return count


@count.wrong(names="first_only_or_nothing")
def count_return_in_loop_alone(numbers, limit):
    count = 0
    for number in numbers:
        if number > limit:
            count += 1
        return count


@count.wrong(names="until_first_below")
def count_while(numbers, limit):
    i = 0
    while i < len(numbers) and numbers[i] > limit:
        i += 1
    return i


@count.wrong(names="without_last")
def count_range_short(numbers, limit):
    count = 0
    for i in range(len(numbers) - 1):
        if numbers[i] > limit:
            count += 1
    return count


@count.wrong(names="without_first")
def count_range_from_one(numbers, limit):
    count = 0
    for i in range(1, len(numbers)):
        if numbers[i] > limit:
            count += 1
    return count


@count.wrong(names="different_ones")
def count_set(numbers, limit):
    return len([n for n in set(numbers) if n > limit])


@count.wrong(names="by_size")
def count_absolute(numbers, limit):
    return sum(1 for n in numbers if abs(n) > limit)


@count.wrong(says="in place")
def count_sorted(numbers, limit):
    numbers.sort()
    i = 0
    while i < len(numbers) and numbers[i] <= limit:
        i += 1
    return len(numbers) - i


@count.wrong(says="None")
def count_no_return(numbers, limit):
    count = 0
    for number in numbers:
        if number > limit:
            count += 1
    if count > 99:
        return count


# --- dot ---------------------------------------------------------------------------------------------

scalar = Bank("dot")


@scalar.right
def dot_loop(w, x):
    total = 0
    for i in range(len(w)):
        total += w[i] * x[i]
    return total


@scalar.right
def dot_zip(w, x):
    return sum(wi * xi for wi, xi in zip(w, x))  # noqa: B905


@scalar.right
def dot_library(w, x):
    return np.dot(w, x)


@scalar.right
def dot_numpy(w, x):
    return np.sum(np.multiply(w, x))


@scalar.right
def dot_recursive(w, x):
    return w[0] * x[0] + dot_recursive(w[1:], x[1:]) if w else 0


@scalar.wrong(names="products")
def dot_list(w, x):
    return [wi * xi for wi, xi in zip(w, x, strict=True)]


@scalar.wrong(names="products")
def dot_elementwise(w, x):
    return np.array(w) * np.array(x)


@scalar.wrong(names="sum_of_sums")
def dot_plus(w, x):
    total = 0
    for wi, xi in zip(w, x, strict=True):
        total += wi + xi
    return total


@scalar.wrong(names="product_of_sums")
def dot_sums(w, x):
    return sum(w) * sum(x)


@scalar.wrong(names="mean_of_products")
def dot_mean(w, x):
    return np.mean(np.multiply(w, x)) if w else 0


@scalar.wrong(names="without_last_pair")
def dot_range_short(w, x):
    total = 0
    for i in range(len(w) - 1):
        total += w[i] * x[i]
    return total


@scalar.wrong(names="without_first_pair")
def dot_range_from_one(w, x):
    total = 0
    for i in range(1, len(w)):
        total += w[i] * x[i]
    return total


@scalar.wrong(names="first_pair")
def dot_return_in_loop(w, x):
    total = 0
    for wi, xi in zip(w, x, strict=True):
        total += wi * xi
        return total
    return total


@scalar.wrong(names="first_pair_or_nothing")
def dot_return_in_loop_alone(w, x):
    total = 0
    for i in range(len(w)):
        total += w[i] * x[i]
        return total


@scalar.wrong(names="last_pair_or_error")
def dot_overwritten_without_start(w, x):
    for i in range(len(w)):
        s = w[i] * x[i]
    return s


@scalar.wrong(names="last_pair")
def dot_overwritten(w, x):
    total = 0
    for wi, xi in zip(w, x, strict=True):
        total = wi * xi
    return total


@scalar.wrong(names="product_of_sums")
def dot_two_loops(w, x):
    total = 0
    for wi in w:
        for xi in x:
            total += wi * xi
    return total


@scalar.wrong(names="square_of_w")
def dot_with_itself(w, x):
    return sum(wi**2 for wi in w)


@scalar.wrong(names="backwards")
def dot_reversed(w, x):
    return sum(w[i] * x[-1 - i] for i in range(len(w)))


@scalar.wrong(names="of_sizes")
def dot_absolute(w, x):
    return np.sum(np.abs(np.multiply(w, x)))


@scalar.wrong(names="lists_multiplied")
def dot_lists_multiplied(w, x):
    return w * x


@scalar.wrong(names="lists_multiplied")
def dot_lists_at(w, x):
    return w @ x


@scalar.wrong(names="lists_multiplied", says="range(len(w))")
def dot_without_range(w, x):
    total = 0
    for i in len(w):
        total += w[i] * x[i]
    return total


# --- matvec ------------------------------------------------------------------------------------------

matrix = Bank("matvec")


@matrix.right
def matvec_loops(A, x):
    result = []
    for row in A:
        total = 0
        for j in range(len(x)):
            total += row[j] * x[j]
        result.append(total)
    return result


@matrix.right
def matvec_array(A, x):
    return np.array(A) @ np.array(x)


@matrix.right
def matvec_sum(A, x):
    return (np.array(A) * x).sum(axis=1)


@matrix.right
def matvec_dots(A, x):
    return [np.dot(row, x) for row in A]


@matrix.right
def matvec_columns(A, x):
    result = [0.0 for _ in A]
    for j, xj in enumerate(x):
        for i, row in enumerate(A):
            result[i] += row[j] * xj
    return tuple(result)


@matrix.wrong(names="indices_swapped")
def matvec_indices(A, x):
    result = []
    for i in range(len(A)):
        total = 0
        for j in range(len(x)):
            total += A[j][i] * x[j]
        result.append(total)
    return result


@matrix.wrong(names="vector_first")
def matvec_turned(A, x):
    return np.dot(x, A)


@matrix.wrong(names="columns")
def matvec_zip_star(A, x):
    return [sum(a * b for a, b in zip(column, x)) for column in zip(*A)]  # noqa: B905


@matrix.wrong(names="vector_first")
def matvec_zip_star_dot(A, x):
    return [np.dot(column, x) for column in zip(*A, strict=True)]


@matrix.wrong(names="rows_by_x")
def matvec_range_of_x(A, x):
    result = []
    for i in range(len(x)):
        total = 0
        for j in range(len(x)):
            total += A[i][j] * x[j]
        result.append(total)
    return result


@matrix.wrong(names="columns_by_rows")
def matvec_range_of_rows(A, x):
    result = []
    for i in range(len(A)):
        total = 0
        for j in range(len(A)):
            total += A[i][j] * x[j]
        result.append(total)
    return result


@matrix.wrong(names="zeros_by_x")
def matvec_zeros_of_x(A, x):
    y = [0 for _ in x]
    for i, row in enumerate(A):
        for j, value in enumerate(row):
            y[i] = y[i] + value * x[j]
    return y


@matrix.wrong(names="lists_multiplied_as_arrays")
def matvec_lists_at(A, x):
    return A @ x


@matrix.wrong(names="lists_multiplied_as_arrays")
def matvec_list_comma(A, x):
    return [sum(A[i, j] * x[j] for j in range(len(x))) for i in range(len(A))]


@matrix.wrong(names="lists_multiplied_as_arrays", says="range(len(A))")
def matvec_without_range(A, x):
    return [np.dot(A[i], x) for i in len(A)]


@matrix.wrong(names="shape_of_a_list")
def matvec_list_shape(A, x):
    rows, columns = A.shape
    return [sum(A[i][j] * x[j] for j in range(columns)) for i in range(rows)]


@matrix.wrong(names="shape_of_a_list")
def matvec_list_dot(A, x):
    return A.dot(x)


@matrix.wrong(names="not_added")
def matvec_elementwise(A, x):
    return np.array(A) * np.array(x)


@matrix.wrong(names="one_sum")
def matvec_one_number(A, x):
    total = 0
    for row in A:
        for j in range(len(x)):
            total += row[j] * x[j]
    return total


@matrix.wrong(names="running_total")
def matvec_total_not_reset(A, x):
    result, total = [], 0
    for row in A:
        for j in range(len(x)):
            total += row[j] * x[j]
        result.append(total)
    return result


@matrix.wrong(names="column_sums")
def matvec_axis(A, x):
    return np.sum(np.array(A) * np.array(x), axis=0)


@matrix.wrong(names="row_sums")
def matvec_without_x(A, x):
    return np.array(A).sum(axis=1)


@matrix.wrong(names="first_row")
def matvec_return_in_loop(A, x):
    result = []
    for row in A:
        result.append(sum(a * b for a, b in zip(row, x, strict=True)))
        return result


@matrix.wrong(names="without_last_row")
def matvec_rows_short(A, x):
    return [np.dot(A[i], x) for i in range(len(A) - 1)]


@matrix.wrong(names="without_last_column")
def matvec_columns_short(A, x):
    return [sum(row[j] * x[j] for j in range(len(x) - 1)) for row in A]


@matrix.wrong(names="row_means")
def matvec_mean(A, x):
    return np.mean(np.array(A) * x, axis=1)


@matrix.wrong(names="as_column")
def matvec_nested(A, x):
    return np.array(A) @ np.array(x)[:, None]


@matrix.wrong(says="in place")
def matvec_in_place(A, x):
    for row in A:
        for j in range(len(x)):
            row[j] *= x[j]
    return [sum(row) for row in A]


@matrix.wrong(names="not_added")
def matvec_rows_scaled(A, x):
    return [[row[j] * x[j] for j in range(len(row))] for row in A]


# --- slope -------------------------------------------------------------------------------------------

derivative = Bank("slope")


@derivative.right
def slope_chain(w, a, b):
    outer = 2 * (a * w + b)
    inner = a
    return outer * inner


@derivative.right
def slope_expanded(w, a, b):
    return 2 * a**2 * w + 2 * a * b


@derivative.right
def slope_central(w, a, b):
    def f(v):
        return (a * v + b) ** 2

    h = 1e-4
    return (f(w + h) - f(w - h)) / (2 * h)


@derivative.right
def slope_numpy(w, a, b):
    return np.prod([2.0, a, a * w + b])


@derivative.right
def slope_product_rule(w, a, b):
    return a * (a * w + b) + (a * w + b) * a


@derivative.wrong(names="without_inner")
def slope_no_chain(w, a, b):
    return 2 * a * w + 2 * b


@derivative.wrong(names="without_two")
def slope_no_two(w, a, b):
    return a * (a * w + b)


@derivative.wrong(names="the_function")
def slope_function(w, a, b):
    z = a * w + b
    return z * z


@derivative.wrong(names="by_a")
def slope_by_a(w, a, b):
    return 2 * w * (a * w + b)


@derivative.wrong(names="still_squared")
def slope_squared(w, a, b):
    return 2 * a * (a * w + b) ** 2


@derivative.wrong(names="inner_alone")
def slope_inner(w, a, b):
    return a + 0 * w


@derivative.wrong(names="square_by_terms")
def slope_terms(w, a, b):
    return 2 * w * a * a


@derivative.wrong(names="outer_of_w")
def slope_two_w(w, a, b):
    return 2 * a * w


@derivative.wrong(names="outer_at_inner")
def slope_two_a(w, a, b):
    return a + a


@derivative.wrong(names="inner_with_b")
def slope_inner_b(w, a, b):
    inner = a + b
    return 2 * (a * w + b) * inner


@derivative.wrong(names="added")
def slope_sum(w, a, b):
    return a + 2 * (w * a + b)


@derivative.wrong(names="without_bracket")
def slope_first_term_only(w, a, b):
    return b + 2 * w * a


@derivative.wrong(names="mixed_term_as_b")
def slope_mixed_term_b(w, a, b):
    return b + 2 * w * a * a


@derivative.wrong(names="one_sided_small")
def slope_forward_small(w, a, b):
    def f(v):
        return (a * v + b) ** 2

    return (f(w + 1e-5) - f(w)) / 1e-5


@derivative.wrong(names="half_of_mixed_term")
def slope_half_mixed(w, a, b):
    return a * (2 * a * w + b)


@derivative.wrong(names="inner_twice")
def slope_inner_twice(w, a, b):
    inner = a
    outer = 2 * (a * w + b) * inner
    return outer * inner


@derivative.wrong(names="sign_turned")
def slope_sign(w, a, b):
    return 2 * a * (-b - a * w)


@derivative.wrong(names="one_sided")
def slope_forward(w, a, b):
    def f(v):
        return (a * v + b) ** 2

    return (f(w + 1e-3) - f(w)) / 1e-3


@derivative.wrong(says="rounded")
def slope_rounded(w, a, b):
    return round(2 * a * (a * w + b), 1)


# --- mean_surprise -----------------------------------------------------------------------------------

surprise = Bank("mean_surprise")


@surprise.right
def surprise_mean(p):
    return -np.mean(np.log(p))


@surprise.right
def surprise_method(p):
    return (-np.log(p)).mean()


@surprise.right
def surprise_loop(p):
    total = 0.0
    for probability in p:
        total += -math.log(probability)
    return total / len(p)


@surprise.right
def surprise_inverse(p):
    return sum(math.log(1 / probability) for probability in p) / len(p)


@surprise.right
def surprise_base(p):
    return np.log2(p).sum() / p.size * -math.log(2)


@surprise.wrong(names="without_minus")
def surprise_negative(p):
    return np.log(p).mean()


@surprise.wrong(names="summed")
def surprise_sum(p):
    return np.sum(-np.log(p))


@surprise.wrong(names="log_of_mean")
def surprise_of_mean(p):
    return -math.log(sum(p) / len(p))


@surprise.wrong(names="of_each")
def surprise_list(p):
    return [-math.log(probability) for probability in p]


@surprise.wrong(names="base_two")
def surprise_bits(p):
    return -np.log2(p).mean()


@surprise.wrong(names="base_ten")
def surprise_decimal(p):
    return -np.log10(p).mean()


@surprise.wrong(names="weighted")
def surprise_entropy(p):
    return -np.dot(p, np.log(p))


@surprise.wrong(names="weighted_mean")
def surprise_weighted(p):
    return -(p * np.log(p)).mean()


@surprise.wrong(names="one_minus_p")
def surprise_miss(p):
    return 1 - p.mean()


@surprise.wrong(names="median")
def surprise_middle(p):
    return np.median(np.log(1 / p))


@surprise.wrong(names="largest")
def surprise_worst(p):
    return -np.log(p.min())


@surprise.wrong(names="product_first")
def surprise_product(p):
    return -np.log(p.prod()) / p.size


@surprise.wrong(names="divided_twice")
def surprise_twice_divided(p):
    return np.log(p).mean() / -len(p)


@surprise.wrong(names="divided_twice")
def surprise_loop_twice_divided(p):
    total = 0.0
    for probability in p:
        total -= math.log(probability) / len(p)
    return total / len(p)


@surprise.wrong(names="log_of_product")
def surprise_log_of_product(p):
    return -np.log(np.prod(p))


@surprise.wrong(names="math_log_of_array")
def surprise_math(p):
    return -sum(math.log(p)) / len(p)


@surprise.wrong(names="math_log_of_product")
def surprise_math_product(p):
    product = 1.0
    for probability in p:
        product *= probability
    return -math.log(product) / len(p)


@surprise.wrong(names="math_log_of_array", says="range(len(p))")
def surprise_without_range(p):
    total = 0.0
    for i in len(p):
        total -= math.log(p[i])
    return total / len(p)


@surprise.wrong(names="with_epsilon")
def surprise_epsilon(p):
    return -np.mean(np.log(p + 1e-12))


@surprise.wrong(says="return")
def surprise_in_loop(p):
    total = 0.0
    for probability in p:
        total -= math.log(probability)
    print(total / len(p))
