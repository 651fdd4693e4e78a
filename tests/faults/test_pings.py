#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who asks for a word all the time knows how long he waited for it, and when."""
import os
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'integration'))

import unread  # noqa: E402
from harness import Bus  # noqa: E402
from pings import BUS, EACH_S, PRIORITY, Pings, answered, call  # noqa: E402

PAUSE_S = 0.3


def may_have_real_time():
    return subprocess.run(['chrt', '--fifo', PRIORITY, 'true'], capture_output=True).returncode == 0


class Bytes(unittest.TestCase):
    def test_an_answer_says_to_which_call(self):
        def fields(*parts):
            data = b''
            for part in parts:
                data += bytes(-len(data) % 8) + part
            return data
        sender = b'\x07\x01s\0\x04\0\0\0:1.5\0'
        for label, data, serial in (('alone', fields(b'\x05\x01u\0\x09\0\0\0'), 9),
                                    ('behind another', fields(sender, b'\x05\x01u\0\x07\0\0\0'), 7),
                                    ('behind a signature', fields(b'\x08\x01g\0\x01s\0', b'\x05\x01u\0\x06\0\0\0'), 6),
                                    ('of none', fields(sender), None)):
            with self.subTest(label):
                self.assertEqual(answered(b'l', data), serial)

    def test_a_head_is_whole(self):
        self.assertEqual(len(call(1, BUS, '/', BUS, 'Ping')) % 8, 0)


@unittest.skipUnless(may_have_real_time(), 'skipped: no right to real-time priority')
class Witness(unittest.TestCase):
    def setUp(self):
        self.bus = self.enterContext(Bus())
        self.pings = Pings(unread.path_of(self.bus), BUS) # the bus answers as the daemon does
        self.addCleanup(self.pings.close)

    def test_it_waits_for_who_stands_still(self):
        os.kill(self.bus.child.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.bus.child.pid, os.WSTOPPED)
        since = time.monotonic()
        while time.monotonic() < since + PAUSE_S:
            pass
        until = time.monotonic()
        os.kill(self.bus.child.pid, signal.SIGCONT)
        said = self.pings.end()
        self.assertGreater(said['longest_ms'], 1000 * (until - since - 2 * EACH_S))
        self.assertTrue(any(sent <= since + 2 * EACH_S and answered_s >= until for sent, answered_s in said['slow']), said)
        self.assertGreater(said['asked'], 0)

    def test_one_who_is_gone_is_no_good_answer(self):
        self.bus.child.stop()
        self.pings.process.wait(60)
        with self.assertRaises(AssertionError):
            self.pings.end()


if __name__ == '__main__':
    unittest.main(verbosity=2)
