# SPDX-License-Identifier: MIT
"""When the machine itself stood still, and how long: a virtual one whose host gives it no processor, or one that takes
the processor from all that have real-time priority (sched_rt_runtime_us). Whoever runs then has a stall that is none of
its own: a program that does nothing but look at the clock has it too.

On each processor one process sleeps for a moment, before all others by its priority, and notes when it was to wake up
and when it did."""
import mmap
import os
import signal
import struct
import time

NAP_S = 0.01
LATE_S = 0.001 # less is no standstill
PRIORITY = 2 # above REAL_TIME of fault.py
NOTED = 1 << 14 # the last of them, of each processor
HEAD = struct.Struct('dQ') # when it last looked, how many it has noted
NOTE = struct.Struct('dd') # from when to when; all by CLOCK_MONOTONIC


class Notes:
    """Of one processor, in memory that its watcher shares with us."""

    def __init__(self):
        self.memory = mmap.mmap(-1, HEAD.size + NOTED * NOTE.size)

    def looked(self, due_s, woke_s):
        count = HEAD.unpack_from(self.memory)[1]
        if woke_s - due_s > LATE_S:
            NOTE.pack_into(self.memory, HEAD.size + count % NOTED * NOTE.size, due_s, woke_s)
            count += 1
        HEAD.pack_into(self.memory, 0, woke_s, count)

    def last_s(self):
        return HEAD.unpack_from(self.memory)[0]

    def all(self):
        count = min(HEAD.unpack_from(self.memory)[1], NOTED)
        return [NOTE.unpack_from(self.memory, HEAD.size + i * NOTE.size) for i in range(count)]


class Standstill:
    def __init__(self):
        self.processors = sorted(os.sched_getaffinity(0))
        self.notes = [Notes() for _ in self.processors]
        self.pids = [self._watch(*one) for one in zip(self.notes, self.processors)]

    def _watch(self, notes, cpu):
        pid = os.fork()
        if pid:
            return pid
        try:
            os.sched_setaffinity(0, {cpu})
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
            self._look(notes, os.getppid())
        finally:
            os._exit(1)

    @staticmethod
    def _look(notes, parent):
        while os.getppid() == parent:
            due_s = time.monotonic() + NAP_S
            time.sleep(NAP_S)
            notes.looked(due_s, time.monotonic())

    def looked_s(self):
        """Up to when all that stood still is known."""
        return min(notes.last_s() for notes in self.notes)

    def longest_ms(self, since_s, until_s):
        """Of those that fall into that time, or reach into it. To be asked when looked_s() is past it."""
        return max((1000 * (woke_s - due_s) for notes in self.notes for due_s, woke_s in notes.all()
                    if due_s <= until_s and woke_s >= since_s), default=0)

    def close(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        for notes in self.notes:
            notes.memory.close()
