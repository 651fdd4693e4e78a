# SPDX-License-Identifier: MIT
"""The seeds of fuzz_entries: texts as the state folder keeps them, and as a hand or a rotten disk may leave them."""

NOTES = ["effort 6.5\nsurface trail\nshoes the blue ones\n", "effort 10\n", "shoes \u00c5\n", "effort 11\nsurface moon\n",
         "effort 1e300\neffort nan\neffort 0x4\n", "surface  road\n", "shoes " + 60 * "x" + "\n", ""]
LOGGED = """runner anna
day 2026-11-20
kind run
start_usec 1795159800000000
utc_offset_s 0
start_min 450
distance_m 5000
moving_s 1800
said_usec 1795222800000000
"""
LOGGED_ALSO = ["ascent_m 80\n", "downhill_drop_m 120.5\n", "downhill_drop_m 6000\n", "discarded_usec 1795222900000000\n",
               "kind walk\nstart_min -1\n", "distance_m 1e9\n", "distance_m nan\n", "runner ../ben\n", "day 2026-02-30\n",
               "utc_offset_s 64800\n", "start_usec 0\n", "later what a newer one says\n"]
DELETED = ["at_usec 1795222800000000\nwas ended\nreason idle\nrunner anna\nfile \nby_hand 0\n",
           "at_usec 0\nwas discarded\nreason discarded by command\nrunner \nfile %s\nby_hand 0\n" % (32 * "0a"),
           "at_usec 99999999999999999999\nwas ended\n", "at_usec -1\n", "was nothing\n", "runner ../../etc\n",
           "file ../x\n", "by_hand 1\n", "reason " + 90 * "y" + "\n"]


def entries(rng):
    for text in NOTES:
        yield b"\0" + text.encode()
    yield b"\0effort 5\nshoes \xff\xfe\n"
    yield b"\1" + LOGGED.encode()
    for more in LOGGED_ALSO:
        yield b"\1" + (LOGGED + more).encode()
    for text in DELETED:
        yield b"\2" + text.encode()
    yield b"\2" + 2000 * b"x"
