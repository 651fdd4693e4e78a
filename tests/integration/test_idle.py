# SPDX-License-Identifier: MIT
"""How often a daemon wakes that has nothing to do, with ten years of history behind it. On real time, with the
daemon as it is installed: `meson test -C build -v idle` shows the figures."""
import os
import time
from pathlib import Path

from ten_years import fill, sanitized, wakes, yesterday
from world import Case, run_tests

SETTINGS = """[HomeAssistant]
Discovery=yes
[Runner anna]
TimeZone=UTC
"""
WATCHED_S = 20
QUIET_S = 1
LOOP_PER_S = 1 / 5
PROCESS_PER_S = 4


def wakes_per_second(pid, seconds):
    """(of the loop, of the whole process) over a stretch of real time."""
    before, begun = wakes(pid), time.monotonic()
    time.sleep(seconds) # nothing is waited for: this is what is measured
    after, took = wakes(pid), time.monotonic() - begun
    return (after[0] - before[0]) / took, (sum(after) - sum(before)) / took


class Idle(Case):
    def wait_quiet(self, pid):
        """A second in which the loop does not wake: the broker has answered the last of what was to be said."""
        count, since = wakes(pid)[0], time.monotonic()

        def is_quiet():
            nonlocal count, since
            if wakes(pid)[0] != count:
                count, since = wakes(pid)[0], time.monotonic()
            return time.monotonic() - since >= QUIET_S
        self.wait_for(is_quiet, 'a loop that sleeps')

    def start(self):
        """Until what there is to say of ten years is said."""
        self.make_world(SETTINGS)
        self.world.listen()
        self.world.start_ready()
        self.world.stop()
        fill(self.world.state, 'anna', yesterday())
        self.world.start_ready()
        self.world.listener.wait('/week$', lambda m: m.text and m.json['measures']['distance_m']['total'] > 0)
        self.wait_quiet(self.world.daemon.process.pid)

    def quietest(self, stretches=3):
        """Who shares the processor wakes a thread once more now and then (one waits for the other), and never less often:
        another stretch only where one was too much."""
        figures = []
        while len(figures) < stretches and not any(process <= PROCESS_PER_S for _, process in figures):
            figures.append(wakes_per_second(self.world.daemon.process.pid, WATCHED_S))
        return min(figures, key=lambda figure: figure[1])

    def test_it_sleeps(self):
        if sanitized(Path(os.environ['STRIDED'])):
            self.skipTest('skipped: a sanitizer has a price of its own')
        self.start()
        loop, process = self.quietest()
        print('\nidle: the loop wakes %.2f times a second, the process %.2f times' % (loop, process))
        self.assertLessEqual(loop, LOOP_PER_S)
        self.assertLessEqual(process, PROCESS_PER_S)


if __name__ == '__main__':
    run_tests()
