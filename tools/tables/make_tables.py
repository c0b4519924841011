#!/usr/bin/env python3
"""Writes sim/distribution_tables.inc, the tables behind sim/distribution.cc.

    python3 tools/tables/make_tables.py > sim/distribution_tables.inc

Uses the standard library alone, and decimal arithmetic of 50 digits, so that the output does not
depend on a machine's floating point. The tests compare the tables' users with quantiles that were
worked out independently.
"""
from decimal import Decimal, getcontext

getcontext().prec = 50
LN2 = Decimal(2).ln()
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494")


def rounded(value):
    return int(value.to_integral_value())


def normal_density(x):
    return (-x * x / 2).exp() / (2 * PI).sqrt()


def upper_tail(x):
    """P(Z > x) for x >= 0, by the series of the distribution function (A&S 26.2.11)."""
    term = x
    total = x
    k = 1
    while term > Decimal(10) ** -45:
        k += 2
        term = term * x * x / k
        total += term
    return Decimal("0.5") - normal_density(x) * total


def upper_quantile(tail, guess):
    """The x with P(Z > x) = tail, by Newton's method."""
    x = guess
    for _ in range(200):
        step = (upper_tail(x) - tail) / normal_density(x)
        x += step
        if abs(step) < Decimal(10) ** -25:
            return x
    raise ArithmeticError(f"no quantile for {tail}")


def emit(kind, name, values, comment):
    print(f"// {comment}")
    print(f"constexpr {kind} {name}[{len(values)}] = {{")
    line = "   "
    for value in values:
        text = f" {value}u,"
        if len(line) + len(text) > 100:
            print(line)
            line = "   "
        line += text
    print(line)
    print("};")


def main():
    print("// Written by tools/tables/make_tables.py; do not edit.")
    one = Decimal(2) ** 32
    print("// ln 2 in 2^-32.")
    print(f"constexpr uint64_t kLn2 = {rounded(LN2 * one)}u;")
    print("// The standard normal quantile of 0.99, in 2^-28.")
    z99 = upper_quantile(Decimal("0.01"), Decimal("2.3"))
    print(f"constexpr int64_t kNormal99 = {rounded(z99 * 2**28)};")

    emit("uint32_t", "kLog", [rounded((1 + Decimal(i) / 256).ln() * one) for i in range(257)],
         "ln(1 + i / 256) in 2^-32.")
    emit("uint64_t", "kExp2", [rounded((LN2 * i / 256).exp() * one) for i in range(257)],
         "2^(i / 256) in 2^-32.")

    # Octave e holds tail probabilities v / 2^33 with 2^e <= v < 2^(e + 1), in 32 steps.
    quantiles = []
    guess = Decimal("6.3")
    for octave in range(32):
        for step in range(32):
            tail = Decimal(2) ** octave * (1 + Decimal(step) / 32) / Decimal(2) ** 33
            guess = upper_quantile(tail, guess)
            quantiles.append(rounded(guess * 2**28))
    quantiles.append(0)
    emit("uint32_t", "kNormal", quantiles,
         "Upper normal quantile of 2^octave (1 + step / 32) / 2^33 in 2^-28, 32 steps an octave.")


if __name__ == "__main__":
    main()
