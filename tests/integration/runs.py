# SPDX-License-Identifier: MIT
"""Runners, straps and treadmills on simulated time, and sessions of them: what the tests of sessions
share. Figures are held against what the simulated body did."""
import datetime

from world import Case

ANNA = '[Runner anna]\nSex=female\nMaxHeartRate=190\nRestHeartRate=50\n'
BEN = '[Runner ben]\nSex=male\nMaxHeartRate=185\nRestHeartRate=55\n'
POD2, STRAP2 = 'C0:DE:00:00:00:11', 'C0:DE:00:00:00:12'
HURRY = 200 # over the ten idle minutes, in which nothing is to happen
STILL = (('speed', 0), ('cadence', 0))


def seconds_of(text):
    """Of a time of the payloads."""
    form = '%Y-%m-%dT%H:%M:%S.%f%z' if '.' in text else '%Y-%m-%dT%H:%M:%S%z'
    return datetime.datetime.strptime(text, form).timestamp()


class Runs(Case):
    def start(self, *sensors, rate=20, config=(), options=()):
        self.prepare(*sensors, rate=rate, config=config, options=options).start_ready()

    def prepare(self, *sensors, rate=20, config=(), options=()):
        """All but the daemon."""
        world = self.make_world('[HomeAssistant]\nDiscovery=no\n' + ''.join(config), sensors, clock=rate,
                                sim_options=options)
        world.listen()
        return world

    def sessions(self):
        return self.world.ctl('status')['data']['sessions']

    def have_session(self, runner='anna'):
        """Begins one, unless one began by itself just before; its id."""
        self.world.wait_control()
        answer = self.world.ask('session', {'do': 'start', 'runner': runner})
        if answer['status'] == 'ok':
            return answer['data']['id']
        self.assertEqual(answer['error']['code'], 'already', answer)
        return self.wait_session(lambda s: s['runner'] == runner, 'the session of ' + runner)['id']

    def wait_session(self, condition, what):
        return self.wait_for(lambda: next((s for s in self.sessions() if condition(s)), None), what)

    def wait_metres(self, metres, runner='anna'):
        return self.wait_session(lambda s: s['runner'] == runner and (s['distance_m'] or 0) >= metres,
                                 '%d m of %s' % (metres, runner))

    def stand(self, *names):
        for name in names:
            for field, value in STILL:
                self.world.sim.ctl('set %s %s %s' % (name, field, value))

    def go_on(self, *names):
        for name in names:
            for field, _ in STILL:
                self.world.sim.ctl('set %s %s auto' % (name, field))

    def row(self, session):
        """Its result, when it is stored: that of nobody's session is told by no event."""
        rows = self.wait_for(lambda: self.world.state.rows('SELECT * FROM sessions WHERE id = ?', session),
                             'the result of ' + session)
        self.assertEqual(len(rows), 1, session)
        return rows[0]

    def check_metres(self, told, truth):
        self.assertAlmostEqual(told, truth, delta=max(2, 0.005 * truth))

    def metres_sent(self, name):
        """What the sensor itself counted from the first packet that went out to the last: how long
        the link took to come up is the machine's affair."""
        truth = self.world.sim.truth(name)
        return truth['last_sent_m'] - truth['first_sent_m']
