# SPDX-License-Identifier: MIT
"""What a person says of a session that is over: that it counts for nothing, or whose it is after all. What
was answered stands, whatever becomes of the process or of the database; a week of each runner is the witness
of what it means."""
import glob
import json
import os
import signal

import jsonschema

from runs import Runs
from world import BELT, PATIENCE, POD, STRAP, run_tests, sensor

ANNA = '[Runner anna]\nTimeZone=Europe/London\nSex=female\nMaxHeartRate=190\nRestHeartRate=50\n'
BEN = '[Runner ben]\nTimeZone=Pacific/Auckland\nSex=male\nMaxHeartRate=205\nRestHeartRate=65\n'


class Corrections(Runs):
    HALL = (ANNA, BEN, sensor('pod', POD), sensor('strap', STRAP))

    def begin(self, *more, config=HALL):
        self.start('pod:P:%s:awake,scenario=steady' % POD, 'strap:S:%s:awake,scenario=steady' % STRAP, *more,
                   config=config)

    def run_of_anna(self, metres=300):
        self.wait_metres(metres)
        self.world.ctl('session', 'stop', 'runner=anna')
        return self.world.listener.wait('/event$', lambda m: m.json['kind'] == 'session_end').json['body']

    def week(self, runner):
        """Metres of the seven days, as the daemon says now."""
        return self.world.ctl('week', runner)['data']['week']['measures']['distance_m']['total'] or 0

    def kill(self):
        """Right after an answer, and start again."""
        self.world.stop(signal.SIGKILL)
        self.world.start_ready()
        self.world.wait_control()

    def lose_database(self):
        self.world.stop(signal.SIGKILL)
        for path in glob.glob(os.path.join(str(self.world.state), '*.db*')):
            os.remove(path)
        self.world.start_ready()
        self.world.wait_control()

    def wait_told(self, kind, runner, session, since=0):
        return self.world.listener.wait('/%s/event$' % runner, lambda m: (
            m.json['kind'], m.json['body'].get('id')) == (kind, session), since=since).json

    def check_schemas(self):
        self.world.listener.catch_up()
        with open(os.path.join(os.environ['STRIDED_SCHEMAS'], 'event.schema.json')) as f:
            check = jsonschema.Draft202012Validator(json.load(f)).validate
        for event in self.world.listener.events():
            check(event)

    def is_bens(self, run):
        row = self.row(run['id'])
        self.assertEqual((row['runner'], row['state']), ('ben', 'ended'))
        self.assertEqual(self.week('anna'), 0)
        self.assertAlmostEqual(self.week('ben'), run['distance_m'], delta=1)
        return row

    def test_a_run_that_is_given_to_another_stays_theirs(self):
        self.begin()
        run = self.run_of_anna()
        before = self.row(run['id'])
        self.assertAlmostEqual(self.week('anna'), run['distance_m'], delta=1)
        self.assertGreater(before['trimp'], 0)
        since = self.world.listener.mark()
        self.assertEqual(self.world.stridectl('session', 'assign', 'id=' + run['id'], 'runner=ben')[:2],
                         (0, 'done: assign\nid: %s\nrunner: ben\nsessions: 1\n' % run['id']))
        self.kill()
        row = self.is_bens(run)
        self.assertEqual(row['day'] > before['day'] or row['utc_offset_s'] > before['utc_offset_s'], True)
        self.assertEqual((row['distance_m'], row['steps'], row['start_usec']),
                         (before['distance_m'], before['steps'], before['start_usec']))
        self.assertLess(row['trimp'], before['trimp'])  # it is less to him, and zones are his
        self.assertNotEqual(row['zone3_s'], before['zone3_s'])
        gone = self.wait_told('retracted', 'anna', run['id'], since)
        self.assertEqual((gone['body']['state'], gone['body']['runner']), ('discarded', 'anna'))
        ended = self.wait_told('session_end', 'ben', run['id'], since)
        self.assertEqual(ended['body']['trimp'], round(row['trimp'], 1))
        self.lose_database()
        self.wait_for(lambda: self.world.state.rows('SELECT * FROM sessions'), 'its row')
        again = self.is_bens(run)
        for key in ('day', 'utc_offset_s', 'distance_m', 'trimp', 'zone3_s', 'start_usec'):
            self.assertEqual(again[key], row[key], key)
        self.check_schemas()

    def test_a_run_of_any_age_is_discarded(self):
        self.begin()
        first = self.run_of_anna()
        self.stand('P', 'S')
        self.world.ctl('session', 'start', 'runner=anna')
        self.world.ctl('session', 'stop', 'runner=anna')
        self.kill()  # and it is no more among what is in hand
        self.assertAlmostEqual(self.week('anna'), first['distance_m'], delta=1)
        since = self.world.listener.mark()
        self.assertEqual(self.world.stridectl('session', 'discard', 'id=' + first['id'])[:2],
                         (0, 'done: discard\nid: %s\n' % first['id']))
        self.kill()
        self.assertEqual((self.row(first['id'])['state'], self.week('anna')), ('discarded', 0))
        self.wait_told('retracted', 'anna', first['id'], since)
        status, _, err = self.world.stridectl('session', 'discard', 'id=' + first['id'])
        self.assertEqual((status, err), (1, 'stridectl: This session is discarded already\n'))
        status, _, err = self.world.stridectl('session', 'assign', 'id=' + first['id'], 'runner=ben')
        self.assertEqual((status, err), (1, 'stridectl: This session is discarded already\n'))
        self.lose_database()
        self.wait_for(lambda: self.world.state.rows("SELECT * FROM sessions WHERE state = 'discarded'"), 'its row')
        self.assertEqual(self.week('anna'), 0)

    def test_a_run_of_nobody_is_given_to_whom_it_is(self):
        """A belt in a hall where nobody's own sensor tells who is on it."""
        self.start('belt:B:%s:awake,scenario=steady' % BELT, config=(ANNA, BEN, sensor('belt', BELT, runner='auto')))
        run = self.wait_session(lambda s: (s['distance_m'] or 0) > 200, 'a run')
        status, _, err = self.world.stridectl('session', 'assign', 'id=' + run['id'], 'runner=ben')
        self.assertEqual(status, 1)
        self.assertIn('session stop ends it', err)
        self.world.ctl('session', 'stop', 'id=' + run['id'])
        row = self.row(run['id'])
        self.assertEqual((row['state'], row['runner']), ('unassigned', None))
        self.world.ctl('session', 'assign', 'id=' + run['id'], 'runner=ben')
        self.is_bens({**run, 'distance_m': row['distance_m']})
        self.wait_told('session_end', 'ben', run['id'])
        self.assertEqual({e['runner'] for e in self.world.listener.events()}, {'ben'})
        self.lose_database()
        self.wait_for(lambda: self.world.state.rows("SELECT * FROM sessions WHERE runner = 'ben'"), 'its row')
        self.is_bens({**run, 'distance_m': row['distance_m']})

    def test_what_is_wrong_with_a_correction_is_said(self):
        self.begin()
        run = self.run_of_anna()
        for words, expected in (
                (('assign', 'id=' + run['id']), 'There are several runners: say which (allowed: anna | ben)'),
                (('assign', 'runner=ben'), 'Which session is to be given to a runner?'),
                (('assign', 'id=' + run['id'], 'runner=eve'), 'There is no such runner (allowed: anna | ben)'),
                (('assign', 'id=' + run['id'], 'runner=anna'), "It is this runner's already"),
                (('assign', 'id=20260101T000000Z-0', 'runner=ben'), 'There is no such session (allowed: the id'),
                (('assign', 'id=../../etc/passwd', 'runner=ben'), 'There is no such session: none can be called'),
                (('discard', 'id=sessions/../x'), 'There is no such session: none can be called'),
                (('discard', 'id=.rec'), 'There is no such session: none can be called'),
                (('discard', 'id=' + run['id'], 'runner=ben'), 'not of this runner')):
            with self.subTest(words):
                status, _, err = self.world.stridectl('session', *words)
                self.assertEqual(status, 1)
                self.assertIn(expected, err)
        since = self.world.listener.mark()
        self.world.publish('strided/hall/request/session', json.dumps(
            {'do': 'assign', 'id': run['id'], 'runner': 'ben'}))
        answer = self.world.listener.wait('response/session$', since=since).json
        self.assertEqual(answer['error']['code'], 'forbidden')
        self.assertEqual(self.row(run['id'])['runner'], 'anna')


if __name__ == '__main__':
    run_tests()
