"""Notebook 00: what the course takes for granted: loops, products, the chain rule, a mean of logarithms."""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge, exercise


def eighths(rng: np.random.Generator, size: int) -> list[float]:
    """Random multiples of 1/8 between −3 and 3, without 0."""
    return [float(n) / 8 for n in rng.integers(1, 25, size=size) * rng.choice([-1, 1], size=size)]


# --- 0.1 count_above ---------------------------------------------------------------------------------


@exercise
def count_above(numbers: list[float], limit: float) -> int:
    """How many of the numbers are larger than the limit."""
    return sum(number > limit for number in numbers)


@count_above.cases
def count_above_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case([3, 8, 5], 4)
    yield case([1, 2, 3, 4], 2)
    yield case([7, 7, 1, 7], 5)
    yield case([-3, -1, -2], -2.5)
    yield case([2, 9, 4], 4)
    yield case([9, 1, 8, 2, 7], 3)
    for _ in range(8):
        numbers = eighths(rng, int(rng.integers(4, 10)))
        yield case(numbers, float(rng.choice(numbers)))
    yield edge("no number is above the limit", [1, 2, 3], 10)
    yield edge("all numbers are above the limit", [6, 5, 7], 0)
    yield edge("every number is the limit", [4, 4], 4)
    yield edge("just above and just below the limit", [1.001, 0.999, 1.0], 1)
    yield edge("an empty list", [], 0)


@count_above.mistake("A number that equals the limit is not larger than it: compare with >, not with >=.")
def at_least(numbers, limit):
    return sum(n >= limit for n in numbers)


@count_above.mistake("You count the numbers below the limit. Those above it are asked for.")
def below(numbers, limit):
    return sum(n < limit for n in numbers)


@count_above.mistake("You count the numbers that are not above the limit: the condition is turned round.")
def not_above(numbers, limit):
    return sum(n <= limit for n in numbers)


@count_above.mistake("You add the numbers themselves. Add 1 for each number that is above the limit.")
def sum_of_them(numbers, limit):
    return sum(n for n in numbers if n > limit)


@count_above.mistake("You return the numbers themselves. Their count is asked for: `len` of that list.")
def the_numbers(numbers, limit):
    return [n for n in numbers if n > limit]


@count_above.mistake(
    "The loop ends too early: the `return` stands inside it, so only the first number is looked at."
)
def first_only(numbers, limit):
    return int(bool(numbers) and numbers[0] > limit)


@count_above.mistake(
    "The loop ends too early: the `return` stands inside it, so only the first number is looked at."
)
def first_only_or_nothing(numbers, limit):
    return int(numbers[0] > limit) if numbers else None


@count_above.mistake(
    "Your answer is never above 1. Do you add 1 each time, with `+= 1`, or stop at the first such number?"
)
def any_above(numbers, limit):
    return int(any(n > limit for n in numbers))


@count_above.mistake(
    "The loop ends at the first number above the limit: the `return` stands inside the `if`. Put it after"
    " the loop."
)
def any_above_or_nothing(numbers, limit):
    return 1 if any(n > limit for n in numbers) else None


@count_above.mistake("You stop at the first number that is not above the limit. The rest counts as well.")
def until_first_below(numbers, limit):
    count = 0
    for n in numbers:
        if n <= limit:
            break
        count += 1
    return count


@count_above.mistake("The last number is never looked at: `range(len(numbers))` already ends one earlier.")
def without_last(numbers, limit):
    return sum(n > limit for n in numbers[:-1])


@count_above.mistake("The first number is never looked at: a list starts at index 0.")
def without_first(numbers, limit):
    return sum(n > limit for n in numbers[1:])


@count_above.mistake("A number that occurs twice counts twice; a set keeps it only once.")
def different_ones(numbers, limit):
    return len({n for n in numbers if n > limit})


@count_above.mistake("You compare with the sign taken away: −3 is not above 2.")
def by_size(numbers, limit):
    return sum(abs(n) > limit for n in numbers)


@count_above.mistake("You return the share of the numbers. Their count is asked for: no division.")
def share(numbers, limit):
    return sum(n > limit for n in numbers) / max(len(numbers), 1)


# --- 0.2 dot -----------------------------------------------------------------------------------------


@exercise
def dot(w: list[float], x: list[float]) -> float:
    """Scalar product of two lists of the same length."""
    return sum(a * b for a, b in zip(w, x, strict=True))


@dot.cases
def dot_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case([2, -1], [3, 4])
    yield case([1, 2, 3], [4, 5, 6])
    yield case([1, 0, 0], [7, 8, 9])
    yield case([0, 0, 1], [7, 8, 9])
    yield case([0.5, -2.0], [4.0, 0.25])
    for _ in range(8):
        n = int(rng.integers(2, 7))
        yield case(eighths(rng, n), eighths(rng, n))
    yield edge("a single number each", [3], [-2])
    yield edge("at right angles: the product is 0", [1, 2], [-2, 1])
    yield edge("all weights are 0", [0, 0, 0], [1, 2, 3])
    yield edge("the same list twice", [3, 4], [3, 4])
    yield edge("empty lists: a sum of nothing", [], [])


@dot.mistake("You return the products one by one. The scalar product is one number: their sum.")
def products(w, x):
    return [a * b for a, b in zip(w, x, strict=True)]


@dot.mistake("You add each pair. The two numbers of a pair are multiplied, then the products are added.")
def sum_of_sums(w, x):
    return sum(w) + sum(x)


@dot.mistake(
    "Every number of w meets every number of x, which multiplies the two sums. Each meets its partner only:"
    " one loop over the pairs."
)
def product_of_sums(w, x):
    return sum(w) * sum(x)


@dot.mistake("You average the products. The scalar product is their sum, without a division.")
def mean_of_products(w, x):
    return sum(a * b for a, b in zip(w, x, strict=True)) / max(len(w), 1)


@dot.mistake("The last pair is missing: `range(len(w))` already ends one earlier.")
def without_last_pair(w, x):
    return sum(a * b for a, b in zip(w[:-1], x[:-1], strict=True))


@dot.mistake("The first pair is missing: a list starts at index 0.")
def without_first_pair(w, x):
    return sum(a * b for a, b in zip(w[1:], x[1:], strict=True))


@dot.mistake("Only the first pair is counted: does the `return` stand inside the loop?")
def first_pair(w, x):
    return w[0] * x[0] if w else 0


@dot.mistake("Only the first pair is counted: does the `return` stand inside the loop?")
def first_pair_or_nothing(w, x):
    return w[0] * x[0] if w else None


@dot.mistake("Only the last pair is left: add to the total with `+=`; `=` throws away what was there.")
def last_pair(w, x):
    return w[-1] * x[-1] if w else 0


@dot.mistake(
    "Only the last pair is left. Start a total at 0 before the loop, and add to it with `+=` instead of `=`."
)
def last_pair_or_error(w, x):
    for a, b in zip(w, x, strict=True):
        total = a * b
    return total


@dot.mistake("You multiply all products with each other. They are added.")
def product_of_products(w, x):
    return np.prod(w) * np.prod(x) if w else 0


@dot.mistake("x plays no part in your answer: each number of w is multiplied by its partner in x.")
def square_of_w(w, x):
    return sum(a * a for a in w)


@dot.mistake("The second list is read backwards: first meets first, last meets last.")
def backwards(w, x):
    return sum(a * b for a, b in zip(w, reversed(x), strict=True))


@dot.mistake("The signs count: a negative product makes the sum smaller. Take no absolute value.")
def of_sizes(w, x):
    return sum(abs(a * b) for a, b in zip(w, x, strict=True))


@dot.mistake(
    "A TypeError: are w and x taken for arrays? They are lists, which `@` and `*` do not multiply: write a"
    " loop, or `np.array(w)` first. And `for` needs `range(len(w))`, not `len(w)`."
)
def lists_multiplied(w, x):
    return w @ x


# --- 0.3 matvec --------------------------------------------------------------------------------------


@exercise
def matvec(A: list[list[float]], x: list[float]) -> list[float]:
    """Matrix times vector: for each row of A its scalar product with x."""
    return [sum(a * b for a, b in zip(row, x, strict=True)) for row in A]


@matvec.cases
def matvec_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case([[1, 2], [3, 4]], [10, 1])
    yield case([[2, 0], [1, -1]], [3, 5])
    yield case([[1, 2], [3, 4], [5, 6]], [1, -1])
    yield case([[1, 0, 2], [0, 3, -1]], [4, 5, 6])
    yield case([[0, 1, 0], [0, 0, 1], [1, 0, 0]], [7, 8, 9])
    for i in range(8):
        rows = int(rng.integers(2, 5))
        columns = rows if i < 3 else int(rng.integers(2, 5))
        yield case([eighths(rng, columns) for _ in range(rows)], eighths(rng, columns))
    yield edge("a single row", [[1, 2, 3]], [4, 5, 6])
    yield edge("a single column", [[2], [3], [4]], [5])
    yield edge("one number each", [[3]], [4])
    yield edge("nothing but zeros", [[0, 0], [0, 0], [0, 0]], [1, 2])
    yield edge("the unit matrix changes nothing", [[1, 0], [0, 1]], [8, 9])


@matvec.mistake("The first index is the row, the second the column: A[i][j] meets x[j], for each row i.")
def indices_swapped(A, x):
    return [sum(A[j][i] * x[j] for j in range(len(x))) for i in range(len(A))]


@matvec.mistake("That is the vector times the matrix, which multiplies its columns: A stands on the left.")
def vector_first(A, x):
    return np.array(x) @ np.array(A)


@matvec.mistake("You go through the columns: `zip(*A)` gives these. `for row in A` gives the rows.")
def columns(A, x):
    return [sum(a * b for a, b in zip(column, x, strict=False)) for column in zip(*A, strict=True)]


@matvec.mistake("You return the products one by one. In each row they are added: one number for each row.")
def not_added(A, x):
    return [[a * b for a, b in zip(row, x, strict=True)] for row in A]


@matvec.mistake("You add everything up to one number. Each row gives a number of its own.")
def one_sum(A, x):
    return sum(a * b for row in A for a, b in zip(row, x, strict=True))


@matvec.mistake("The total goes on from row to row. Set it back to 0 at the start of each row.")
def running_total(A, x):
    return np.cumsum(np.array(A) @ np.array(x))


@matvec.mistake("You add each column: one number for each row of A is asked for.")
def column_sums(A, x):
    return (np.array(A) * np.array(x)).sum(axis=0)


@matvec.mistake("x plays no part in your answer: you only add the numbers of each row.")
def row_sums(A, x):
    return [sum(row) for row in A]


@matvec.mistake("Only the first row is multiplied: does the `return` stand inside the loop?")
def first_row(A, x):
    return [sum(a * b for a, b in zip(A[0], x, strict=True))]


@matvec.mistake("The last row is missing: `range(len(A))` already ends one earlier.")
def without_last_row(A, x):
    return [sum(a * b for a, b in zip(row, x, strict=True)) for row in A[:-1]]


@matvec.mistake("The last product of each row is missing: `range(len(x))` already ends one earlier.")
def without_last_column(A, x):
    return [sum(a * b for a, b in zip(row[:-1], x[:-1], strict=True)) for row in A]


@matvec.mistake("You average over each row. The products are added, without a division.")
def row_means(A, x):
    return (np.array(A) * np.array(x)).mean(axis=1)


@matvec.mistake("Each number of x meets a whole row of A. It belongs to a column: row[j] meets x[j].")
def scaled_rows(A, x):
    return [x[i] * sum(row) for i, row in enumerate(A)]


@matvec.mistake("Each result stands in a list of its own. A plain list of numbers is asked for.")
def as_column(A, x):
    return [[sum(a * b for a, b in zip(row, x, strict=True))] for row in A]


@matvec.mistake(
    "The result has an entry for each row of A, not for each number of x: the outer loop is over"
    " `range(len(A))`."
)
def rows_by_x(A, x):
    return [sum(A[i][j] * x[j] for j in range(len(x))) for i in range(len(x))]


@matvec.mistake(
    "A row is as long as x, not as long as A has rows: the loop within a row is over `range(len(x))`."
)
def columns_by_rows(A, x):
    return [sum(A[i][j] * x[j] for j in range(len(A))) for i in range(len(A))]


@matvec.mistake(
    "The result has an entry for each row of A: it starts as a list of len(A) zeros, not of len(x)."
)
def zeros_by_x(A, x):
    result = [0.0] * len(x)
    for i in range(len(A)):
        for j in range(len(x)):
            result[i] += A[i][j] * x[j]
    return result


@matvec.mistake(
    "A TypeError: are A and x taken for arrays? They are lists, which know no `@` and no `A[i, j]`, and `*`"
    " does not multiply them: `np.array(A)` first. And `for` needs `range(len(A))`, not `len(A)`."
)
def lists_multiplied_as_arrays(A, x):
    return A @ x


@matvec.mistake(
    "An AttributeError: are A and x taken for arrays? They are lists, without `.shape`, `.T` or `.dot`:"
    " `np.array(A)` first."
)
def shape_of_a_list(A, x):
    return A.shape


# --- 0.4 slope ---------------------------------------------------------------------------------------


@exercise
def slope(w: float, a: float, b: float) -> float:
    """Slope of (a w + b)² as a function of w."""
    return 2 * (a * w + b) * a


@slope.cases
def slope_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(1.0, 3.0, -1.0)
    yield case(0.0, 2.0, 1.5)
    yield case(-1.0, 0.5, 2.0)
    yield case(2.0, -1.0, 0.25)
    yield case(0.5, -2.0, -1.0)
    for _ in range(8):
        yield case(*eighths(rng, 3))
    yield edge("at the minimum: no slope", 2.0, 1.0, -2.0)
    yield edge("a is 0: a constant has no slope", 3.0, 0.0, 5.0)
    yield edge("b is 0: a plain parabola", 4.0, 3.0, 0.0)
    yield edge("whole numbers", 1, 2, 3)


@slope.mistake("The inner derivative is missing: by the chain rule, times the derivative of a w + b.")
def without_inner(w, a, b):
    return 2 * (a * w + b)


@slope.mistake("The 2 is missing that comes down from the square.")
def without_two(w, a, b):
    return (a * w + b) * a


@slope.mistake("That is the function itself. Its slope is asked for.")
def the_function(w, a, b):
    return (a * w + b) ** 2


@slope.mistake("That is the derivative with respect to a. The variable is w; a and b are fixed numbers.")
def by_a(w, a, b):
    return 2 * (a * w + b) * w


@slope.mistake("The outer function is still squared: its derivative is 2 times the bracket.")
def still_squared(w, a, b):
    return 2 * (a * w + b) ** 2 * a


@slope.mistake("You only took the derivative of the bracket. Times the derivative of the square, too.")
def inner_alone(w, a, b):
    return a


@slope.mistake("You have b squared on its own. (a w + b)² has a mixed term, 2 a w b: use the chain rule.")
def square_by_terms(w, a, b):
    return 2 * a**2 * w


@slope.mistake("The bracket is gone: the derivative of the square is 2 times the bracket, not 2 times w.")
def outer_of_w(w, a, b):
    return 2 * w * a


@slope.mistake(
    "The outer derivative is taken at the inner derivative. It belongs at the bracket itself, a w + b."
)
def outer_at_inner(w, a, b):
    return 2 * a


@slope.mistake("In the inner derivative b is gone: it is a constant, so the derivative of a w + b is a.")
def inner_with_b(w, a, b):
    return 2 * (a * w + b) * (a + b)


@slope.mistake("The inner derivative is multiplied with the bracket, not added to it.")
def added(w, a, b):
    return 2 * (a * w + b) + a


@slope.mistake("The sign is turned: yours is the slope of −(a w + b)².")
def sign_turned(w, a, b):
    return -2 * (a * w + b) * a


@slope.mistake("A step of 0.001 to one side is near the slope, but not equal to it: use the chain rule.")
def one_sided(w, a, b):
    h = 0.001
    return ((a * (w + h) + b) ** 2 - (a * w + b) ** 2) / h


@slope.mistake("A small step to one side is near the slope, but not equal to it: use the chain rule.")
def one_sided_small(w, a, b):
    h = 0.00001
    return ((a * (w + h) + b) ** 2 - (a * w + b) ** 2) / h


@slope.mistake("The bracket is lost. Keep it: 2 times (a w + b), then times the derivative of a w + b.")
def without_bracket(w, a, b):
    return 2 * a * w + b


@slope.mistake("Almost: multiplied out, the middle term is 2 a b w, and its derivative is 2 a b, not b.")
def mixed_term_as_b(w, a, b):
    return 2 * a**2 * w + b


@slope.mistake("Almost: multiplied out, the middle term is 2 a b w, and its derivative is 2 a b, not a b.")
def half_of_mixed_term(w, a, b):
    return 2 * a**2 * w + a * b


@slope.mistake("The inner derivative a is in your product twice. It belongs there once.")
def inner_twice(w, a, b):
    return 2 * a**2 * (a * w + b)


# --- 0.5 mean_surprise -------------------------------------------------------------------------------


@exercise
def mean_surprise(p: np.ndarray) -> float:
    """Mean of −ln p over the probabilities."""
    return float(np.mean(-np.log(p)))


@mean_surprise.cases
def mean_surprise_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([0.5, 0.25]))
    yield case(np.array([0.9, 0.1, 0.5]))
    yield case(np.array([1.0, 0.5]))
    yield case(np.array([0.2, 0.2, 0.8, 0.7]))
    for _ in range(8):
        yield case(rng.uniform(0.01, 1, size=int(rng.integers(2, 9))).round(3))
    yield edge("a single probability", np.array([0.25]))
    yield edge("all certain: no surprise", np.array([1.0, 1.0, 1.0]))
    yield edge("all the same", np.full(5, 0.5))
    yield edge("a very small probability", np.array([1e-200, 1.0]))
    yield edge("many small ones, whose product rounds to 0", np.full(60, 1e-9))


@mean_surprise.mistake("The minus sign is missing: logarithms of probabilities are negative.")
def without_minus(p):
    return np.mean(np.log(p))


@mean_surprise.mistake("That is the sum over the probabilities. Their mean is asked for: divide by how many.")
def summed(p):
    return -np.sum(np.log(p))


@mean_surprise.mistake("First the logarithm of each probability, then the mean. You did it the other way.")
def log_of_mean(p):
    return -np.log(np.mean(p))


@mean_surprise.mistake("You divide by the number of probabilities twice: `np.mean` has already divided.")
def divided_twice(p):
    return -np.mean(np.log(p)) / len(p)


@mean_surprise.mistake("One number for each probability: take their mean.")
def of_each(p):
    return -np.log(p)


@mean_surprise.mistake("That is the logarithm to base 2. ln is the natural one, to base e: `np.log`.")
def base_two(p):
    return np.mean(-np.log2(p))


@mean_surprise.mistake("That is the logarithm to base 10. ln is the natural one, to base e: `np.log`.")
def base_ten(p):
    return np.mean(-np.log10(p))


@mean_surprise.mistake("You weight each logarithm with its probability. A plain mean is asked for.")
def weighted(p):
    return np.sum(-p * np.log(p))


@mean_surprise.mistake("You weight each logarithm with its probability. A plain mean is asked for.")
def weighted_mean(p):
    return np.mean(-p * np.log(p))


@mean_surprise.mistake("1 − p is not a logarithm: a probability near 0 has to cost much more than 1.")
def one_minus_p(p):
    return np.mean(1 - p)


@mean_surprise.mistake("You take the logarithm of 1 − p: the surprise that it does not happen.")
def of_the_opposite(p):
    return np.mean(-np.log(np.maximum(1 - p, 1e-300)))


@mean_surprise.mistake("That is the median, the middle value. For the mean add all, and divide by how many.")
def median(p):
    return np.median(-np.log(p))


@mean_surprise.mistake("That is the largest surprise. Take the mean over all.")
def largest(p):
    return np.max(-np.log(p))


@mean_surprise.mistake(
    "You multiply first, and the product of many small probabilities rounds to 0. Take the logarithm of"
    " each, then add."
)
def product_first(p):
    return -np.log(np.prod(p)) / len(p)


@mean_surprise.mistake(
    "The logarithm of the product is the sum of the logarithms, and a mean is asked for. Besides, the product"
    " of many small probabilities rounds to 0: first the logarithm of each, then the mean."
)
def log_of_product(p):
    return -np.log(np.prod(p))


@mean_surprise.mistake(
    "A small number inside the logarithm hides the very small probabilities. All are above 0 here: leave it"
    " out."
)
def with_epsilon(p):
    return np.mean(-np.log(p + 1e-12))


@mean_surprise.mistake(
    "A TypeError: the functions of `math` take one number, and `p` is a whole array, which `np.log` takes."
    " And `for` needs `range(len(p))`, not `len(p)`."
)
def math_log_of_array(p):
    return -math.log(p)


@mean_surprise.mistake(
    "The product of many small probabilities rounds to 0, and `math.log` refuses 0. Take the logarithm of"
    " each, then the mean."
)
def math_log_of_product(p):
    return -math.log(math.prod(p)) / len(p)
