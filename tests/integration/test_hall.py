# SPDX-License-Identifier: MIT
"""A hall with a treadmill for everybody: whose the run on it is, and what is told of it until that is
known (both have straps; who is at hand streams, and nobody else can be on the belt)."""
from runs import ANNA, BEN, HURRY, STRAP2, Runs
from world import BELT, STRAP, run_tests, sensor


class Hall(Runs):
    HALL = (ANNA, BEN, sensor('strap', STRAP), sensor('bens', STRAP2, runner='ben'),
            sensor('belt', BELT, runner='auto'))

    def hall(self, *straps):
        self.start('belt:B:%s:awake,scenario=steady' % BELT,
                   'strap:S:%s:awake,scenario=steady' % STRAP,
                   'strap:T:%s:awake,scenario=steady' % STRAP2, config=self.HALL)
        for name in 'ST':
            if name not in straps:
                self.world.sim.ctl('vanish ' + name)

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

    def test_a_shared_treadmill_with_nobody_known_is_nobodys(self):
        self.hall()
        self.check_nobodys()

    def test_a_shared_treadmill_with_two_who_may_be_on_it_is_nobodys(self):
        self.hall('S', 'T')
        for name in 'ST':
            self.world.sim.wait_truth(name, lambda t: t['linked'], 60, 'both straps')
            self.world.sim.ctl('set %s hr 90' % name) # neither makes a session of its own
        self.check_nobodys()


if __name__ == '__main__':
    run_tests()
