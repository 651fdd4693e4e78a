# SPDX-License-Identifier: MIT
"""kill -9 at random moments: of its start, of a session, of a command."""
import json
import os
import signal
import subprocess
import time

from fault import FaultCase, fault
from harness import find_program
from runs import ANNA
from world import POD, STRAP, sensor

LIFE_S = 3      # at most, before it is killed: its start takes a tenth of that, the links as long
COMMAND_S = 0.06 # in which a command is carried out
SENSORS = 2


class Kills(FaultCase):
    def begin(self):
        self.prepare('pod:P:%s:awake,scenario=steady,odometer=500' % POD, 'strap:S:%s:awake,scenario=steady' % STRAP,
                     config=(ANNA, sensor('pod', POD), sensor('strap', STRAP)))
        self.world.start_ready()
        return self.wait_metres(30)

    def kill(self):
        self.look_at_stall()
        self.world.stop(signal.SIGKILL)
        self.world.start()

    @fault('kill-session', 'A daemon that is killed at any moment loses no packet that it had read, and its '
           'session goes on as the same one.', test=20, soak=500)
    def test_a_session_goes_on(self):
        session = self.begin()['id']
        begun = self.calm()
        for _ in range(self.times):
            time.sleep(LIFE_S * self.rng.random() ** 2) # the fault's own moment, often an early one
            self.kill()
        self.world.wait_control()
        self.wait_metres(self.wait_session(lambda s: s['id'] == session, 'the session')['distance_m'] + 30)
        # a packet comes each 25 ms, and until a process that is killed is gone a few of these pass
        self.check_packets(begun, in_flight=self.times // 2 + SENSORS)
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

    @fault('kill-command', 'What a command answered holds after a kill: a session that was begun is there, one that '
           'was ended is over, and each is told once.', test=20, soak=500)
    def test_a_command_that_was_answered_holds(self):
        self.begin()
        promised = set()
        for turn in range(self.times):
            do = 'start' if turn % 2 else 'stop'
            asked = self.ask(do)
            time.sleep(self.rng.uniform(0, COMMAND_S) if self.rng.random() < 0.5 else
                       self.rng.uniform(0, 0.5)) # the fault's own moment
            self.kill()
            done = self.answer(asked)
            if done:
                promised.add('%s-%s' % (done['id'], 'start' if do == 'start' else 'end'))
            self.world.wait_control()
        self.check_stall()
        if self.sessions():
            self.world.ctl('session', 'stop')
        self.wait_for(lambda: not self.sessions(), 'the end')
        self.figures.note += ' %d answered' % len(promised)
        self.check_events(promised)
