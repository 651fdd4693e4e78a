# SPDX-License-Identifier: MIT
"""What the rules have to say of the outings, worked out from what the generator put into them.

It follows the definitions (a week is seven days, the reference the most of the four weeks before but at
most 1.3 times their mean; a run is held against the most of the 30 times 24 hours before) and shares no
line with the program.
"""
import collections
import datetime

DAY = datetime.timedelta(days=1)
WEEKS_BEFORE = 4
SPIKE_WINDOW = 30 * DAY
# What a descent may be told shorter: a hill's edges are round where the grade is taken over 50 m.
EDGES_M = 1.0

Rule = collections.namedtuple('Rule', 'before reference limit warning allowed')


def total(outings, key, first, last):
    """Of the days from first to last; and of how many descents."""
    there = [key(o) for o in outings if first <= o.day <= last]
    return sum(there), sum(1 for value in there if value > 0)


def week(outings, today, key, floor):
    """Of the week that ends today, as long as nobody runs today."""
    blocks = [total(outings, key, today - (7 * n + 6) * DAY, today - 7 * n * DAY)
              for n in range(WEEKS_BEFORE + 1)]
    before = [value for value, _ in blocks[1:]]
    reference = min(max(before), 1.3 * sum(before) / WEEKS_BEFORE)
    return Rule(blocks[0][0], reference, max(1.1 * reference, reference + floor),
                max(1.3 * reference, reference + floor), EDGES_M * max(n for _, n in blocks))


def spike(outings, start, key, floor):
    reference = max(key(o) for o in outings if start - SPIKE_WINDOW <= o.start < start)
    limit = max(1.1 * reference, reference + floor)
    return Rule(0.0, reference, limit, limit, EDGES_M)


def drop(outing):
    return outing.drop_m


def distance(outing):
    return outing.distance_m


def rules(outings, start):
    """By their ids: those that a run which begins at `start` is to meet, and some that it is not."""
    today = start.date()
    return {
        'weekly_downhill': week(outings, today, drop, 50),
        'weekly_distance': week(outings, today, distance, 2000),
        'spike_descent': spike(outings, start, drop, 15),
        'spike_distance': spike(outings, start, distance, 500),
    }
