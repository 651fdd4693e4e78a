# SPDX-License-Identifier: MIT
"""More than anybody needs: broken packets, requests, days; and what the first version left."""
import json
import os
import re
import subprocess
import time

from fault import FaultCase, fault
from first_version import ANSWERED, ASKED, OPEN_M, SESSIONS, UNTOLD, FirstVersion
from runs import ANNA, seconds_of
from world import BELT, PATIENCE, POD, STRAP, sensor, wait_until

BROKEN = 10000
A_SECOND = 1000 # requests, at least
PACE = 1100     # of those who send them
LIVE = 0.95     # of the live figures that are due
LATE_S = 2      # of ours, at most, for one live figure
GROWTH_BYTES = 1 << 20
STEADY_BYTES = 384 << 10 # in the second half of the days: what malloc() keeps comes and goes by that much
DAY_S, RUN_S, COUNTED_S = 86400, 900, 60
SLOWEST_M_S = 2
ALL_THREE = (('strap:S:%s:awake,scenario=steady' % STRAP, sensor('strap', STRAP, IdleTimeout='12h')),
             ('belt:B:%s:awake,scenario=steady' % BELT, sensor('belt', BELT, IdleTimeout='12h')))
TABLES = ('sessions', 'sensors', 'answers')
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'daemon', 'store', 'migrate.c')


class Floods(FaultCase):
    def begin(self, rate=20, hz=1, more=(), **options):
        """more: sensors beside the pod (of the simulation, of the configuration)"""
        self.prepare('pod:P:%s:awake,scenario=steady,odometer=500,sleep=1000000,hz=%d' % (POD, hz),
                     *('%s,hz=%d' % (simulated, hz) for simulated, _ in more),
                     config=(ANNA, sensor('pod', POD, IdleTimeout='12h'), *(text for _, text in more)), rate=rate,
                     **options)
        self.world.start_ready()
        self.wait_metres(20)

    def health(self):
        return self.world.ctl('status')['data']['health']

    def check_growth(self, own):
        grown = self.health()['anon_bytes'] - own
        self.figures.note += ' %+d KiB' % (grown / 1024)
        self.assertLess(grown, GROWTH_BYTES)

    def malformed(self):
        return [self.world.sensor(name)['malformed'] or 0 for name in ('pod', 'strap', 'belt')]

    @fault('packets-malformed', '10,000 packets of footpod, strap and treadmill that are cut short are counted and make nothing '
           'up: no distance, no heart rate, no memory; the good ones after them count.')
    def test_malformed_packets(self):
        each = -(-BROKEN // 3)
        self.begin(rate=20, hz=10, more=ALL_THREE) # so many at a speed at which a busy machine is no silence
        for name in 'PSB':
            self.world.sim.ctl('malformed %s %d' % (name, each))
        self.wait_for(lambda: min(self.malformed()) > each // 10, 'the first of them')
        own, before = self.health()['anon_bytes'], self.distances()
        live = self.world.listener.mark()
        wait_until(lambda: min(self.malformed()) > each // 2, 10 * PATIENCE, 'most of them', 1)
        self.assertEqual(self.distances(), before)
        made_up = [m.json for m in self.world.listener.all('/live$', since=live) if m.text and
                   (m.json['heart_rate_bpm'] is not None or m.json['cadence_spm'] is not None)]
        wait_until(lambda: min(self.malformed()) >= each, 10 * PATIENCE, 'all to be counted', 1)
        self.assertEqual(made_up, [])
        self.assertEqual(self.malformed(), [each] * 3)
        self.check_growth(own)
        begun = self.calm()
        self.have_session()
        self.wait_metres((self.sessions()[0]['distance_m'] or 0) + 20)
        self.check_packets(begun)
        self.check_stall()
        self.world.ctl('session', 'stop')
        self.check_events()

    def distances(self):
        """Of the sessions there are; one that stood still for too long is over."""
        self.world.listener.catch_up()
        return sum(message['distance_m'] or 0 for message in
                   {b['id']: b for b in self.world.listener.bodies('/session$')}.values())

    def behind_s(self, lives, since_s):
        """Simulated seconds since the newest live figure that came."""
        now_s = self.world.now()[1]
        return now_s - max([since_s] + [seconds_of(body['t']) for body in lives.bodies('/live$')])

    def flood(self, lives):
        """All requests are taken by the broker when this returns: (the seconds that took, simulated seconds without a live
        figure, at most)"""
        argv = ['mosquitto_pub', '-p', str(self.world.broker.port), '-q', '1', '-l', '-t', 'strided/hall/request/sensors']
        since_s, behind_s = self.world.now()[1], 0
        at = time.monotonic()
        with subprocess.Popen(argv, stdin=subprocess.PIPE) as flood:
            for tenth in range(10 * self.times):
                flood.stdin.write(b'{}\n' * (PACE // 10))
                flood.stdin.flush()
                behind_s = max(behind_s, self.behind_s(lives, since_s))
                time.sleep(max(0, at + (tenth + 1) / 10 - time.monotonic())) # so many a second
            flood.stdin.close()
            self.assertEqual(flood.wait(PATIENCE), 0)
        return time.monotonic() - at, behind_s

    def check_flood(self):
        lives = self.world.subscribe('strided/+/runner/+/live')
        since_s = self.world.now()[1]
        took_s, behind_s = self.flood(lives)
        until_s = self.world.now()[1]
        lives.wait('/live$', lambda m: seconds_of(m.json['t']) >= until_s)
        told = sum(since_s <= seconds_of(body['t']) < until_s for body in lives.bodies('/live$'))
        a_second = PACE * self.times / took_s
        self.figures.note += ' %.0f a second, %d live figures in %.0f s, %.1f s between two' % (
            a_second, told, until_s - since_s, behind_s)
        self.assertGreaterEqual(a_second, A_SECOND, 'this machine sends too few to show anything')
        self.assertGreater(told, LIVE * (until_s - since_s), 'one a second')
        self.assertLess(behind_s, LATE_S * self.world.rate)

    @fault('requests-flood', '1,000 requests a second over MQTT hold up no packet and no live figure, take no memory, and the '
           'next request is answered.', test=10, soak=60)
    def test_requests(self):
        self.begin(rate=5)
        begun, own = self.calm(), self.health()['anon_bytes']
        heard = self.world.listener.mark()
        with self.asked_all_the_time():
            self.check_flood()
            self.world.publish('strided/hall/request/sensors', '{"transaction": "last"}')
            self.world.listener.wait('response/sensors', lambda m: m.json['transaction'] == 'last')
        self.world.listener.catch_up()
        self.assertEqual(len(self.world.listener.all('request/sensors$', since=heard)), PACE * self.times + 1)
        answers = len(self.world.listener.all('response/sensors', since=heard))
        self.figures.note += ' %d answers to %d' % (answers, PACE * self.times + 1)
        self.check_packets(begun)
        self.check_growth(own)
        self.check_stall()
        self.world.ctl('session', 'stop')
        self.check_events()

    @fault('a-week', 'Days of a run each, of long nights and of a broker that restarts in them leave the memory as it is.',
           test=2, soak=7)
    def test_days(self):
        self.begin(rate=30, more=ALL_THREE[:1])
        self.world.ctl('session', 'stop')
        own = []
        for _ in range(self.times):
            begun = self.world.now()[0]
            self.have_session()
            begun_packets = self.calm()
            self.world.pass_time(COUNTED_S)
            self.check_packets(begun_packets) # not of what hurries by: a machine that is busy for a moment is silence then
            self.world.pass_time(RUN_S - COUNTED_S, rate=60)
            self.wait_metres(RUN_S * SLOWEST_M_S)
            end = self.world.ctl('session', 'stop')['data']['id'] + '-end'
            self.world.listener.wait('/event$', lambda m, end=end: m.json['id'] == end, what=end)
            own.append(self.health()['anon_bytes']) # after the first day all that a run needs is there
            self.hang_up()
            self.world.broker.stop()
            for name in 'PS':
                self.world.sim.ctl('vanish ' + name)
            self.world.pass_time(DAY_S / 2, rate=3600)
            self.world.broker.start()
            self.world.listen()
            self.world.pass_time(DAY_S - (self.world.now()[0] - begun), rate=3600)
            for name in 'PS':
                self.world.sim.ctl('return ' + name)
            for name in ('pod', 'strap'):
                self.world.wait_sensor(name, 'streaming')
        self.figures.note += ' ' + ' '.join('%+d' % ((one - own[0]) / 1024) for one in own[1:]) + ' KiB'
        self.assertLess(max(own) - own[0], GROWTH_BYTES)
        self.assertLess(own[-1] - own[len(own) // 2], STEADY_BYTES, 'it goes on growing')
        self.check_stall()
        self.wait_metres(20) # they run again by themselves
        self.world.ctl('session', 'stop')
        self.check_events()

    # ---- the first version ----

    @staticmethod
    def newest_version():
        with open(SOURCE) as f:
            text = f.read()
        return len(re.findall(r'/\* to \d+: ', text[text.index('migrations[] = {'):text.index('};')]))

    def kept(self, before):
        """What stands now in the rows and columns that there were, by table."""
        return {table: self.world.state.rows('SELECT %s FROM %s LIMIT %d' % (', '.join(rows[0]), table, len(rows)))
                for table, rows in before.items()}

    def check_answered_again(self):
        self.world.listener.wait('hall/status$', lambda m: m.text == 'online')
        since = self.world.listener.mark()
        self.world.publish('strided/hall/request/session', ASKED)
        answer = self.world.listener.wait('response/session', lambda m: m.json['transaction'] == 'then-1', since=since)
        self.assertEqual(answer.json, json.loads(ANSWERED))

    @fault('upgrade', 'The state folder of the first version is brought to the newest: every session, event, sensor and answer '
           'of it is there, what waited is told, sessions that were open go on or end with what was recorded of them, and '
           'what comes is added.')
    def test_upgrade_from_the_first_version(self):
        self.prepare('pod:P:%s:awake,scenario=steady,odometer=500,sleep=1000000' % POD,
                     config=(ANNA, sensor('pod', POD, IdleTimeout='1h')))
        first = FirstVersion(str(self.world.state), self.world.now()[1])
        before = {table: self.world.state.rows('SELECT * FROM ' + table) for table in TABLES}
        self.assertEqual([len(rows) for rows in before.values()], [SESSIONS + 1, 1, 1])
        untold = [row['id'] for row in self.world.state.rows('SELECT id FROM events ORDER BY seq')]
        self.assertEqual(len(untold), UNTOLD)
        self.world.start_ready()
        self.world.wait_control()
        self.check_answered_again()
        self.assertEqual([session['id'] for session in self.sessions()], [first.goes_on])
        begun = self.calm()
        self.wait_metres(OPEN_M + 100)
        self.assertEqual(self.world.daemon.logged('damaged'), [])
        self.assertEqual(self.kept(before), before)
        self.assertEqual(self.world.state.rows('PRAGMA user_version')[0]['user_version'], self.newest_version())
        self.check_packets(begun)
        self.check_stall()
        self.assertEqual(self.world.ctl('session', 'stop')['data']['id'], first.goes_on)
        promised = [*untold, first.left_open + '-end', first.goes_on + '-end']
        for one in promised:
            self.world.listener.wait('/event$', lambda m, one=one: m.json['id'] == one, what=one)
        closed = self.row(first.left_open)
        self.assertEqual((closed['state'], closed['runner'], closed['source_distance']), ('ended', 'anna', 'pod'))
        self.check_metres(closed['distance_m'], OPEN_M)
        self.assertGreater(self.row(first.goes_on)['distance_m'], OPEN_M + 100)
        self.assertEqual(len(self.world.state.rows('SELECT id FROM sessions')), SESSIONS + 3)
        heard = [e['id'] for e in self.world.listener.events() if e['kind'].startswith('session')]
        self.count_events(set(promised), heard)
        self.assertEqual(heard[:UNTOLD], untold, 'the old ones first')
