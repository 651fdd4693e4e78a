# SPDX-License-Identifier: MIT
"""kill -9 at random moments: of its start, of a session, of a command."""
import json
import os
import signal
import subprocess
import time

import unread
from fault import FaultCase, fault
from harness import find_program
from runs import ANNA
from world import HEART_RATE, POD, RSC, STRAP, sensor

LIFE_S = 3      # at most, before it is killed: its start takes a tenth of that, the links as long
COMMAND_S = 0.06 # in which a command is carried out


class Kills(FaultCase):
    def begin(self):
        self.prepare('pod:P:%s:awake,scenario=steady,odometer=500' % POD, 'strap:S:%s:awake,scenario=steady' % STRAP,
                     config=(ANNA, sensor('pod', POD), sensor('strap', STRAP)))
        self.world.start_ready()
        session = self.wait_metres(30)
        self.measured = unread.measurements(self.world.bus, (RSC, HEART_RATE))
        self.begun = self.calm()
        self.counted = self.begun[0], 0 # sent and stored up to the last look
        return session

    def kill(self):
        """At this very moment. Its life since the last look, for count()."""
        world, pid = self.world, self.world.daemon.process.pid
        unread.freeze(pid)
        busy = not unread.is_waiting(pid)
        with self.silence():
            unread.ask_bluetoothd(world.bus, unread.PING)
            sockets = unread.sockets_to(pid, unread.path_of(world.bus))
            world.stop(signal.SIGKILL)
            left = sum(unread.count_packets(unread.rest(one), self.measured) for one in sockets)
            unread.ask_bluetoothd(world.bus, unread.PING) # behind the word of his death
            self.assertFalse(any(world.sim.truth(name)['subscribed'] for name in self.sent()))
            life = (*self.since_last(), left, busy)
        world.start()
        return life

    def since_last(self):
        """(sent, stored) since it was asked before; nothing is under way."""
        before = self.counted
        self.counted = sum(self.sent().values()), self.stored(self.begun[2])
        return [now - then for now, then in zip(self.counted, before)]

    def count(self, sent, stored, left=0, busy=False):
        """Of one life. Who had something in hand, and no more than one: it was out of the socket, and not with the
        kernel yet."""
        missing = sent - stored - left
        in_hand = int(busy and missing > 0)
        self.figures.count(sent, stored, max(0, missing - in_hand), max(0, -missing), left, in_hand)
        self.assertIn(missing, (0, in_hand), 'packets of one life: %d sent, %d stored, %d unread' % (sent, stored, left))

    @fault('kill-session', 'A daemon that is killed at any moment loses no packet that it had read, but for one that was in its '
           'hand just then, and its session goes on as the same one.', test=20, soak=500)
    def test_a_session_goes_on(self):
        session = self.begin()['id']
        for _ in range(self.times):
            life_s = LIFE_S * self.rng.random() ** 2 # the fault's own moment, often an early one
            looked_s = life_s * self.rng.random()
            time.sleep(looked_s)
            self.look_at_stall() # not just before it is killed: who has just answered has nothing in hand
            time.sleep(life_s - looked_s)
            self.count(*self.kill())
        self.world.wait_control()
        self.wait_metres(self.wait_session(lambda s: s['id'] == session, 'the session')['distance_m'] + 30)
        with self.at_calm():
            self.count(*self.since_last())
        self.check_stall()
        self.world.ctl('session', 'stop')
        self.wait_for(lambda: not self.sessions(), 'the end')
        self.check_events({session + '-start', session + '-end'})
        self.assertEqual(len(self.world.state.recordings()), 1)

    # ---- commands ----

    def ask(self, do):
        """Of a daemon that may be gone before it has answered."""
        return subprocess.Popen([find_program('stridectl', 'STRIDECTL'), '--json', 'session', do],
                                env={**os.environ, **self.world.environment()}, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)

    @staticmethod
    def answer(asked):
        out = asked.communicate(timeout=60)[0]
        answer = json.loads(out) if out.strip() else {}
        return answer.get('data') if answer.get('status') == 'ok' else None

    def pause(self):
        """(the session that is under way or None, the packets since the last look) when both sensors send again."""
        self.world.wait_control()
        before = self.sent()
        self.wait_for(lambda: all(count > before[name] for name, count in self.sent().items()), 'packets')
        with self.at_calm():
            return next((s['id'] for s in self.sessions()), None), self.since_last()

    @fault('kill-command', 'What a command answered holds after a kill: a session that was begun is there, one that '
           'was ended is over, and each is told once.', test=20, soak=500)
    def test_a_command_that_was_answered_holds(self):
        self.begin()
        promised = set()
        session, lately = self.pause()
        for turn in range(self.times):
            do = 'start' if turn % 2 else 'stop'
            asked = self.ask(do)
            time.sleep(self.rng.uniform(0, COMMAND_S) if self.rng.random() < 0.5 else
                       self.rng.uniform(0, 0.5)) # the fault's own moment
            life = self.kill()
            done = self.answer(asked)
            if done:
                promised.add('%s-%s' % (done['id'], 'start' if do == 'start' else 'end'))
            before, (session, next_life) = session, self.pause()
            if session and session == before:
                self.count(*life)
            elif session and done: # it has what came in the minutes before it, too
                self.count(*(one + more for one, more in zip(life, lately)), *life[2:])
            if session: # else they were nobody's
                self.count(*next_life)
            lately = next_life
        self.check_stall()
        if self.sessions():
            self.world.ctl('session', 'stop')
        self.wait_for(lambda: not self.sessions(), 'the end')
        self.figures.note += ' %d answered' % len(promised)
        self.check_events(promised)
