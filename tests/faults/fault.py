# SPDX-License-Identifier: MIT
"""A fault: one test method with a name, a promise and how often it strikes, in a class of FaultCase.

    class Kills(FaultCase):
        @fault('kill-session', 'No packet that was read is lost.', test=20, soak=500)
        def test_kills(self): ...

self.times is how often it is to strike this time, self.rng the random numbers of the printed seed, and
self.figures what it counts; the stall of the loop is watched for all of them, and held to STALL_MS where the
daemon may have the processor as soon as it wants it: a wait in the queue of a busy machine is no stall of
its own, nor is what the machine itself stood still."""
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'integration'))

from harness import Timeout  # noqa: E402
from runs import Runs  # noqa: E402
from world import PATIENCE, Subscriber, World, wait_until  # noqa: E402,F401

from figures import Figures  # noqa: E402
from standstill import Standstill  # noqa: E402

STALL_MS = 50
REAL_TIME = ['chrt', '--rr', '1'] # before all that runs as it happens to be its turn


@dataclass
class Fault:
    name: str
    promise: str
    test: int
    soak: int
    method: str = ''
    case: type = None


FAULTS = {}


def fault(name, promise, test=1, soak=1):
    def mark(method):
        assert name not in FAULTS, name
        FAULTS[name] = method.fault = Fault(name, promise, test, soak, method.__name__)
        return method
    return mark


def has_real_time():
    try:
        return subprocess.run(REAL_TIME + ['true'], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


class FaultWorld(World):
    """A world that knows the longest stall of each of its daemons."""

    def start(self, env=None, prefix=(), **options):
        before = REAL_TIME if has_real_time() else []
        return super().start(env=env, prefix=[*before, *prefix], **options)

    def stall_ms(self):
        """By the health of its status; None while it does not answer."""
        status, out, _ = self.stridectl('--json', 'status')
        return json.loads(out)['data']['health']['loop_stall_ms'] if status == 0 else None


class FaultCase(Runs):
    times, seed = 1, 0
    hidden = '' # the runner of whom no event can arrive
    stall_held = True # a fault may hold the loop up by its nature: one that stops the daemon

    @classmethod
    def make_ready(cls):
        """What is done once, before faults strike, and is no part of their time."""

    def __init_subclass__(cls):
        for value in list(vars(cls).values()):
            if hasattr(value, 'fault'):
                value.fault.case = cls

    def setUp(self):
        self.rng = random.Random(self.seed)
        self.figures = Figures()
        self.heard_before = [] # by listeners of this world that are gone
        self.standstill = Standstill() if has_real_time() else None
        if self.standstill:
            self.addCleanup(self.standstill.close)

    def make_world(self, *args, **options):
        self.world = FaultWorld(*args, **options)
        self.addCleanup(self.world.close)
        return self.world

    def look_at_stall(self):
        self.figures.saw_stall(self.world.stall_ms())

    def check_stall(self, running=True):
        """running: the last daemon still is, and is asked."""
        if running:
            self.look_at_stall()
        if not self.standstill:
            self.figures.note += ' (stall not held: no right to real time)'
            return
        self.assertIsNotNone(self.figures.stall_ms)
        if self.figures.stall_ms <= STALL_MS:
            return
        machine_ms = self.standstill.longest_ms()
        self.figures.note += ' (the machine stood still for %.0f ms)' % machine_ms
        self.assertLessEqual(self.figures.stall_ms - machine_ms, STALL_MS, 'the loop stood still')

    # ---- packets ----

    def sent(self):
        """Notifications that went out to a subscriber, by sensor of the simulator."""
        return {name: sum(self.world.sim.truth(name)['sent'].values())
                for name in self.world.sim.ctl('list').split()}

    def stored(self, since_s=0):
        """From that moment of the boot on. A session also keeps what came in the minutes before it was one, as the one before it may have: the
        same moment and bytes are the same packet."""
        packets = set()
        for path in self.world.state.recordings():
            lines = [tuple(words) for words in self.world.state.records('N', path)]
            assert len(lines) == len(set(lines)), 'a packet twice in ' + path
            packets |= {(at, uuid, bytes_) for _, at, _, uuid, bytes_ in lines if int(at) > since_s * 1e6}
        return len(packets)

    def calm(self, since_s=0):
        """(sent, stored since then, now) at a moment at which nothing is under way."""
        last = None

        def look():
            nonlocal last
            before, last = last, sum(self.sent().values())
            stored, now = self.stored(since_s), self.world.now()[0]
            return (last, stored, now) if before == last == sum(self.sent().values()) else None
        with self.world.at_rate(1): # a packet a second: what was sent a tenth before has come
            return wait_until(look, PATIENCE, 'a calm moment', 0.1)

    def check_packets(self, begun, in_flight, why='unread'):
        """Since `begun`, which is what calm() was then; in_flight: how many a process may have had in its socket
        when it died."""
        def settled():
            sent, stored, _ = self.calm(begun[2])
            self.figures.sent, self.figures.stored = sent - begun[0], stored
            return self.figures.stored >= self.figures.sent - in_flight
        with contextlib.suppress(Timeout):
            wait_until(settled, 10)
        missing = self.figures.sent - self.figures.stored
        self.figures.lost, self.figures.doubled = max(0, missing - in_flight), max(0, -missing)
        self.figures.note += ' %d %s' % (missing, why) if 0 < missing <= in_flight else ''
        self.assertEqual((self.figures.lost, self.figures.doubled), (0, 0), (missing, in_flight))

    # ---- events ----

    def hang_up(self):
        """The listener goes; the next listen() goes on where it was."""
        self.world.listener.catch_up()
        self.heard_before += self.world.listener.events()
        self.world.listener.kill()

    def check_events(self, promised=()):
        """Each session's start and end is at the broker, under its one id; promised: ids that commands were
        told of. To be called when no session is under way."""
        self.wait_for(lambda: not self.sessions(), 'no session to be left')
        self.check_balance(promised)

    def check_balance(self, promised=()):
        """As check_events(), also of a daemon that is gone."""
        world = self.world

        def balance():
            events = self.heard_before + world.listener.events()
            heard = [e['id'] for e in events if e['kind'] in ('session_start', 'session_end')]
            ended = world.state.rows("SELECT id FROM sessions WHERE state = 'ended' AND runner IS NOT ?", self.hidden)
            return {'%s-%s' % (row['id'], what) for what in ('start', 'end') for row in ended} | set(promised), heard

        def is_even():
            made, heard = balance()
            return made == set(heard) and not world.state.rows('SELECT id FROM events WHERE refused = 0')
        with contextlib.suppress(Timeout):
            wait_until(is_even, PATIENCE, 'all events', 0.1)
        made, heard = balance()
        figures = self.figures
        figures.made, figures.delivered = len(made), len(set(heard))
        figures.again = len(heard) - len(set(heard))
        figures.events_lost = len(made - set(heard))
        figures.events_doubled = len(set(heard) - made)
        self.assertEqual((made - set(heard), set(heard) - made), (set(), set()))
