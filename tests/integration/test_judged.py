# SPDX-License-Identifier: MIT
"""Killed between the commit of a session and that of what the rules make of it: nothing was said before, all
of it is said after the next start, and once. strided-sim is killed there while a file lies there
(tests/sim/killed.c)."""
import signal
from pathlib import Path

from files import Files, gpx
from rules import DAY, TODAY, USUAL, RulesCase
from world import run_tests


class Judged(Files, RulesCase):
    def start(self):
        self.trap = Path(self.world.folder) / 'killed'
        self.world.start(env={'STRIDED_SIM_KILLED': str(self.trap)}).wait_log(' is ready')

    def spring_trap(self):
        """Killed with the next session that is to be judged."""
        self.trap.touch()

    def wait_killed(self):
        self.assertEqual(self.world.daemon.wait_end(), -signal.SIGKILL)
        self.trap.unlink()

    def unjudged(self):
        return [r['id'] for r in self.world.state.rows('SELECT id FROM unjudged ORDER BY seq')]

    def check_told_once(self, expected, known=()):
        """After the next start, and not by one more."""
        before = self.news()
        self.assertEqual(before, list(known))
        self.start()
        for news in expected:
            self.wait_news(*news)
        self.assertEqual(sorted(self.news()), sorted(list(known) + expected))
        self.wait_for(lambda: not self.unjudged() or None, 'all of it to be judged')
        self.wait_for(lambda: not self.world.state.rows('SELECT id FROM events') or None, 'all of it to be delivered')
        self.world.stop(signal.SIGKILL)
        since = self.heard.mark()
        self.start()
        self.heard.wait('/week$', since=since)
        self.assertEqual(self.alerts_told(since), [])
        self.assertEqual(sorted(self.news()), sorted(list(known) + expected))
        self.check_schemas()

    def alerts_told(self, since):
        """Each of them, also one whose id was there before."""
        self.heard.catch_up()
        return [m.text for m in self.heard.all('/event$', since) if m.json['kind'] == 'alert']

    def quiet(self):
        """A world whose log is judged, and that takes files."""
        world = self.prepare()
        self.take_files('anna')
        self.start()
        self.wait_alert('uphill_base', 'ok')
        self.wait_for(lambda: not self.unjudged() or None, 'the log to be judged')
        return world

    # ---- the situations ----

    def test_the_end_of_a_live_run(self):
        """Nothing is judged before: it runs and ends while nobody knows what day it is."""
        world = self.prepare()
        world.sim.ctl('clock wall 5000')
        self.start()
        self.begin_to_run()
        self.wait_for(lambda: self.distance() > 900 or None, '900 m')
        world.sim.ctl('scenario P idle')
        world.ctl('session', 'stop')
        self.spring_trap()
        world.sim.ctl('clock wall %d' % TODAY.timestamp())
        self.wait_killed()
        self.assertEqual(len(self.unjudged()), 2) # and the one that was seeded
        self.check_told_once([('weekly_distance', 'crossed', 'warning'), ('spike_distance', 'crossed', 'warning')])

    def test_a_file_of_today(self):
        self.quiet()
        self.spring_trap()
        self.put('anna/today.gpx', gpx(TODAY - DAY / 24, seconds=300))
        self.wait_killed()
        self.assertEqual(len(self.unjudged()), 1)
        self.check_told_once([('weekly_distance', 'crossed', 'warning'), ('spike_distance', 'crossed', 'warning')])

    def test_a_long_run_of_yesterday_that_is_read_after_todays(self):
        self.quiet()
        self.put('anna/today.gpx', gpx(TODAY - DAY / 24, seconds=40))
        self.wait_for(lambda: self.judged_files() == 1 or None, 'the run of today')
        self.assertEqual(self.news(), [])
        self.spring_trap()
        self.put('anna/yesterday.gpx', gpx(TODAY - DAY, seconds=300))
        self.wait_killed()
        self.check_told_once([('weekly_distance', 'crossed', 'warning'), ('spike_distance', 'crossed', 'warning')])

    def test_a_run_is_discarded(self):
        world = self.prepare()
        self.start()
        self.begin_to_run()
        run = world.wait_event('session_start')['body']
        self.wait_news('spike_distance', 'crossed', 'warning')
        world.sim.ctl('scenario P idle')
        world.ctl('session', 'do=stop', 'runner=anna')
        world.wait_event('session_end')
        known = self.news()
        self.spring_trap()
        world.stridectl('session', 'do=discard', 'id=%s' % run['id']) # it may not answer any more
        self.wait_killed()
        self.check_told_once([('weekly_distance', 'retracted', 'ok'), ('spike_distance', 'retracted', 'ok')], known)
        self.assertEqual(self.alerts()['weekly_distance']['value'], 800)

    # ---- the database is lost ----

    def test_what_is_made_again_raises_nothing(self):
        """Of files that lie in the folder still, of kept copies, and of a recording."""
        world = self.prepare(runs=())
        self.take_files('anna')
        self.start()
        for ago, metres in USUAL:
            self.put('anna/%02d.gpx' % ago, gpx(TODAY - ago * DAY, seconds=metres // 3))
        self.wait_for(lambda: self.judged_files() == len(USUAL) or None, 'the weeks')
        self.put('anna/yesterday.gpx', gpx(TODAY - DAY, seconds=300))
        self.wait_news('spike_distance', 'crossed', 'warning')
        self.begin_to_run()
        world.wait_event('session_start')
        self.wait_for(lambda: self.distance() > 250 or None, '250 m') # which alone would be news of the week
        world.sim.ctl('scenario P idle')
        world.ctl('session', 'do=stop', 'runner=anna')
        world.wait_event('session_end')
        world.stop()
        world.state.lose_database()
        (self.folder / 'anna' / 'yesterday.gpx').unlink()
        since = self.heard.mark()
        self.start()
        self.wait_for(lambda: self.judged_files() == len(USUAL) + 1 or None, 'the files')
        self.heard.wait('/week$', lambda m: m.text and m.json['measures']['distance_m']['verdict'] == 'warning',
                        since=since)
        self.assertEqual(self.alerts_told(since), [])
        self.assertEqual(self.unjudged(), [])

    # ---- what these know ----

    def distance(self):
        sessions = self.world.ctl('status')['data']['sessions']
        return max((s['distance_m'] or 0 for s in sessions), default=0)

    def judged_files(self):
        return 0 if self.unjudged() else self.world.state.rows(
            'SELECT count(*) AS n FROM sessions WHERE file IS NOT NULL')[0]['n']


if __name__ == '__main__':
    run_tests()
