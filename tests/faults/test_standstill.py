#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The witness of a machine that stands still: it sees what it is kept from, and nothing else."""
import os
import signal
import time
import unittest

from standstill import PRIORITY, Standstill

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
    def test_it_sees_how_long_it_did_not_run(self):
        witness = Standstill()
        self.addCleanup(witness.close)
        pass_until(lambda: witness.longest_ms() > 0)
        before, begun = witness.longest_ms(), time.monotonic()
        os.kill(witness.pids[-1], signal.SIGSTOP)
        pass_until(lambda: time.monotonic() > begun + PAUSE_S)
        os.kill(witness.pids[-1], signal.SIGCONT)
        pass_until(lambda: witness.longest_ms() > before)
        pass_until(lambda: witness.longest_ms() > 900 * PAUSE_S)
        self.assertLess(witness.longest_ms(), 1000 * (time.monotonic() - begun) + before)

    def test_nothing_of_it_stays(self):
        witness = Standstill()
        witness.close()
        for pid in witness.pids:
            with self.assertRaises(ProcessLookupError):
                os.kill(pid, 0)


if __name__ == '__main__':
    unittest.main()
