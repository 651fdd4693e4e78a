# SPDX-License-Identifier: MIT
"""Ctrl-C and its like, as an exception at a moment when the demo can take it."""
import signal


class Stopped(Exception):
    def __init__(self, number):
        super().__init__(number)
        self.number = number


class Signals:
    """Turns a signal into Stopped: at once where the demo only waits, at the end of a turn while it
    takes messages apart."""
    NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self):
        self.deferred, self.pending = False, None

    def catch(self):
        for number in self.NUMBERS:
            signal.signal(number, self._on_signal)

    def ignore(self):
        for number in self.NUMBERS:
            signal.signal(number, signal.SIG_IGN)

    def _on_signal(self, number, _):
        self.pending = number
        if not self.deferred:
            self.deliver()

    def deliver(self):
        self.deferred, number, self.pending = False, self.pending, None
        if number:
            raise Stopped(number)
