# SPDX-License-Identifier: MIT
"""What a person says of a session that is over: that it counts for nothing, or whose it is after all. What
was answered stands, whatever becomes of the process or of the database; a week of each runner is the witness
of what it means."""
import datetime
import hashlib
import re
import signal
from pathlib import Path

import schemas
from files import Files, gpx
from runs import Runs
from world import BELT, POD, STRAP, run_tests, sensor

ANNA = '[Runner anna]\nTimeZone=Europe/London\nSex=female\nMaxHeartRate=190\nRestHeartRate=50\n'
BEN = '[Runner ben]\nTimeZone=Pacific/Auckland\nSex=male\nMaxHeartRate=205\nRestHeartRate=65\n'


class Corrections(Files, Runs):
    HALL = (ANNA, BEN, sensor('pod', POD), sensor('strap', STRAP))

    def begin(self, *more, config=HALL):
        self.start('pod:P:%s:awake,scenario=steady' % POD, 'strap:S:%s:awake,scenario=steady' % STRAP, *more,
                   config=config)

    def run_of_anna(self, metres=300):
        self.wait_metres(metres)
        self.stand('P', 'S')  # or the next start finds her running
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
        self.world.state.lose_database()
        self.world.start_ready()
        self.world.wait_control()

    def wait_told(self, kind, runner, session, since=0):
        return self.world.listener.wait('/%s/event$' % runner, lambda m: (
            m.json['kind'], m.json['body'].get('id')) == (kind, session), since=since).json

    def check_schemas(self):
        self.world.listener.catch_up()
        for event in self.world.listener.events():
            schemas.check('event', event)

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
                         (0, 'done      assign\nid        %s\nrunner    ben\nsessions  1\n' % run['id']))
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
        self.world.ctl('session', 'start', 'runner=anna')
        self.world.ctl('session', 'stop', 'runner=anna')
        self.kill()  # and it is no more among what is in hand
        self.assertAlmostEqual(self.week('anna'), first['distance_m'], delta=1)
        since = self.world.listener.mark()
        self.assertEqual(self.world.stridectl('session', 'discard', 'id=' + first['id'])[:2],
                         (0, 'done  discard\nid    %s\n' % first['id']))
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

    def on_the_belt(self):
        """In a hall where nobody's own sensor tells who is on it."""
        self.start('belt:B:%s:awake,scenario=steady' % BELT, config=(ANNA, BEN, sensor('belt', BELT, runner='auto')))
        run = self.wait_session(lambda s: (s['distance_m'] or 0) > 200, 'a run')
        self.assertEqual((run['runner'], run['state']), (None, 'unassigned'))
        return run

    def test_a_run_of_nobody_is_given_while_it_goes_on(self):
        run = self.on_the_belt()
        self.world.ctl('session', 'assign', 'id=' + run['id'], 'runner=ben')
        self.kill()
        open_one, = self.sessions()
        self.assertEqual((open_one['id'], open_one['runner']), (run['id'], 'ben'))
        self.assertGreaterEqual(open_one['distance_m'], run['distance_m'])  # from its start
        status, _, err = self.world.stridectl('session', 'assign', 'id=' + run['id'], 'runner=anna')
        self.assertEqual(status, 1)
        self.assertIn('session stop ends it', err)
        self.stand('B')
        self.world.ctl('session', 'stop', 'runner=ben')
        done = self.world.wait_event('session_end', 'ben')['body']
        self.is_bens(done)
        self.assertEqual({e['runner'] for e in self.world.listener.events()}, {'ben'})

    def test_a_run_of_nobody_is_given_to_whom_it_is(self):
        run = self.on_the_belt()
        self.world.ctl('session', 'stop', 'id=' + run['id'])
        row = self.row(run['id'])
        self.assertEqual((row['state'], row['runner']), ('unassigned', None))
        for _ in range(2):
            self.world.pass_time(30)  # the belt runs on
            self.assertEqual(self.world.ctl('status')['data']['sessions'], [])
            self.kill()
            self.world.wait_sensor('belt', 'streaming')
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
        answer = self.world.ask_broker('session', {'do': 'assign', 'id': run['id'], 'runner': 'ben'})
        self.assertEqual(answer['error']['code'], 'forbidden')
        self.assertEqual(self.row(run['id'])['runner'], 'anna')

    # ---- files ----

    def with_folder(self, after='keep', anna=ANNA):
        """A house that runs at home: no sensor, and a folder for each."""
        self.prepare(config=(anna, BEN))
        self.take_files('anna', 'ben', after=after)
        self.world.start_ready()
        self.world.wait_control()

    def a_run(self, seconds=600, heart=150, hours=3, **options):
        at = datetime.datetime.fromtimestamp(self.world.now()[1], datetime.timezone.utc).replace(microsecond=0)
        return gpx(at - datetime.timedelta(hours=hours), seconds, heart=heart, **options)

    def wait_import(self, name, runner, since=0):
        return self.world.listener.wait('/%s/event$' % runner, lambda m: m.json['kind'] == 'import' and
                                        m.json['body']['file'] == name, since=since).json['body']

    def listed(self):
        return [(i['runner'], i['file'], i['verdict'], i['reason'])
                for i in self.world.ctl('imports')['data']['imports']]

    def wait_row(self, session, **expected):
        def look():
            row = self.row(session)
            return row if all(row[key] == value for key, value in expected.items()) else None
        return self.wait_for(look, 'the row of ' + session)

    def test_a_file_in_the_wrong_folder_goes_to_whom_it_is(self):
        self.with_folder()
        data = self.a_run()
        self.put('anna/run.gpx', data)
        run = self.wait_import('run.gpx', 'anna')['sessions'][0]
        before = self.row(run['id'])
        self.put('ben/mine.gpx', data)
        refused = self.wait_import('mine.gpx', 'ben')
        self.assertEqual((refused['verdict'], refused['reason']), (
            'refused', "Refused: the same file was imported for anna; 'session assign id=%s runner=ben' gives it over"
            % run['id']))
        since = self.world.listener.mark()
        words = re.search("'(.*)'", refused['reason'])[1].split()  # as it says
        self.assertEqual(self.world.stridectl(*words)[:2],
                         (0, 'done      assign\nid        %s\nrunner    ben\nsessions  1\n' % run['id']))
        self.kill()
        self.is_bens(run)
        row = self.row(run['id'])
        self.assertLess(row['trimp'], before['trimp'])
        self.assertEqual(self.world.state.rows("SELECT id FROM sessions WHERE runner = 'anna' AND state = 'ended'"), [])
        self.assertEqual(self.copies(), ['ben/%s.gz' % hashlib.sha256(data).hexdigest()])
        gone = self.wait_told('retracted', 'anna', run['id'], since)
        self.assertEqual((gone['body']['state'], gone['body']['trimp']), ('discarded', None))
        self.assertEqual(self.wait_import('run.gpx', 'ben', since)['sessions'][0]['id'], run['id'])
        self.assertEqual({entry[:3] for entry in self.listed()},
                         {('anna', 'run.gpx', 'refused'), ('ben', 'run.gpx', 'imported')})
        self.put('anna/again.gpx', data)
        self.wait_for(lambda: ('anna', 'again.gpx', 'refused', 'Refused: imported before; it was given to ben')
                      in self.listed() or None, 'what is said of a file that was given')
        self.lose_database()
        self.wait_for(lambda: self.world.state.rows("SELECT * FROM sessions WHERE runner = 'ben'"), 'its row')
        again = self.is_bens(run)
        self.assertEqual((again['trimp'], again['day']), (row['trimp'], row['day']))
        self.check_schemas()

    def test_killed_when_a_file_was_on_its_way_back(self):
        """Its copy lies with anna again, and nothing else says so."""
        self.with_folder()
        data = self.a_run()
        self.put('anna/run.gpx', data)
        run = self.wait_import('run.gpx', 'anna')['sessions'][0]
        self.world.ctl('session', 'assign', 'id=' + run['id'], 'runner=ben')
        self.is_bens(run)
        self.wait_for(lambda: not self.world.state.rows('SELECT * FROM events') or None, 'what was said to be delivered')
        self.world.stop(signal.SIGKILL)
        folder = Path(str(self.world.state)) / 'imported'
        copy = hashlib.sha256(data).hexdigest() + '.gz'
        (folder / 'ben' / copy).rename(folder / 'anna' / copy)
        since = self.world.listener.mark()
        self.world.start_ready()
        self.wait_row(run['id'], runner='anna', state='ended')
        self.wait_for(lambda: not self.world.state.rows('SELECT * FROM unjudged') or None, 'it to be judged')
        self.kill()
        self.assertAlmostEqual(self.week('anna'), run['distance_m'], delta=1)
        self.assertEqual(self.week('ben'), 0)
        self.wait_for(lambda: not self.world.state.rows('SELECT * FROM events') or None, 'all of it to be delivered')
        self.assertEqual(self.wait_told('retracted', 'ben', run['id'], since)['body']['state'], 'discarded')
        self.wait_import('run.gpx', 'anna', since)
        self.world.listener.catch_up()
        told = {(e['kind'], e['runner'], e['id']) for e in (m.json for m in self.world.listener.all('/event$', since))}
        self.assertEqual(sorted(t[:2] for t in told), [('import', 'anna'), ('retracted', 'ben')])

    def test_a_session_of_a_file_is_discarded_and_does_not_come_back(self):
        self.with_folder()
        data = self.a_run()
        self.put('anna/watch.gpx', data)
        watch = self.wait_import('watch.gpx', 'anna')['sessions'][0]
        self.put('anna/phone.gpx', self.a_run(seconds=580, heart=None))
        phone = self.wait_import('phone.gpx', 'anna')['sessions'][0]
        self.assertEqual((phone['counts'], phone['instead']), (False, watch['id']))
        self.assertAlmostEqual(self.week('anna'), watch['distance_m'], delta=1)
        since = self.world.listener.mark()
        self.world.ctl('session', 'discard', 'id=' + watch['id'])
        self.kill()
        self.assertAlmostEqual(self.week('anna'), phone['distance_m'], delta=1)  # it counts again
        self.wait_row(phone['id'], instead=None)
        self.assertEqual(self.row(watch['id'])['state'], 'discarded')
        self.wait_told('retracted', 'anna', watch['id'], since)
        self.put('anna/again.gpx', data)
        day = datetime.datetime.fromtimestamp(self.world.now()[1], datetime.timezone.utc).date()
        expected = ('anna', 'again.gpx', 'refused',
                    'Refused: imported before; its session %s was discarded on %s' % (watch['id'], day))
        self.wait_for(lambda: expected in self.listed() or None, 'what is said of a file that is known')
        self.assertEqual(self.row(watch['id'])['state'], 'discarded')
        self.lose_database()
        self.wait_for(lambda: len(self.world.state.rows('SELECT * FROM sessions')) == 2 or None, 'both rows')
        self.wait_row(watch['id'], state='discarded')
        self.wait_row(phone['id'], instead=None)
        self.assertAlmostEqual(self.week('anna'), phone['distance_m'], delta=1)
        self.check_schemas()

    def weeks(self):
        return round(self.week('anna')), round(self.week('ben'))

    def test_of_the_same_run_twice_one_goes_away_and_comes_back(self):
        self.with_folder()
        self.put('anna/watch.gpx', self.a_run())
        watch = self.wait_import('watch.gpx', 'anna')['sessions'][0]
        self.put('anna/phone.gpx', self.a_run(seconds=580, heart=None))
        phone = self.wait_import('phone.gpx', 'anna')['sessions'][0]
        metres, fewer = round(watch['distance_m']), round(phone['distance_m'])
        self.assertEqual(self.weeks(), (metres, 0))
        since = self.world.listener.mark()
        for runner, weeks, instead in (('ben', (fewer, metres), None), ('anna', (metres, 0), watch['id'])):
            self.world.ctl('session', 'assign', 'id=' + watch['id'], 'runner=' + runner)
            self.kill()
            self.assertEqual(self.weeks(), weeks)
            self.assertEqual((self.row(phone['id'])['instead'], self.row(watch['id'])['instead']), (instead, None))
            self.wait_for(lambda: not self.world.state.rows('SELECT * FROM unjudged') or None, 'it to be judged')
        self.assertEqual({(i['runner'], i['file'], i['verdict'], i['sessions'], i['counts'])
                          for i in self.world.ctl('imports')['data']['imports']},
                         {('anna', 'watch.gpx', 'imported', 1, 1), ('anna', 'phone.gpx', 'imported', 1, 0),
                          ('ben', 'watch.gpx', 'refused', 0, 0)})
        self.wait_for(lambda: not self.world.state.rows('SELECT * FROM events') or None, 'all of it to be delivered')
        self.world.listener.catch_up()
        told = {e['id']: (e['kind'], e['runner']) for e in
                (m.json for m in self.world.listener.all('/event$', since))}
        self.assertEqual(sorted(told.values()), [('import', 'anna'), ('import', 'ben'),
                                                 ('retracted', 'anna'), ('retracted', 'ben')])
        before = {r['id']: r for r in self.world.state.rows('SELECT * FROM sessions')}
        self.lose_database()
        self.world.write_config(self.world.config_text.replace('MaxHeartRate=190', 'MaxHeartRate=170'))
        self.world.daemon.process.send_signal(signal.SIGHUP)  # at once
        self.wait_for(lambda: len(self.world.state.rows('SELECT * FROM sessions')) == 2 or None, 'both rows')
        self.wait_for(lambda: self.row(watch['id'])['trimp'] > before[watch['id']]['trimp'] or None, 'the other load')
        self.assertEqual(self.weeks(), (metres, 0))
        self.assertEqual(self.row(phone['id'])['instead'], watch['id'])
        self.assertEqual(self.world.state.rows('SELECT * FROM unjudged'), [])
        self.assertEqual({r['runner'] for r in self.world.state.rows('SELECT * FROM imports')}, {'anna'})
        self.check_schemas()

    def give_without_its_copy(self, spoil):
        self.with_folder()
        self.put('anna/run.gpx', self.a_run())
        run = self.wait_import('run.gpx', 'anna')['sessions'][0]
        for copy in self.copies():
            spoil(Path(str(self.world.state)) / 'imported' / copy)
        self.world.ctl('session', 'assign', 'id=' + run['id'], 'runner=ben')
        row = self.is_bens(run)
        self.assertEqual((row['trimp'], row['zone3_s'], row['heart_rate_mean_bpm']), (None, None, 150))

    def test_a_file_whose_copy_is_gone_is_given_as_far_as_it_is_known(self):
        self.give_without_its_copy(lambda path: path.unlink())

    def test_a_file_whose_copy_is_rotten_is_given_as_far_as_it_is_known(self):
        self.give_without_its_copy(lambda path: path.write_bytes(b'rotten'))

    def test_over_mqtt_where_that_is_allowed(self):
        self.with_folder()
        self.world.write_config(mqtt=['Commands=all'])
        since = len(self.world.daemon.lines)
        self.world.daemon.process.send_signal(signal.SIGHUP)
        self.world.daemon.wait_log('Configuration reloaded', since=since)
        self.put('anna/run.gpx', self.a_run())
        run = self.wait_import('run.gpx', 'anna')['sessions'][0]
        for asked, answer in (({'do': 'assign', 'id': run['id'], 'runner': 'ben', 'transaction': 'a'},
                               {'done': 'assign', 'id': run['id'], 'runner': 'ben', 'sessions': 1}),
                              ({'do': 'discard', 'id': run['id'], 'transaction': 'b'},
                               {'done': 'discard', 'id': run['id']})):
            for _ in range(2):  # answered again, not done again
                got = self.world.ask_broker('session', asked)
                self.assertEqual((got['error'], got['data']), (None, answer))
        self.wait_row(run['id'], state='discarded', runner='ben')
        self.assertEqual((self.week('anna'), self.week('ben')), (0, 0))


if __name__ == '__main__':
    run_tests()
