# SPDX-License-Identifier: MIT
"""Hills, live and at the end of the session: a treadmill that tilts, a barometer outside, an incline set
by hand, and a run of which nobody knows the height. Held against the metres the simulator sent."""
import math
import signal

from runs import ANNA, Runs
from world import BELT, POD, run_tests, sensor

AIR = 'C0:DE:00:00:00:05'
MINUTES_20 = 1200
STEEP = -8
HILLS = ('downhill_drop_m', 'downhill_distance_m', 'downhill_time_s', 'downhill_steps', 'downhill_steep_pct',
         'ascent_m', 'grade_adjusted_pace_s_per_km', 'knee_load_steps')


def drop(metres, percent=STEEP):
    return -metres * percent / 100 / math.hypot(1, percent / 100)


class Hills(Runs):
    def sent_m(self, name):
        return self.world.sim.truth(name)['last_sent_m']

    def stop(self):
        self.world.ctl('session', 'stop')
        return self.world.wait_event('session_end')['body']

    def latest(self, accept=lambda live: True):
        since = self.world.listener.mark()
        return self.world.listener.wait('/live$', lambda m: accept(m.json), since=since).json

    def check_near(self, told, truth, what):
        self.assertIsNotNone(told, what)
        self.assertLessEqual(abs(told - truth), 0.02 * truth, '%s: %s, %.1f was run' % (what, told, truth))

    def check_row(self, run):
        """The result is what was told, and so is the last word of `now`."""
        row = self.row(run['id'])
        now = self.world.listener.wait('/now$', lambda m: m.json['state'] == 'ended').json
        for figure in HILLS[:6]:
            self.assertEqual(now[figure], run[figure], figure)
        for figure in HILLS[:6]:
            if run[figure] is None:
                self.assertIsNone(row[figure], figure)
            else:
                self.assertAlmostEqual(row[figure], run[figure], delta=0.5, msg=figure)
        self.assertEqual(row['source_grade'] or None, run['source']['grade'])
        return row

    def test_twenty_minutes_down_a_treadmill(self):
        self.start('belt:B:%s:scenario=steady,noise=0' % BELT, 'pod:P:%s:awake,scenario=steady,noise=0' % POD,
                   rate=10, config=(ANNA, sensor('belt', BELT), sensor('pod', POD)))
        # steps are known once the pod is known to count strides
        level = self.latest(lambda live: live['grade_pct'] is not None and live['steps'])
        self.assertEqual((level['grade_pct'], level['downhill_drop_m'], level['source']['grade']),
                         (0, 0, 'belt'))
        self.world.sim.ctl('set B incline %d' % STEEP)
        begun, begun_s = self.sent_m('B'), self.world.now()[0]
        self.world.pass_time(MINUTES_20, rate=40) # five seconds without a word are not known to be run
        ended = self.sent_m('B')
        live = self.latest()
        self.check_near(live['downhill_drop_m'], drop(ended - begun), 'live drop')
        self.assertEqual((live['grade_pct'], live['source']['grade']), (STEEP, 'belt'))
        self.assertGreater(live['grade_adjusted_pace_s_per_km'], live['pace_s_per_km'])
        self.world.sim.ctl('set B incline 0')
        ended, took_s = self.sent_m('B'), self.world.now()[0] - begun_s
        self.world.pass_time(30)
        said = self.world.listener.mark()
        line = [line.split() for line in self.world.stridectl('status')[1].splitlines() if ' running ' in line][-1]
        self.check_near(float(line[-2]), drop(ended - begun), 'DOWN/M in a terminal')
        self.assertEqual(line[-1], '0')
        run = self.stop()
        self.check_near(run['downhill_drop_m'], drop(ended - begun), 'drop')
        self.check_near(run['downhill_distance_m'], ended - begun, 'downhill distance')
        self.check_near(run['downhill_time_s'], took_s, 'downhill time')
        self.check_near(run['downhill_steps'], took_s * 170 / 60, 'downhill steps')
        self.assertEqual((run['ascent_m'], run['downhill_steep_pct'], run['source']['grade']), (0, 0, 'belt'))
        self.assertGreaterEqual(run['altitude_coverage_pct'], 98)
        row = self.check_row(run)
        self.check_near(row['altitude_m'], run['distance_m'], 'the way with an altitude')
        week = self.world.listener.wait('/week$', since=said).json['measures']['downhill_drop_m']
        self.check_near(week['total'], drop(ended - begun), 'the week')

    def test_down_a_road_by_barometer(self):
        down = 'scenario=steady,noise=0,incline=%d,altitude=500' % STEEP
        self.start('pod:P:%s:awake,%s' % (POD, down), 'barometer:A:%s:%s' % (AIR, down), rate=10,
                   config=(ANNA + 'LiveIncline=0\n', sensor('pod', POD), sensor('air', AIR)))
        self.world.wait_sensor('air', 'streaming')
        self.world.pass_time(MINUTES_20, rate=60) # half a minute without a word is a hole in the way
        live = self.latest()
        self.check_near(live['downhill_drop_m'], drop(live['distance_m']), 'live drop')
        self.assertAlmostEqual(live['grade_pct'], STEEP, delta=0.5)
        self.assertEqual(live['source']['grade'], 'barometer')
        run = self.stop()
        self.check_near(run['downhill_drop_m'], drop(run['distance_m']), 'drop')
        self.assertEqual((run['ascent_m'], run['source']['grade']), (0, 'barometer'))
        self.check_row(run)

    def test_nobody_knows_the_height(self):
        self.start('pod:P:%s:awake,scenario=steady,noise=0,incline=%d' % (POD, STEEP), rate=20,
                   config=(ANNA, sensor('pod', POD)))
        self.wait_metres(500)
        run = self.stop()
        for body in self.world.listener.bodies('/(live|now)$') + [run]:
            self.assertEqual({figure: body[figure] for figure in HILLS}, dict.fromkeys(HILLS))
            self.assertIsNone(body['source']['grade'])
            self.assertIsNone(body.get('grade_pct'))
        self.assertEqual(run['altitude_coverage_pct'], 0)
        self.assertEqual(self.check_row(run)['altitude_m'], 0)

    def test_the_knee_load_index_compares_with_the_sessions_before(self):
        self.start('pod:P:%s:awake,scenario=steady,noise=0' % POD, rate=20,
                   config=(ANNA + 'LiveIncline=0\n', sensor('pod', POD)))
        self.latest(lambda live: live['steps'])
        self.world.pass_time(2100, rate=60)  # half an hour on the level is asked for, and a hiccup hides some of it
        self.assertIsNone(self.stop()['knee_load_steps'])
        self.world.stop()  # what was learnt outlives it
        self.world.start_ready()
        self.world.wait_sensor('pod', 'streaming')
        self.stand('P')
        self.world.pass_time(15)
        self.go_on('P')
        # the same runner on the same ground: each step is one
        live = self.latest(lambda live: (live['knee_load_steps'] or 0) > 200)
        self.assertAlmostEqual(live['knee_load_steps'], live['steps'], delta=0.05 * live['steps'] + 40)
        own = self.world.state.records('K')
        self.assertEqual(len(own), 1)
        self.assertAlmostEqual(float(own[0][1]), 170, delta=2)
        self.assertAlmostEqual(float(own[0][2]), 3, delta=0.1)

    def test_an_incline_set_by_hand_outlives_the_daemon(self):
        self.start('pod:P:%s:awake,scenario=steady,noise=0' % POD, rate=10,
                   config=(ANNA + 'LiveIncline=0\n', sensor('pod', POD)))
        before = self.latest(lambda live: (live['distance_m'] or 0) > 100)
        self.assertEqual((before['grade_pct'], before['downhill_drop_m'], before['source']['grade']),
                         (0, 0, 'configured'))
        with self.world.at_rate(2):
            self.world.ctl('incline', str(STEEP))
            begun = self.sent_m('P')
        self.latest(lambda live: live['source']['grade'] == 'incline' and live['downhill_drop_m'] > 10)
        self.world.stop(signal.SIGKILL)
        self.world.start_ready()
        self.world.wait_sensor('pod', 'streaming')
        self.world.pass_time(300, rate=40)
        with self.world.at_rate(2):
            run = self.stop()
            ended = self.sent_m('P')
        self.check_near(run['downhill_drop_m'], drop(ended - begun), 'drop')
        self.assertEqual(run['source']['grade'], 'incline')
        self.assertEqual([words[2] for words in self.world.state.records('I')], ['%d' % STEEP])
        self.check_row(run)


if __name__ == '__main__':
    run_tests()
