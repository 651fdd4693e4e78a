#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The witness of a machine that stands still: it sees what it is kept from, and nothing else."""
import os
import signal
import time
import unittest

from standstill import NAP_S, NOTED, PRIORITY, Notes, Standstill

PAUSE_S = 0.3


def may_have_real_time():
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
        os.sched_setscheduler(0, *before)
        return True
    except PermissionError:
        return False


def pass_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline


@unittest.skipUnless(may_have_real_time(), 'skipped: no right to real-time priority')
class Witness(unittest.TestCase):
    def setUp(self):
        self.witness = Standstill()
        pass_until(lambda: self.witness.looked_s() > 0)

    def tearDown(self):
        self.witness.close()

    def stand_still(self):
        """One processor's watcher is kept from looking; (since, until)."""
        begun = time.monotonic()
        os.kill(self.witness.pids[-1], signal.SIGSTOP)
        pass_until(lambda: time.monotonic() > begun + PAUSE_S)
        self.assertLess(self.witness.looked_s(), begun + PAUSE_S, 'it knows that it does not know yet')
        os.kill(self.witness.pids[-1], signal.SIGCONT)
        self.look_past(time.monotonic())
        return begun, time.monotonic()

    def look_past(self, moment):
        pass_until(lambda: self.witness.looked_s() > moment)

    def test_it_sees_how_long_it_did_not_run(self):
        since, until = self.stand_still()
        longest = self.witness.longest_ms(since, until)
        self.assertGreater(longest, 900 * PAUSE_S)
        self.assertLess(longest, 1000 * (until - since) + 1000 * NAP_S)

    def test_it_knows_when(self):
        """What lies before or after it is not excused by it."""
        begun = time.monotonic() # the machine may stand still by itself: by how much is seen without ours
        since, until = self.stand_still()
        later = time.monotonic()
        pass_until(lambda: time.monotonic() > later + NAP_S)
        self.look_past(time.monotonic())
        ours = self.witness.longest_ms(since, until)
        for span in ((begun - 1, begun - 2 * NAP_S), (later + NAP_S, time.monotonic())):
            self.assertNotEqual(self.witness.longest_ms(*span), ours)
        for span in ((since, since + PAUSE_S / 2), (since + PAUSE_S / 2, until), (begun, later)):
            self.assertEqual(self.witness.longest_ms(*span), ours, span)

    def test_of_too_many_it_knows_the_last(self):
        notes = Notes()
        for i in range(NOTED + 5):
            notes.looked(i, i + 0.5)
        self.assertEqual((len(notes.all()), min(notes.all())[0], max(notes.all())[0]), (NOTED, 5, NOTED + 4))

    def test_nothing_of_it_stays(self):
        gone = Standstill()
        gone.close()
        for pid in gone.pids:
            with self.assertRaises(ProcessLookupError):
                os.kill(pid, 0)


if __name__ == '__main__':
    unittest.main()
