# SPDX-License-Identifier: MIT
"""How long the machine itself stood still: a virtual one whose host gives it no processor, or one that takes the
processor from all that have real-time priority (sched_rt_runtime_us). Whoever runs then has a stall that is none of
its own: a program that does nothing but look at the clock has it too.

On each processor one process sleeps for a moment, before all others by its priority, and looks how late it wakes up."""
import mmap
import os
import signal
import struct
import time

NAP_S = 0.01
PRIORITY = 2 # above REAL_TIME of fault.py


class Standstill:
    def __init__(self):
        self.processors = sorted(os.sched_getaffinity(0))
        self.late = mmap.mmap(-1, 8 * len(self.processors)) # ms, a double each
        self.pids = [self._watch(at, cpu) for at, cpu in enumerate(self.processors)]

    def _watch(self, at, cpu):
        pid = os.fork()
        if pid:
            return pid
        try:
            os.sched_setaffinity(0, {cpu})
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
            self._look(at, os.getppid())
        finally:
            os._exit(1)

    def _look(self, at, parent):
        longest = 0.0
        while os.getppid() == parent:
            begun = time.monotonic()
            time.sleep(NAP_S)
            longest = max(longest, time.monotonic() - begun - NAP_S)
            struct.pack_into('d', self.late, 8 * at, 1000 * longest)

    def longest_ms(self):
        return max(struct.unpack('%dd' % len(self.processors), self.late))

    def close(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.late.close()
