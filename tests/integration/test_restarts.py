# SPDX-License-Identifier: MIT
"""Sessions of a daemon that was killed, of a machine that was booted again, and of one without a clock."""
import signal

from runs import ANNA, Runs, seconds_of
from world import POD, STRAP, run_tests, sensor


class Restarts(Runs):
    def test_a_session_goes_on_after_kill_and_after_a_reboot_of_the_machine(self):
        self.start('pod:P:%s:awake,scenario=steady,odometer=500' % POD,
                   'strap:S:%s:awake,scenario=steady' % STRAP,
                   config=(ANNA, sensor('pod', POD), sensor('strap', STRAP)))
        begun = self.wait_metres(100)
        self.world.stop(signal.SIGKILL)
        self.world.start_ready()
        again = self.wait_metres(begun['distance_m'] + 100)
        self.world.stop(signal.SIGKILL)
        self.world.sim.ctl('clock reboot')
        self.world.start_ready()
        last = self.wait_metres(again['distance_m'] + 200)
        self.assertEqual({begun['id'], again['id'], last['id']}, {begun['id']})
        boots = {words[1] for words in self.world.state.records('A')}
        self.assertEqual(len(boots), 2, 'two boots in one recording')
        self.stand('P')
        self.wait_session(lambda s: s['state'] == 'paused', 'a pause')
        with self.world.at_rate(1): # a stop and a look at the clock are one moment, also on a busy machine
            wall = self.world.now()[1]
            self.world.ctl('session', 'stop')
        done = self.world.wait_event('session_end')['body']
        self.check_metres(done['distance_m'], self.metres_sent('P'))
        self.assertEqual(done['start'], begun['start'])
        self.assertAlmostEqual(seconds_of(done['end']), wall, delta=5)
        self.assertAlmostEqual(done['elapsed_s'], wall - seconds_of(begun['start']), delta=5)
        ids = [e['id'] for e in self.world.listener.events()]
        self.assertEqual(set(ids), {begun['id'] + '-start', begun['id'] + '-end'})

    def test_without_a_clock_a_session_runs_and_is_dated_when_the_clock_is_set(self):
        self.prepare('pod:P:%s:awake,scenario=steady' % POD, config=(ANNA, sensor('pod', POD)))
        real = self.world.now()[1]
        self.world.sim.ctl('clock wall 5000') # 1970, as a Pi without a battery clock may begin
        self.world.start_ready()
        run = self.wait_metres(100)
        self.assertIsNone(run['start'])
        self.wait_for(lambda: self.world.listener.bodies('/live$'), 'live figures all the same')
        live = self.world.listener.bodies('/live$')[-1]
        self.assertEqual((live['clock'], live['t'], live['state']), ('unset', None, 'running'))
        with self.world.at_rate(1):
            self.world.ctl('session', 'stop')
            ended = self.world.now()[0]
        self.world.pass_time(60)
        self.assertEqual(self.world.listener.events(), [], 'nothing dated leaves')
        self.assertEqual(self.world.ctl('status')['data']['health']['clock'], 'unset')
        self.world.sim.ctl('clock wall %d' % real)
        offset = self.world.now()[1] - self.world.now()[0]
        done = self.world.wait_event('session_end')
        self.assertEqual({e['kind'] for e in self.world.listener.events()}, {'session_start', 'session_end'})
        self.assertAlmostEqual(seconds_of(done['body']['end']), ended + offset, delta=4)
        self.assertAlmostEqual(seconds_of(done['at']), ended + offset, delta=4)
        begun = self.world.wait_event('session_start')
        self.assertAlmostEqual(seconds_of(begun['at']), seconds_of(done['body']['start']), delta=1)
        before = self.row(done['body']['id'])
        self.assertEqual(before['day'], done['body']['day'])
        self.assertRegex(done['body']['day'], r'^20\d\d-')
        self.world.stop()
        self.world.state.lose_database()
        self.world.sim.ctl('clock reboot')
        self.world.start_ready()
        self.assertEqual(self.row(done['body']['id']), before)
        self.wait_for(lambda: [e for e in self.world.listener.events() if e['body']['id'] != before['id']],
                      'the start of the next run')
        self.assertEqual(len([e for e in self.world.listener.events() if e['body']['id'] == before['id']]), 2)

    def test_a_clock_that_is_set_in_a_session_dates_it_from_its_start(self):
        self.prepare('pod:P:%s:awake,scenario=steady' % POD, config=(ANNA, sensor('pod', POD)))
        real = self.world.now()[1]
        self.world.sim.ctl('clock wall 5000')
        self.world.start_ready()
        self.wait_metres(100)
        self.assertEqual(self.world.listener.events(), [])
        self.world.sim.ctl('clock wall %d' % real)
        offset = self.world.now()[1] - self.world.now()[0]
        begun = self.world.wait_event('session_start')
        first = int(self.world.state.records('G')[0][1]) / 1e6
        self.assertAlmostEqual(seconds_of(begun['at']), first + offset, delta=3)
        self.wait_metres(200)
        self.assertAlmostEqual(seconds_of(self.sessions()[0]['start']), first + offset, delta=3)
        self.world.ctl('session', 'stop')
        done = self.world.wait_event('session_end')['body']
        self.assertAlmostEqual(seconds_of(done['start']), first + offset, delta=3)
        self.assertAlmostEqual(seconds_of(done['end']) - seconds_of(done['start']),
                               done['elapsed_s'], delta=2)


if __name__ == '__main__':
    run_tests()
