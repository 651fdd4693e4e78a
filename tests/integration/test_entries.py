# SPDX-License-Identifier: MIT
"""What a person enters: how a run was, a run that nothing recorded, that one is to go for good. What was answered
stands, whatever becomes of the process or of the database."""
import json

import test_corrections
from world import run_tests


class Entries(test_corrections.Corrections):
    """Only what they share: their tests are theirs."""


for name in [n for n in dir(Entries) if n.startswith('test_')]:
    setattr(Entries, name, None)


class Notes(Entries):
    def note(self, *words):
        status, out, err = self.world.stridectl('session', 'note', *words)
        self.assertEqual(status, 0, err)
        return dict(line.split(': ', 1) for line in out.splitlines())

    def noted(self, session):
        return self.world.state.rows('SELECT effort, surface, shoes FROM notes WHERE id = ?', session)[0]

    def test_how_a_run_was_stays_said(self):
        self.begin()
        run = self.run_of_anna()
        said = {'done': 'note', 'id': run['id'], 'effort': '7.5', 'surface': 'trail', 'shoes': 'the blue ones'}
        self.assertEqual(self.note('runner=anna', 'effort=7.5', 'surface=trail', 'shoes=the blue ones'), said)
        self.kill()
        self.assertEqual(self.note('id=' + run['id'], 'effort=8'), {**said, 'effort': '8'})
        self.lose_database()
        self.wait_for(lambda: self.world.state.rows('SELECT * FROM sessions') and
                      self.world.state.rows('SELECT * FROM notes'), 'its rows')
        self.assertEqual(self.noted(run['id']), {'effort': 8, 'surface': 'trail', 'shoes': 'the blue ones'})
        self.assertEqual(self.note('id=' + run['id'], 'runner=anna', 'shoes=null', 'effort=null'),
                         {**said, 'effort': '-', 'shoes': '-'})
        self.kill()
        self.assertEqual(self.noted(run['id']), {'effort': None, 'surface': 'trail', 'shoes': None})
        self.assertEqual(self.row(run['id'])['state'], 'ended')

    def test_of_a_run_that_goes_on_and_of_a_file(self):
        self.begin()
        run = self.wait_session(lambda s: (s['distance_m'] or 0) > 100, 'a run')
        self.assertEqual(self.note('runner=anna', 'effort=3')['id'], run['id'])
        self.kill()
        self.stand('P', 'S')
        self.world.ctl('session', 'stop', 'runner=anna')
        self.wait_row(run['id'], state='ended')
        self.assertEqual(self.noted(run['id'])['effort'], 3)
        for words, expected in (
                (('runner=ben', 'effort=3'), 'This runner has no session yet'),
                (('id=' + run['id'], 'runner=ben', 'effort=3'), 'not of this runner'),
                (('id=../x', 'effort=3'), 'none can be called that'),
                (('id=x', 'effort=3'), 'There is no such session'),
                (('runner=anna',), 'What is to be noted of it? (allowed: effort, surface or shoes)'),
                (('runner=anna', 'effort=3.2'), 'The effort is whole or half (allowed: 0, 0.5, 1'),
                (('runner=anna', 'surface=lava'), '(allowed: road | track | trail | grass | sand | treadmill | other | null)'),
                (('effort=3',), 'There are several runners')):
            with self.subTest(words):
                status, _, err = self.world.stridectl('session', 'note', *words)
                self.assertEqual(status, 1)
                self.assertIn(expected, err)

    def test_of_a_file_over_mqtt(self):
        self.with_folder()
        self.put('ben/run.gpx', self.a_run())
        run = self.wait_import('run.gpx', 'ben')['sessions'][0]
        since = self.world.listener.mark()
        self.world.publish('strided/hall/request/session', json.dumps(
            {'do': 'note', 'runner': 'ben', 'surface': 'road', 'effort': 6}))
        answer = self.world.listener.wait('response/session$', since=since).json
        self.assertEqual((answer['error'], answer['data']), (None, {
            'done': 'note', 'id': run['id'], 'effort': 6.0, 'surface': 'road', 'shoes': None}))
        self.world.ctl('session', 'assign', 'id=' + run['id'], 'runner=anna')  # it is said of the run
        self.lose_database()
        self.wait_row(run['id'], runner='anna')
        self.wait_for(lambda: self.world.state.rows('SELECT * FROM notes'), 'what was said')
        self.assertEqual(self.noted(run['id']), {'effort': 6, 'surface': 'road', 'shoes': None})


if __name__ == '__main__':
    run_tests()
