# SPDX-License-Identifier: MIT
"""Broker, bluetoothd and daemon are stopped or killed, and started, in any order, and nothing is lost.

Each order is an interleaving of three stops and three starts with a session stopped, and often begun
again, somewhere in between. STRIDED_SEED repeats a run; the seed is printed.

What can honestly be said of a packet: once the daemon has read it, it is in the recording for ever.
What bluetoothd sent to a daemon that was killed before it looked, nobody can have. So the packets the
simulator sent and the lines of the recordings are counted against each other before and after each
single stop and start: they move together, except when the daemon itself goes, where at most what was
under way at that moment may be missing. No line that was once in a recording is ever missing later.

The simulator is killed as well, or told to end, and what it counted with it; a second one, on a bus of
its own, keeps the clock. Its sensors are mute for the last moment, so that what they sent is known. Else its
bluetoothd dies without a word, or in order. A broker that is killed forgets up to a second; what it took from the daemon and
still owed to the listener would be its loss and not ours, so the listener catches up first.
"""
import datetime
import os
import random
import signal

from harness import Bus, Sim, Timeout, wait_until
from world import HEART_RATE, PATIENCE, POD, RSC, STRAP, Case, run_tests, sensor

ORDERS = int(os.environ.get('STRIDED_ORDERS', '30'))
RATE = 20
SETTLE_SECONDS = 5 # of the promise: every retained topic equals the store so soon after a reconnect
STEADY = {'speed_m_s': 3.0, 'cadence_spm': 170, 'heart_rate_bpm': 140} # the scenario of both
BUNCH_USEC = 200000 # packets that are closer to each other came late: theirs is one a second
TOLERANCE = {'speed_m_s': 0.05, 'cadence_spm': 1, 'heart_rate_bpm': 1}
HELD_M = 9          # a speed holds for three seconds of a silence, which is no time of moving
STILL = (('speed', 0), ('cadence', 0), ('hr', 60))
STOP_RATE = 5
UNDER_WAY_STOPPING = 15 # and that come from a link that is being let go
ODOMETER_M, ODOMETER_APART_M = 120000, 100000 # of the first pod, and of those after it
UNDER_WAY = 2      # packets of a sensor that may be between bluetoothd and a daemon that is killed


def utc(usec):
    """As the payloads say it."""
    at = datetime.datetime.fromtimestamp(usec // 1000000, datetime.timezone.utc)
    return at.strftime('%Y-%m-%dT%H:%M:%SZ')


def same_number(told, stored):
    """The payload rounds to what the figure is worth."""
    if told is None or stored is None:
        return told is stored
    return abs(told - stored) <= max(0.51 if float(told).is_integer() else 0.051, 1e-3 * stored)


class Recordings:
    """Follows files that must only ever grow, and counts the notifications in them."""

    def __init__(self, state):
        self.state = state
        self.known = {} # path -> bytes
        self.count = {RSC: 0, HEART_RATE: 0}

    def look(self):
        paths = self.state.recordings()
        for path in self.known:
            assert path in paths, '%s is gone' % path
        for path in paths:
            self._follow(path)
        return dict(self.count)

    def _follow(self, path):
        before = self.known.get(path, b'')
        with open(path, 'rb') as f:
            now = f.read()
        assert now.startswith(before), 'lines of %s are missing' % path
        whole = now[:now.rindex(b'\n') + 1] if b'\n' in now else b''
        for line in whole[len(before):].splitlines():
            words = line.split(b' ')
            if words[0] == b'N' and words[3].decode() in self.count:
                self.count[words[3].decode()] += 1
        self.known[path] = whole

    def bunched(self, session):
        """Packets of the pod that came with the one before."""
        self.look()
        lines = [line.split(b' ') for path, whole in self.known.items() if path.endswith('/%s.rec' % session)
                 for line in whole.splitlines()]
        at = sorted(int(words[1]) for words in lines if words[0] == b'N' and words[3].decode() == RSC)
        return sum(later - sooner < BUNCH_USEC for sooner, later in zip(at, at[1:]))


class Orders(Case):
    def setUp(self):
        super().setUp()
        seed = int(os.environ.get('STRIDED_SEED', random.SystemRandom().randrange(10 ** 9)))
        print('STRIDED_SEED=%d' % seed, flush=True)
        self.random = random.Random(seed)
        self.make_world('[Runner anna]\nSex=female\nMaxHeartRate=190\nRestHeartRate=50\n' +
                        sensor('pod', POD) + sensor('strap', STRAP),
                        ['pod:P:%s:awake,scenario=steady,odometer=%d' % (POD, ODOMETER_M),
                         'strap:S:%s:awake,scenario=steady' % STRAP], clock=RATE,
                        sim_options=('--seed', str(seed % 1000 + 1)))
        bus = Bus()
        self.addCleanup(bus.close)
        self.world.keeper = Sim(bus, clock=self.world.sim.clock)
        self.addCleanup(self.world.keeper.close)
        self.world.listen()
        self.world.broker.save() # who listens is known to it from now on, even when it is killed
        self.world.start_ready()
        self.recordings = Recordings(self.world.state)
        self.lost = {RSC: 0, HEART_RATE: 0}
        self.sent_before = {RSC: 0, HEART_RATE: 0} # by simulators that are no more
        self.open, self.outages = False, 0 # outages: of its session, in which nothing was heard
        self.ended = set()
        self.running = {'broker', 'bluetoothd', 'daemon'}
        self.n_pods = 0 # that came with a new simulator, after the first
        self.done = [] # of this order, for the reader of a failure

    # ---- packets ----

    def sent(self):
        if not self.world.sim.child.alive():
            return dict(self.sent_before)
        return {uuid: self.sent_before[uuid] + self.world.sim.truth(name)['sent'].get(uuid, 0)
                for name, uuid in (('P', RSC), ('S', HEART_RATE))}

    def missing(self):
        """Sent and not recorded, at a moment when nothing is between; None when there is none now."""
        before = self.sent()
        recorded = self.recordings.look()
        if self.sent() != before:
            return None
        return {uuid: before[uuid] - recorded[uuid] for uuid in before}

    def begin_counting(self):
        """With a session come packets of the 30 s before it; those before them were never recorded. A
        packet may be between the two just now, so the least of some moments is what is true."""
        seen = []

        def looked_often():
            now = self.missing()
            if now:
                seen.append(now)
            return len(seen) >= 20
        wait_until(looked_often, PATIENCE, 'quiet moments', 0.005)
        self.lost = {uuid: min(now[uuid] for now in seen) for uuid in self.lost}

    def check_nothing_lost(self):
        """Only while a session is open: outside of one nothing is recorded."""
        try:
            wait_until(lambda: self.missing() == self.lost, PATIENCE, 'every packet', 0.002)
        except Timeout:
            self.fail('%s: missing %s, not %s' % (self.done, self.missing(), self.lost))

    def note_lost(self, allowed):
        """The daemon is gone: what it had not read is counted, and must be little."""
        if 'bluetoothd' in self.running: # which may have yet to hear of it, and tells nobody till then
            for name in 'PS':
                self.world.sim.wait_truth(name, lambda truth: not truth['subscribed'], PATIENCE, 'nobody to be told')
        now = wait_until(self.missing, PATIENCE, 'a quiet moment', 0.002)
        for uuid, n in now.items():
            self.assertIn(n - self.lost[uuid], range(allowed + 1), (self.done, uuid, now, self.lost))
        self.total_lost += sum(now[u] - self.lost[u] for u in now)
        self.lost = now

    # ---- the three, stopped and started ----

    def stop_broker(self):
        number = self.random.choice([signal.SIGTERM, signal.SIGKILL])
        self.done[-1] += ' %d' % number
        if number == signal.SIGKILL:
            self.world.listener.catch_up()
        self.world.broker.stop(number)

    def start_broker_again(self):
        self.world.broker.start()

    def stop_bluetoothd(self):
        how = self.random.choice(['kill-name', 'stop', signal.SIGTERM, signal.SIGKILL])
        self.done[-1] += ' %s' % how
        if isinstance(how, str):
            self.world.sim.ctl(how)
            return
        for name in 'PS':
            self.world.sim.ctl('mute %s 1' % name)
        before = self.sent()
        self.world.sim.end_process(how)
        self.sent_before = before

    def start_bluetoothd(self):
        if self.world.sim.child.alive():
            self.world.sim.ctl('start')
            return
        self.world.set_rate(STOP_RATE)
        self.world.sim.start_process()
        self.n_pods += 1 # one a little ahead of the last one would be a slow walk
        self.world.sim.ctl('set P odometer %d' % (ODOMETER_M + self.n_pods * ODOMETER_APART_M))
        self.pose() # long before ten seconds of steps were heard
        self.world.set_rate(RATE)

    def pose(self):
        """In a session they run; else they stand still, or a restarted daemon begins one by itself."""
        for field, value in STILL if self.world.sim.child.alive() else ():
            for name in 'PS':
                self.world.sim.ctl('set %s %s %s' % (name, field, 'auto' if self.open else value))

    def stop_daemon(self):
        """In real time, so that 'under way' is a packet and not a second's worth of them."""
        number = self.random.choice([signal.SIGTERM, signal.SIGKILL])
        self.done[-1] += ' %d' % number
        self.world.set_rate(1)
        if self.open:
            self.check_nothing_lost()
        if number == signal.SIGTERM: # it lets the links go first, which takes its time
            self.world.set_rate(STOP_RATE)
        self.world.stop(number)
        if self.open:
            self.note_lost(UNDER_WAY if number == signal.SIGKILL else UNDER_WAY_STOPPING)
        self.world.set_rate(RATE)

    def start_daemon_again(self):
        self.world.start_ready()

    def stop_session(self):
        if not self.open:
            return
        self.check_nothing_lost()
        self.world.set_rate(1)
        path = self.world.state.recordings()[-1]
        self.world.ctl('session', 'stop')
        self.open = False
        self.ended.add(os.path.basename(path)[:-len('.rec')])
        self.pose()
        self.world.set_rate(RATE)

    def start_session(self):
        if self.open:
            return
        self.world.ctl('session', 'start')
        self.open, self.outages = True, 0
        self.pose()
        self.begin_counting()

    # ---- an order ----

    def make_order(self):
        """Random among all in which each is stopped before it is started; session steps in between,
        where a daemon is there to be asked."""
        parts = ['broker', 'bluetoothd', 'daemon'] * 2
        self.random.shuffle(parts)
        seen, steps = set(), []
        for part in parts:
            steps.append(('start ' if part in seen else 'stop ') + part)
            seen.add(part)
        down = range(steps.index('stop daemon') + 1, steps.index('start daemon') + 1)
        places = sorted(self.random.choices([i for i in range(7) if i not in down],
                                            k=self.random.choice([1, 2])))
        for where, step in reversed(list(zip(places, ['stop session', 'start session']))):
            steps.insert(where, step)
        return steps

    def step(self, step):
        self.done.append(step)
        {'stop broker': self.stop_broker, 'start broker': self.start_broker_again,
         'stop bluetoothd': self.stop_bluetoothd, 'start bluetoothd': self.start_bluetoothd,
         'stop daemon': self.stop_daemon, 'start daemon': self.start_daemon_again,
         'stop session': self.stop_session, 'start session': self.start_session}[step]()
        verb, part = step.split()
        self.outages += step in ('stop bluetoothd', 'stop daemon')
        (self.running.add if verb == 'start' else self.running.discard)(part)
        if self.open and self.world.daemon.alive():
            self.check_nothing_lost()
        self.world.pass_time(self.random.uniform(0, 2))

    def links_of_daemon(self):
        return self.world.broker.log().count(' as strided-')

    def run_order(self):
        self.done = []
        if not self.open: # the last order left none
            self.done.append('start session')
            self.start_session()
            self.world.pass_time(3)
        for step in self.make_order():
            links = self.links_of_daemon()
            self.step(step)
            last = links if step in ('start broker', 'start daemon') else None
            if last is not None and {'broker', 'daemon'} <= self.running:
                self.wait_for(lambda: self.links_of_daemon() > last, 'the daemon at the broker')
                self.check_retained()
        self.world.wait_sensor('pod', 'streaming')
        self.world.wait_sensor('strap', 'streaming')
        self.check_retained()
        if self.open:
            self.check_running()

    # ---- what is retained ----

    EVERYTHING = ('strided/#', 'homeassistant/#')

    def remember_what_stays(self):
        """Who we are and what Home Assistant is told of us never changes here; it is looked at whole once, by
        a client that waits for no count."""
        reader = self.world.subscribe(*self.EVERYTHING)
        reader.catch_up()
        kept = {m.topic: m.json for m in reader.all() if m.retain and m.text.startswith('{')}
        self.n_retained = len({m.topic for m in reader.all() if m.retain and m.text})
        self.stays = {topic: body for topic, body in kept.items() if topic.startswith('homeassistant/')}
        self.stays['info'] = kept['strided/hall/info']
        self.assertEqual((self.stays['info']['runners'], self.stays['info']['sensors']),
                         (['anna'], ['pod', 'strap']))
        devices = [body for topic, body in self.stays.items() if topic != 'info']
        self.assertGreater(sum(len(body['cmps']) for body in devices), 10, devices)

    def check_retained(self):
        wrong = ['never asked']

        def equal():
            wrong[:] = self.differences(self.world.broker.retained(self.n_retained, *self.EVERYTHING))
            return not wrong
        try:
            wait_until(equal, SETTLE_SECONDS, 'retained topics to equal the store', 0.05, looks=3)
        except Timeout:
            self.fail('%s: %s\n%s' % (self.done, wrong, self.world.log()[-5000:]))

    def differences(self, retained):
        wrong = []
        if retained.get('status') != 'online':
            wrong.append('status is %s' % retained.get('status'))
        for truth in self.world.ctl('sensors')['data']['sensors']:
            told = retained.get('sensor/' + truth['name'], {})
            wrong += ['%s of %s: %s, not %s' % (key, truth['name'], told.get(key), value)
                      for key, value in truth.items()
                      if key != 'last_seen' and told.get(key, 'missing') != value]
        wrong += self.differs_from_what_stays(retained)
        told = retained.get('runner/anna/session', {})
        return wrong + (self.differs_from_live(told) if self.open else self.differs_from_row(told))

    def differs_from_what_stays(self, retained):
        """Of a device, what it is is known once it was connected: as long as its topic says nothing of it,
        there is a word for nothing."""
        wrong = []
        for topic, body in self.stays.items():
            expected, told = dict(body), retained.get(topic)
            sensor = next((retained.get('sensor/' + name, {}) for name in ('pod', 'strap')
                           if topic != 'info' and body['dev']['name'] == 'Sensor ' + name), None)
            if sensor is not None:
                said = {'mf': sensor.get('manufacturer') or 'strided', 'mdl': sensor.get('model') or 'sensor',
                        'sw': sensor.get('firmware')}
                expected['dev'] = {key: value for key, value in {**body['dev'], **said}.items() if value}
            wrong += ['%s: %s is %s, not %s' % (topic, key, (told or {}).get(key), value)
                      for key, value in expected.items() if (told or {}).get(key) != value]
        return wrong

    def differs_from_live(self, told):
        truth = self.world.ctl('status')['data']['sessions']
        if len(truth) != 1:
            return ['there are %d sessions' % len(truth)]
        return ['%s of session: %s, not %s' % (key, told.get(key), truth[0][key])
                for key in ('id', 'runner', 'kind', 'state', 'day', 'start', 'end')
                if told.get(key) != truth[0][key]]

    def differs_from_row(self, told):
        rows = self.world.state.rows('SELECT * FROM sessions ORDER BY end_usec DESC LIMIT 1')
        if not rows:
            return ['no row in the database']
        row = rows[0]
        expected = {key: row[key] for key in ('id', 'runner', 'kind', 'state', 'day')}
        expected.update(start=utc(row['start_usec']), end=utc(row['end_usec']))
        wrong = ['%s of session: %s, not %s' % (key, told.get(key), value)
                 for key, value in expected.items() if told.get(key) != value]
        figures = {key: told.get(key) for key in row
                   if key.endswith(('_s', '_m', '_bpm', '_spm', '_pct', '_per_km', '_steps'))
                   or key in ('steps', 'trimp', 'edwards')}
        for zone in range(5):
            figures['zone%d_s' % (zone + 1)] = told.get('zone_s', [None] * 5)[zone]
        figures.pop('utc_offset_s')
        figures.pop('altitude_m') # told as a share of the distance
        return wrong + ['%s of session: %s, not %s' % (key, value, row[key])
                        for key, value in figures.items() if not same_number(value, row[key])]

    # ---- what is told each second ----

    def check_running(self):
        """Live figures, and those that are kept each ten seconds, are of this session and of the bodies that
        the simulator moves; the distance is what the daemon answers, and what that speed makes of the time."""
        before = self.world.ctl('status')['data']['sessions'][0]
        since, seen = self.world.listener.mark(), {}
        try:
            for topic in ('live', 'now'):
                self.world.listener.wait('/anna/%s$' % topic,
                                         lambda m: seen.update({topic: m.json}) or not self.differs(m.json, before),
                                         SETTLE_SECONDS, since)
        except Timeout:
            self.fail('%s: %s' % (self.done, {t: (self.differs(b, before), b) for t, b in seen.items()}))
        for topic, told in seen.items(): # of another moment than the answer, and a packet more or less
            passed_s = told['elapsed_s'] - before['elapsed_s']
            for total, each_s, packet in (('distance_m', STEADY['speed_m_s'], 4), ('moving_s', 1, 2)):
                self.assertAlmostEqual(told[total], before[total] + each_s * passed_s, delta=packet,
                                       msg=(self.done, topic, total))
        # what was covered while they were heard, at the speed of the simulated body. When the machine stood still,
        # packets come in a bunch: each adds its metres, and the time of all but the last is a silence
        late = self.recordings.bunched(before['id'])
        self.assertAlmostEqual(before['distance_m'], STEADY['speed_m_s'] * before['moving_s'],
                               delta=10 + HELD_M * self.outages + STEADY['speed_m_s'] * late +
                               0.03 * before['distance_m'], msg=(self.done, late))

    @staticmethod
    def differs(told, session):
        wrong = [key for key, value in STEADY.items() if told[key] is None or abs(told[key] - value) > TOLERANCE[key]]
        return wrong + [key for key, value in (('session', session['id']), ('state', 'running'))
                        if told[key] != value]

    # ---- all of it ----

    def check_events(self):
        wanted = {'%s-%s' % (one, what) for one in self.ended for what in ('start', 'end')}
        self.wait_for(lambda: wanted <= {e['id'] for e in self.world.listener.events()},
                      'every event; missing: %s' % sorted(
                          wanted - {e['id'] for e in self.world.listener.events()}))
        heard = self.world.listener.events()
        self.assertEqual({e['id'] for e in heard}, wanted, 'and no other')
        kinds = {(e['id'], e['kind'], e['body']['id']) for e in heard}
        self.assertEqual(len(kinds), len(wanted), 'one id tells one thing')
        self.wait_for(lambda: not self.world.state.rows('SELECT id FROM events'), 'no row left')
        return len(heard) - len(wanted)

    def test_thirty_orders_of_stopping_and_starting(self):
        self.total_lost = 0
        self.world.wait_sensor('pod', 'streaming')
        self.world.wait_sensor('strap', 'streaming')
        self.world.wait_event('session_start') # by itself, from the first steps
        self.open = True
        self.begin_counting()
        self.remember_what_stays()
        for _ in range(ORDERS):
            self.run_order()
        self.step('stop session')
        self.check_retained()
        duplicates = self.check_events()
        rows = self.world.state.rows('SELECT id, state FROM sessions')
        self.assertEqual({row['id'] for row in rows}, self.ended)
        self.assertEqual({row['state'] for row in rows}, {'ended'})
        self.assertEqual(len(rows), len(self.world.state.recordings()))
        print('%d orders, %d sessions, %s packets recorded, %d under way to a stopped daemon, '
              '%d events came twice' % (ORDERS, len(rows), self.recordings.look(), self.total_lost,
                                        duplicates), flush=True)


if __name__ == '__main__':
    run_tests()
