# SPDX-License-Identifier: MIT
"""A hall with a treadmill for everybody: whose the run on it is, and what is told of it until that is
known (both have straps; who is at hand streams, and nobody else can be on the belt)."""
import signal

from runs import ANNA, BEN, HURRY, STRAP2, Runs
from world import BELT, STRAP, run_tests, sensor


class Hall(Runs):
    HALL = (ANNA, BEN, sensor('strap', STRAP), sensor('bens', STRAP2, runner='ben'),
            sensor('belt', BELT, runner='auto'))

    def hall(self, *straps):
        """With these straps at hand; the others are away before anybody could hear them."""
        self.prepare('belt:B:%s:awake,scenario=steady' % BELT,
                     'strap:S:%s:awake,scenario=steady' % STRAP,
                     'strap:T:%s:awake,scenario=steady' % STRAP2, config=self.HALL)
        for name in 'ST':
            if name not in straps:
                self.world.sim.ctl('vanish ' + name)
            elif len(straps) > 1:
                self.world.sim.ctl('set %s hr 90' % name) # neither makes a session of its own
        with self.world.at_rate(5): # they come soon after the belt, also on a busy machine
            self.world.start_ready()
            for name in straps:
                self.world.sim.wait_truth(name, lambda t: t['linked'], 60, 'the strap ' + name)

    def test_a_shared_treadmill_is_the_one_runners_from_its_start(self):
        self.hall('T')
        run = self.wait_session(lambda s: s['runner'] == 'ben', 'it to be found out')
        self.assertEqual(len(self.sessions()), 1)
        self.assertGreater(run['elapsed_s'], 100, 'what was before is his as well')
        self.stand('B')
        self.wait_session(lambda s: s['state'] == 'paused', 'a pause')
        self.world.ctl('session', 'stop', 'ben')
        done = self.world.wait_event('session_end', 'ben')['body']
        truth = self.world.sim.truth('B')
        # a belt is followed by its speed, within two steps of its own count (lib/sensor/odometer.h)
        self.assertAlmostEqual(done['distance_m'], truth['last_sent_m'] - truth['first_sent_m'],
                               delta=6)
        self.assertEqual(done['source']['distance'], 'belt')
        self.assertEqual({e['runner'] for e in self.world.listener.events()}, {'ben'})

    def check_nobodys(self):
        with self.world.at_rate(40):
            seen = self.wait_session(lambda s: s['elapsed_s'] > 150, 'more than two minutes')
        self.assertEqual((seen['runner'], seen['state']), (None, 'unassigned'))
        self.assertEqual(len(self.sessions()), 1)
        self.stand('B')
        with self.world.at_rate(HURRY):
            self.wait_for(lambda: self.sessions() == [], 'its end')
        row = self.wait_for(lambda: self.world.state.rows('SELECT * FROM sessions'), 'its row')[0]
        self.assertEqual((row['id'], row['state']), (seen['id'], 'unassigned'))
        self.assertFalse(row['runner'])
        self.assertGreater(row['distance_m'], 400)
        self.assertEqual(self.world.listener.events(), [])
        self.assertEqual(self.world.state.rows('SELECT * FROM events'), [])
        self.assertEqual(self.world.listener.bodies('/session$'), [])
        self.assertEqual(self.world.listener.bodies('/live$'), [])
        return seen

    def test_a_shared_treadmill_with_nobody_known_is_nobodys(self):
        self.hall()
        self.check_nobodys()

    def test_a_shared_treadmill_with_two_who_may_be_on_it_is_nobodys(self):
        self.hall('S', 'T')
        self.check_nobodys()

    # ---- something happens while nobody knows ----

    def wait_undecided(self, seconds=40):
        """A run on the belt that is nobody's so far, long before its two minutes are over."""
        seen = self.wait_session(lambda s: s['elapsed_s'] > seconds, 'a run on the belt')
        self.assertEqual((seen['runner'], seen['state']), (None, 'unassigned'))
        self.assertLess(seen['elapsed_s'], 100)
        return seen

    def check_whole(self, seen, runner='ben', belt='B'):
        """It became the runner's, from its start; every metre the belt sent is in it."""
        found = self.wait_session(lambda s: s['runner'] == runner, 'it to be found out')
        self.assertEqual((found['id'], found['start']), (seen['id'], seen['start']))
        self.assertEqual(len(self.sessions()), 1)
        self.stand(belt)
        self.wait_session(lambda s: s['state'] == 'paused', 'a pause')
        self.world.ctl('session', 'stop', runner)
        done = self.world.wait_event('session_end', runner)['body']
        truth = self.world.sim.truth(belt)
        self.assertAlmostEqual(done['distance_m'], truth['last_sent_m'] - truth['first_sent_m'], delta=6)
        self.assertEqual({e['runner'] for e in self.world.listener.events()}, {runner})
        self.assertEqual(len(self.world.state.recordings()), 1)
        return done

    def test_a_restart_while_nobody_knows_whose_it_is(self):
        self.hall('T')
        seen = self.wait_undecided()
        self.world.stop(signal.SIGKILL)
        self.world.start_ready()
        self.check_whole(seen)

    def test_a_restart_of_what_is_nobodys_leaves_it_nobodys(self):
        self.hall('S', 'T')
        with self.world.at_rate(40):
            seen = self.wait_session(lambda s: s['elapsed_s'] > 130, 'its two minutes to be over')
        self.world.stop(signal.SIGKILL)
        self.world.sim.ctl('vanish S') # who is alone now was not alone then
        self.world.start_ready()
        self.world.wait_sensor('bens', 'streaming')
        self.assertEqual(self.check_nobodys()['id'], seen['id'])

    def reload(self, *devices, runners=(ANNA, BEN)):
        since = len(self.world.daemon.lines)
        self.world.write_config('[HomeAssistant]\nDiscovery=no\n' + ''.join((*runners, *devices)))
        self.world.daemon.process.send_signal(signal.SIGHUP)
        self.world.daemon.wait_log('Configuration reloaded', since=since)

    def test_a_reload_while_nobody_knows_whose_it_is(self):
        self.hall('T')
        self.world.wait_sensor('bens', 'streaming')
        seen = self.wait_undecided()
        self.reload(*reversed(self.HALL[2:]), runners=(BEN, ANNA))
        done = self.check_whole(seen)
        # the strap came some seconds after the belt; what it said before the reload is there as well
        lines = self.world.state.records('N')
        first = {uuid: min(int(words[1]) for words in lines if words[3] == uuid) for uuid in ('2a37', '2acd')}
        self.assertLess(first['2a37'] - first['2acd'], 30e6)
        self.assertGreater(sum(done['zone_s']), 0.8 * done['elapsed_s'] - 30)

    def test_a_reload_that_says_whose_it_is(self):
        self.hall('T')
        seen = self.wait_undecided(20)
        self.reload(*self.HALL[2:4], sensor('belt', BELT))
        self.check_whole(seen, 'anna')

    def test_a_restart_that_says_whose_it_is(self):
        self.hall('T')
        seen = self.wait_undecided(20)
        self.world.stop(signal.SIGKILL)
        self.world.write_config('[HomeAssistant]\nDiscovery=no\n' +
                                ''.join((*self.HALL[:4], sensor('belt', BELT))))
        self.world.start_ready()
        self.check_whole(seen, 'anna')

    # ---- two of them ----

    BELT2 = 'C0:DE:00:00:00:04'

    def test_one_runner_is_on_one_of_two_treadmills_at_most(self):
        self.prepare('belt:B:%s:awake,scenario=steady' % BELT, 'belt:C:%s:awake,scenario=steady' % self.BELT2,
                     'strap:T:%s:awake,scenario=steady' % STRAP2,
                     config=(ANNA, BEN, sensor('strap', STRAP), sensor('bens', STRAP2, runner='ben'),
                             sensor('belt', BELT, runner='auto'), sensor('other', self.BELT2, runner='auto')))
        self.stand('C')
        self.world.start_ready()
        self.wait_session(lambda s: s['elapsed_s'] > 20, 'a run on the first')
        self.go_on('C')
        run = self.wait_session(lambda s: s['runner'] == 'ben', 'it to be found out')
        nobodys = self.wait_session(lambda s: not s['runner'] and s['elapsed_s'] > 130, 'the other run')
        self.assertEqual(nobodys['state'], 'unassigned')
        self.assertNotEqual(nobodys['id'], run['id'])
        self.stand('B', 'C')
        self.wait_session(lambda s: s['state'] == 'paused', 'a pause')
        self.world.ctl('session', 'stop', 'ben')
        self.world.ctl('session', 'stop', 'id=' + nobodys['id'])
        done = self.world.wait_event('session_end', 'ben')['body']
        self.assertEqual(done['id'], run['id'])
        for name, told in (('B', done['distance_m']), ('C', self.row(nobodys['id'])['distance_m'])):
            truth = self.world.sim.truth(name)
            self.assertAlmostEqual(told, truth['last_sent_m'] - truth['first_sent_m'], delta=6, msg=name)
        self.assertEqual({e['runner'] for e in self.world.listener.events()}, {'ben'})


if __name__ == '__main__':
    run_tests()
