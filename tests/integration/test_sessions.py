# SPDX-License-Identifier: MIT
"""Sessions from the first step to the row in the database, on simulated time: the whole daemon, the
simulated sensors, a broker. Figures are held against what the simulated body did."""
import signal

from runs import ANNA, BEN, HURRY, POD2, STRAP2, Runs, seconds_of
from world import BELT, PATIENCE, POD, STRAP, run_tests, sensor


class Sessions(Runs):
    # ---- begin, pause, end ----

    def test_a_run_begins_with_its_first_step_and_ends_after_ten_idle_minutes(self):
        self.start('pod:P:%s:awake,odometer=120000,sleep=100000' % POD, 'strap:S:%s:awake' % STRAP,
                   rate=4, config=(ANNA, sensor('pod', POD), sensor('strap', STRAP)))
        # every metre of it is to be there, so the links get the time that a busy machine needs
        self.world.wait_sensor('pod', 'streaming')
        begun = self.world.wait_event('session_start')
        with self.world.at_rate(15): # much faster, and a busy machine's hiccup is three seconds without a word
            self.wait_for(lambda: self.world.sim.truth('P')['t_s'] > 735, 'its last steps', 2 * PATIENCE)
        # of a silence in which the runner comes to stand no odometer tells how much of it was run
        self.wait_for(lambda: self.world.sim.truth('P')['t_s'] > 770, 'its last step')
        self.wait_session(lambda s: s['state'] == 'paused' and s['elapsed_s'] > 700, 'the pause after them')
        with self.world.at_rate(HURRY):
            run = self.world.wait_event('session_end')['body']
        truth = self.world.sim.truth('P')
        self.check_metres(run['distance_m'], truth['distance_m'])
        self.assertEqual((run['id'], run['kind'], run['state']), (begun['body']['id'], 'run', 'ended'))
        # the odometer bridges the 20 s dropout; nobody counted the steps of it for us
        self.assertLess(abs(truth['steps'] - run['steps'] - 17 * 172 / 60), 0.02 * truth['steps'])
        # the script runs for 750 s; the ten minutes are not part of it, the dropout is
        self.assertAlmostEqual(run['elapsed_s'], 750, delta=12)
        self.assertAlmostEqual(run['moving_s'], 750, delta=12)
        self.assertEqual(run['gaps_s'], 0)
        self.assertAlmostEqual(seconds_of(run['end']) - seconds_of(run['start']), run['elapsed_s'],
                               delta=1.1)
        self.assertEqual(run['source'], {'distance': 'pod', 'cadence': 'pod', 'grade': None,
                                         'heart_rate': 'strap'})
        row = self.row(run['id'])
        self.assertEqual((row['state'], row['day']), ('ended', run['day']))
        self.assertIn('ten idle minutes', row['reason'])
        self.wait_for(lambda: self.world.broker.retained(5).get('runner/anna/session') == run,
                      'the retained session to be the one of the event')
        now = self.world.listener.bodies('/now$')[-1]
        self.assertEqual((now['state'], now['speed_m_s'], now['heart_rate_bpm']), ('ended', None, None))
        for total in ('elapsed_s', 'moving_s', 'distance_m', 'steps', 'trimp', 'edwards', 'source'):
            self.assertEqual(now[total], run[total], total)

    def test_what_the_log_says_of_a_heart_it_says_of_no_private_one(self):
        low = 'MaxHeartRate=120\nRestHeartRate=50\n'
        self.start('pod:P:%s:awake,scenario=steady' % POD, 'strap:S:%s:awake,scenario=steady' % STRAP,
                   'pod:Q:%s:awake,scenario=steady' % POD2, 'strap:T:%s:awake,scenario=steady' % STRAP2,
                   config=('[Runner anna]\nPublishHeartRate=no\n' + low, '[Runner ben]\n' + low,
                           sensor('pod', POD), sensor('strap', STRAP),
                           sensor('pod2', POD2, 'ben'), sensor('strap2', STRAP2, 'ben')))
        ids = {runner: self.wait_metres(200, runner)['id'] for runner in ('anna', 'ben')}
        self.wait_for(lambda: [p for p in self.world.problems() if 'heart of ben' in p], 'the problem')
        for runner in ids:
            self.world.ctl('session', 'stop', runner)
            self.world.wait_event('session_end', runner)
        self.assertEqual(len(self.world.daemon.logged('session %s: .*heart' % ids['ben'])), 1)
        self.assertEqual(self.world.daemon.logged('session %s: .*heart' % ids['anna']), [])

    def test_a_sensor_on_request_comes_to_the_session_that_a_person_begins(self):
        self.start('pod:P:%s:awake,scenario=steady,sleep=100000' % POD, 'strap:S:%s:awake' % STRAP,
                   config=(ANNA, sensor('pod', POD), sensor('strap', STRAP, Connect='on-request')))
        self.wait_metres(100)
        self.world.pass_time(120, rate=60) # grace would long be over
        states = {s['state'] for s in self.world.listener.bodies('/sensor/strap$') if s}
        self.assertTrue(states)
        self.assertFalse(states & {'waiting', 'connecting', 'streaming'}, states)
        self.world.ctl('session', 'stop')
        self.world.ctl('session', 'start')
        self.world.wait_sensor('strap', 'streaming')
        since = len(self.world.daemon.lines)
        self.world.ctl('session', 'stop')
        self.world.daemon.wait_log(r'\bstrap: \w+ -> released', since=since) # free again when the runner moves
        self.world.sim.wait_truth('S', lambda t: not t['linked'], PATIENCE, 'the link to be gone')

    def test_a_treadmill_that_stood_for_twenty_minutes_is_there_for_the_run(self):
        self.prepare('belt:B:%s:awake,scenario=steady' % BELT,
                     config=(ANNA, sensor('belt', BELT, runner='auto')))
        self.stand('B')
        self.world.start_ready()
        self.world.wait_sensor('belt', 'streaming')
        self.world.pass_time(1200, rate=HURRY) # a pod would have been let go after five
        self.assertEqual(self.world.sim.truth('B')['connections'], 1)
        self.go_on('B')
        self.wait_metres(100)
        self.world.ctl('session', 'stop')
        run = self.world.wait_event('session_end')['body']
        self.assertEqual((run['kind'], run['source']['distance']), ('run', 'belt'))
        self.assertEqual(self.world.sim.truth('B')['connections'], 1)

    def test_standing_is_a_pause_and_a_step_ends_it(self):
        self.start('pod:P:%s:awake,scenario=steady,odometer=500,sleep=100000' % POD,
                   config=(ANNA, sensor('pod', POD)))
        self.wait_metres(100)
        self.stand('P')
        paused = self.wait_session(lambda s: s['state'] == 'paused', 'a pause')
        self.world.pass_time(60, rate=60)
        self.go_on('P')
        self.wait_session(lambda s: s['state'] == 'running', 'it to go on')
        self.wait_metres(paused['distance_m'] + 100)
        self.stand('P')
        self.wait_session(lambda s: s['state'] == 'paused', 'the last pause')
        self.world.ctl('session', 'stop')
        run = self.world.wait_event('session_end')['body']
        self.assertEqual(run['id'], paused['id'], 'one session')
        self.check_metres(run['distance_m'], self.metres_sent('P'))
        self.assertGreater(run['elapsed_s'], run['moving_s'] + 60)
        self.wait_for(lambda: self.world.listener.bodies('/session$')[-1]['state'] == 'ended',
                      'the end on the session topic')
        states = [s['state'] for s in self.world.listener.bodies('/session$')]
        self.assertEqual(['running', 'paused', 'running', 'paused', 'ended'],
                             [s for s, before in zip(states, [None] + states) if s != before])

    def test_after_a_stop_only_stillness_makes_room_for_another(self):
        self.start('pod:P:%s:awake,scenario=steady,sleep=100000' % POD,
                   config=(ANNA, sensor('pod', POD)))
        self.wait_metres(50)
        self.world.ctl('session', 'stop')
        self.world.pass_time(60, rate=60)
        self.assertEqual(self.sessions(), [], 'walking home is no run')
        self.stand('P')
        self.world.pass_time(15)
        self.go_on('P')
        self.wait_metres(50)
        self.assertEqual(len(self.world.state.recordings()), 2)

    # ---- dropouts, two runners ----

    def test_a_dropout_is_bridged_by_the_odometer_and_a_gap_without_and_two_runners_stay_apart(self):
        self.start('pod:P:%s:awake,scenario=steady,odometer=500' % POD,
                   'pod:Q:%s:awake,scenario=steady,no-odometer' % POD2,
                   config=(ANNA, BEN, sensor('pod', POD), sensor('shoe', POD2, runner='ben')),
                   rate=10) # faster, each hiccup is one more gap of ben's
        self.world.sim.ctl('set Q speed 4')
        self.wait_metres(100)
        self.wait_metres(100, 'ben')
        for name in 'PQ':
            self.world.sim.ctl('vanish %s 30' % name)
        for name in 'PQ':
            self.world.sim.wait_truth(name, lambda t: t['connections'] == 2 and t['subscribed'], 60,
                                'the pod again')
        self.wait_metres(500)
        with self.world.at_rate(4): # a silence in which they come to stand would be a gap
            self.stand('P', 'Q')
            for runner in ('anna', 'ben'):
                self.wait_session(lambda s, r=runner: s['runner'] == r and s['state'] == 'paused', 'a pause')
                self.world.ctl('session', 'stop', runner)
        anna = self.world.wait_event('session_end', 'anna')['body']
        ben = self.world.wait_event('session_end', 'ben')['body']
        self.check_metres(anna['distance_m'], self.metres_sent('P'))
        self.assertEqual(anna['gaps_s'], 0)
        self.assertGreater(ben['gaps_s'], 25)
        # what ben ran in his gap nobody knows, and nobody makes it up
        way = self.metres_sent('Q') - 4 * ben['gaps_s']
        self.assertAlmostEqual(ben['distance_m'], way, delta=0.02 * way + 25)
        for runner, path in zip(('anna', 'ben'), ('pod', 'shoe')):
            one = [p for p in self.world.state.recordings()
                   if self.world.state.records('R', p)[0][1] == runner]
            self.assertEqual(len(one), 1)
            self.assertEqual([w[2] for w in self.world.state.records('S', one[0])], [path])

    # ---- the heart alone ----

    def test_a_strap_alone_is_a_session_of_the_heart_and_never_has_a_distance(self):
        self.start('strap:S:%s:awake,scenario=steady' % STRAP, rate=40,
                   config=(ANNA, sensor('strap', STRAP, Connect='auto')))
        begun = self.wait_session(lambda s: s['kind'] == 'heart_rate', 'a session of the heart')
        self.world.pass_time(120)
        ended = self.world.now()[1]
        self.world.sim.ctl('set S hr 60')
        with self.world.at_rate(HURRY):
            done = self.world.wait_event('session_end')['body']
        self.assertEqual((done['id'], done['kind']), (begun['id'], 'heart_rate'))
        for key in ('distance_m', 'steps', 'cadence_mean_spm'):
            self.assertIsNone(done[key], key)
        self.assertIsNone(done['source']['distance'])
        # its two minutes before it was one, and ours; a busy machine takes its time to count them
        self.assertAlmostEqual(done['elapsed_s'], ended - seconds_of(done['start']), delta=30)
        self.assertGreater(done['elapsed_s'], 210)
        self.assertAlmostEqual(done['heart_rate_mean_bpm'], 140, delta=2)
        self.assertGreater(sum(done['zone_s']), 200)

    def test_an_effort_that_begins_late_is_a_session_on_the_one_connection_there_is(self):
        self.start('strap:S:%s:awake,scenario=steady,hr=90' % STRAP, rate=40,
                   config=(ANNA, sensor('strap', STRAP, Connect='auto')))
        sim = self.world.sim
        sim.wait_truth('S', lambda t: t['linked'], 60, 'the strap')
        # heart beats alone are no reason to stay: half a minute is left, and is not to pass in a hiccup
        late = self.world.now()[0] + 270
        self.world.pass_time(180)
        with self.world.at_rate(8):
            self.world.pass_time(late - self.world.now()[0])
            sim.ctl('set S hr 150')
        begun = self.wait_session(lambda s: s['kind'] == 'heart_rate', 'a session of the heart')
        self.assertEqual(sim.truth('S')['connections'], 1)
        sim.ctl('set S hr 90')
        with self.world.at_rate(HURRY):
            self.assertEqual(self.world.wait_event('session_end')['body']['id'], begun['id'])
            self.world.wait_sensor('strap', 'released')
        sim.ctl('set S hr 150') # an effort that it is no longer connected for
        self.world.pass_time(1200, rate=600)
        self.assertEqual(sim.truth('S')['connections'], 1)

    def test_a_strap_is_let_go_by_the_end_of_its_own_runners_session(self):
        own, devices = 'awake,scenario=steady', (sensor('pod', POD), sensor('bens', STRAP2, runner='ben'),
                                                 sensor('strap', STRAP))
        self.start('pod:P:%s:%s' % (POD, own), 'strap:S:%s:%s' % (STRAP, own), 'strap:T:%s:%s' % (STRAP2, own),
                   config=(ANNA, BEN, *devices))
        self.wait_metres(50)
        self.world.write_config('[HomeAssistant]\nDiscovery=no\n' + BEN + ANNA + ''.join(devices))
        self.world.daemon.process.send_signal(signal.SIGHUP)
        self.world.daemon.wait_log('Configuration reloaded')
        self.world.wait_sensor('strap', 'streaming')
        self.world.sim.ctl('vanish P')
        self.world.ctl('session', 'stop', 'anna')
        self.world.pass_time(420, rate=HURRY)
        self.world.wait_sensor('strap', 'released')
        self.assertEqual(self.world.sim.truth('T')['connections'], 0, 'ben never ran')


if __name__ == '__main__':
    run_tests()
