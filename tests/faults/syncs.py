# SPDX-License-Identifier: MIT
"""What a disk itself took before its power went: a recording's own sync, asked for 8 s after the one before, is one of
those under way then, or waits for its turn behind them."""


def under_way_s(syncs, end_s, breath_s):
    """For how long the disk had been at its syncs at that moment, with no more than a breath between two of them. syncs:
    (when it was asked for, when it was done). What was through before they began counts not."""
    since_s = end_s
    for asked_s, done_s in sorted(syncs, key=lambda sync: sync[1], reverse=True):
        if done_s < since_s - breath_s:
            break
        since_s = min(since_s, asked_s)
    return end_s - since_s
