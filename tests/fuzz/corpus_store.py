# SPDX-License-Identifier: MIT
"""The seeds of fuzz_store: rows that are good but for some columns; store_rows.h has the form."""
import struct

TABLES = ("sessions", "events", "sensors", "answers", "releases", "verdicts", "told_runs",
          "unjudged", "imports", "levels", "origin", "said", "notes")
COLUMNS = (46, 8, 5, 4, 6, 12, 9, 3, 16, 10, 1, 15, 4)


def row(table, *changes):
    return bytes([TABLES.index(table), len(changes)]) + b"".join(changes)


def null(column):
    return bytes([column, 0])


def integer(column, value):
    return bytes([column, 1]) + struct.pack("<q", value)


def number(column, value):
    return bytes([column, 2]) + struct.pack("<d", value)


def text(column, value):
    value = value if isinstance(value, bytes) else value.encode()
    return bytes([column, 3, len(value)]) + value


def blob(column, value):
    return bytes([column, 4, len(value)]) + value


def long(column, pages):
    return bytes([column, 5, pages])


def small(column, value):
    return bytes([column, 6]) + struct.pack("b", value)


def word(column, index):
    return bytes([column, 7, index])


def each_column(rng):
    """Of each table, all columns in turn, which are wrong in one of four ways."""
    for table, n in zip(TABLES, COLUMNS):
        yield b"".join(row(table, null(c)) + row(table, integer(c, rng.choice((-1, 2**63 - 1, -2**63))))
                       for c in range(n))
        yield b"".join(row(table, number(c, rng.choice((float("inf"), float("nan"), -0.0, 1e300, 0.5))))
                       for c in range(n))
        yield b"".join(row(table, rng.choice((text(c, b"\xff\0x"), blob(c, b"\0\1"), long(c, 255))))
                       for c in range(n))
        yield b"".join(row(table, small(c, rng.randrange(-2, 100)), word(c, rng.randrange(36)))
                       for c in range(n))


def runs(rng, n):
    """Weeks of runs of two runners, some of them twice, some in the unjudged table."""
    start = 2208988800000000 - 40 * 86400 * 10**6
    for i in range(n):
        begin = start + i * 40 * 86400 * 10**6 // n
        key = "s%d" % i
        changes = [text(1, key), null(40), integer(6, begin), integer(7, begin + 1800 * 10**6),
                   number(12, rng.choice((3000.0, 5000.0, 42195.0))), text(5, "2039-12-%02d" % (1 + i % 31))]
        yield row("sessions", *changes, *([word(3, 4)] if i % 5 == 4 else []))
        if i % 7 == 0:
            yield row("sessions", *changes[1:], text(1, key + "b"), text(40, key))
        if i % 3 == 0:  # recorded live
            yield row("sessions", text(1, key + "l"), integer(7, begin + 900 * 10**6), null(35), null(40))
        if i % 11 == 0:
            yield row("unjudged", text(2, key))
        yield row("levels", text(0, key), integer(2, begin))


def store(rng):
    yield b""
    seeds = list(each_column(rng))
    yield from seeds
    good = b"".join(row(table) for table in TABLES)
    yield good
    for _ in range(20):
        yield good + rng.choice(seeds)
    for n in (5, 20, 60):
        yield b"".join(runs(rng, n)) + good
    for rule in ("weekly_time", "weekly_downhill", "spike_descent", "monotony", "first_descent", "nothing"):
        yield b"".join(runs(rng, 8)) + row("verdicts", text(1, rule)) + row("told_runs", text(1, rule))
    for compared in (0, 1, 2208988800000000, 2208988800000001):
        yield b"".join(runs(rng, 12)) + row("imports", integer(11, compared), word(7, 17)) + row("imports", null(15))
