# SPDX-License-Identifier: MIT
"""What is stored is seen and taken away: whole, once each, and in the hands of other programs. The rows of the
database itself are the witness, and for a session's file the file that came in, `strided --fit` and gpsbabel."""
import base64
import csv
import datetime
import gzip
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import unittest
from pathlib import Path

import schemas
from files import DAY, Files, gpx, on_day
from harness import find_program
from runs import Runs
from ten_years import DAYS, fill, yesterday
from terminal import OnTerminal
from world import BELT, PATIENCE, POD, STRAP, Case, run_tests, sensor

ANNA = '[Runner anna]\nTimeZone=UTC\nSex=female\nMaxHeartRate=190\nRestHeartRate=50\n'
BEN = '[Runner ben]\nTimeZone=UTC\nSex=male\n'
PART_MAX = 48 * 1024
FIGURES = {'elapsed_s': 'elapsed_s', 'moving_s': 'moving_s', 'distance_m': 'distance_m', 'steps': 'steps',
           'trimp': 'trimp', 'edwards': 'edwards', 'ascent_m': 'ascent_m', 'downhill_drop_m': 'downhill_drop_m',
           'heart_rate_max_bpm': 'heart_rate_max_bpm', 'zone_s_3': 'zone3_s', 'samples': 'samples'}
FORMULAS = ('=cmd|\'/c calc\'!A1', '+1+1', '-2+3', '@SUM(A1)', 'a "watch", of his')


def two_activities():
    """Indoors, at 3 m/s: five minutes, and eight and a bit an hour later."""
    def activity(start, seconds):
        def at(t):
            return (DAY + datetime.timedelta(seconds=start + t)).strftime('%Y-%m-%dT%H:%M:%SZ')
        return ('<Activity Sport="Running"><Id>%s</Id><Lap StartTime="%s"><TotalTimeSeconds>%d</TotalTimeSeconds>'
                '<DistanceMeters>%d</DistanceMeters><Track>%s</Track></Lap></Activity>' % (
                    at(0), at(0), seconds, 3 * seconds, ''.join(
                        '<Trackpoint><Time>%s</Time><DistanceMeters>%d</DistanceMeters><HeartRateBpm><Value>%d</Value>'
                        '</HeartRateBpm></Trackpoint>' % (at(t), 3 * t, 130 + t % 20) for t in range(seconds + 1))))
    return ('<?xml version="1.0"?><TrainingCenterDatabase '
            'xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>%s%s</Activities>'
            '</TrainingCenterDatabase>' % (activity(0, 300), activity(3600, 500))).encode()


class Stored(Case):
    """Ten years of two sessions a day, in a daemon that tells of them."""

    def start(self, settings=ANNA + BEN, mqtt=()):
        self.make_world('[HomeAssistant]\nDiscovery=no\n' + settings, mqtt=mqtt)
        self.world.listen()
        self.world.start_ready()
        self.world.stop()
        fill(self.world.state, 'anna', yesterday())
        self.change()
        since = self.world.listener.mark()
        self.world.start_ready()
        self.world.wait_control()
        self.world.listener.wait('hall/status$', lambda m: m.text == 'online', since=since)

    def change(self):
        """What a test wants to be otherwise in the database, while nobody has it open."""

    def execute(self, *statement):
        with sqlite3.connect(os.path.join(str(self.world.state), 'strided.db')) as db:
            db.execute(*statement)
        db.close()

    def rows(self, runner='anna'):
        return self.world.state.rows('SELECT * FROM sessions WHERE runner = ? ORDER BY start_usec, id', runner)

    def export(self, *words, to=None, status=0):
        """The bytes of the file that stridectl wrote, and what it printed."""
        path = Path(self.world.folder) / (to or 'out')
        code, out, err = self.world.stridectl('export', *words, '--output', str(path))
        self.assertEqual(code, status, (words, out, err))
        if status:
            self.assertFalse(path.exists())
            return err
        self.assertEqual((out, err), (str(path) + '\n', ''))
        data = path.read_bytes()
        path.unlink()
        self.assertEqual([p for p in os.listdir(self.world.folder) if p.startswith('out')], [])
        return data


class Lists(Stored):
    def pages(self, limit, **given):
        told, before = [], {}
        while True:
            data = self.world.ask('sessions', {'limit': limit, **given, **before})['data']
            told += data['sessions']
            self.assertLessEqual(len(data['sessions']), limit)
            if not data['more']:
                return told
            self.assertEqual(len(data['sessions']), limit)
            before = {'before': told[-1]['id']}

    def test_the_pages_of_all_sessions_are_all_of_them(self):
        self.start()
        rows = self.rows()[::-1]
        self.assertEqual(len(rows), 2 * DAYS)
        told = self.pages(200)
        self.assertEqual([s['id'] for s in told], [r['id'] for r in rows])
        for session, row in zip(told[:50] + told[-50:], rows[:50] + rows[-50:]):
            schemas.check('session', session)
            self.assertEqual((session['distance_m'], session['state'], session['day'], session['trimp']),
                             (row['distance_m'], row['state'], row['day'], row['trimp']))
        first = self.world.ask('sessions', {'limit': 4})['data']
        self.assertEqual(first['instead'], {r['id']: r['instead'] for r in rows[:4] if r['instead']})
        self.assertEqual(len(first['instead']), 2)
        status, out, err = self.world.stridectl('sessions', 'limit=1')
        self.assertEqual((status, err, out.splitlines()[-1]), (0, '', 'Older ones: stridectl sessions before=' +
                                                               rows[0]['id']))
        self.assertNotIn('COUNTS AS', out)
        self.assertTrue(self.world.stridectl('sessions', 'limit=2')[1].splitlines()[2].endswith(rows[0]['id']))
        day = rows[1000]['day']
        self.assertEqual([s['id'] for s in self.pages(3, **{'from': day, 'to': day})],
                         [r['id'] for r in rows if r['day'] == day])
        self.assertEqual(self.world.ask('sessions', {'runner': 'ben'})['data'],
                         {'runner': 'ben', 'units': 'metric', 'sessions': [], 'instead': {}, 'notes': {}, 'more': False})
        error = self.world.ask('sessions', {'before': 'no-such'})['error']
        self.assertEqual((error['code'], error['argument']), ('not_found', 'before'))
        self.assertEqual(self.world.problems(), [])

    def test_what_a_row_holds_that_no_topic_takes_is_null_and_no_problem(self):
        self.change = lambda: self.execute('UPDATE sessions SET distance_m = 9e8, elapsed_s = 8e7 WHERE file '
                                           'IS NOT NULL')
        self.start()
        session = self.world.ask('sessions', {'limit': 1})['data']['sessions'][0]
        self.assertEqual((session['distance_m'], session['elapsed_s']), (None, None))
        schemas.check('session', session)
        self.assertEqual(self.world.problems(), [])
        row = next(r for r in csv.DictReader(io.StringIO(self.export('sessions', 'runner=anna').decode())) if r['file'])
        self.assertEqual(float(row['distance_m']), 9e8) # it is theirs, as it is stored


class Documents(Stored):
    def check_sessions(self, told, rows):
        """Cells of a table."""
        self.assertEqual([t['id'] for t in told], [r['id'] for r in rows])
        for cells, row in zip(told, rows):
            for cell, column in FIGURES.items():
                value = None if not cells[cell] else float(cells[cell])
                self.assertEqual(value, None if row[column] is None or (column == 'samples' and not row['file'])
                                 else round(row[column], 1) if cell != 'steps' else int(row[column] + 0.5),
                                 (cell, row['id']))
            self.assertEqual((cells['day'], cells['runner'], cells['state'], cells['file'] or None),
                             (row['day'], row['runner'], row['state'], row['file']))

    def test_sessions_and_days_as_tables(self):
        self.start()
        data = self.export('sessions', 'runner=anna')
        self.assertEqual(data.count(b'\r\n'), 2 * DAYS + 1)
        self.assertEqual(data.replace(b'\r\n', b'').count(b'\n'), 0)
        self.check_sessions(list(csv.DictReader(io.StringIO(data.decode(), newline=''))), self.rows())
        days = list(csv.DictReader(io.StringIO(self.export('days', 'runner=anna').decode(), newline='')))
        counted = [r for r in self.rows() if not r['instead']]
        self.assertEqual([d['day'] for d in days], [r['day'] for r in counted])
        for day, row in zip(days, counted):
            self.assertEqual((float(day['distance_m']), day['runs'], float(day['downhill_drop_m'])),
                             (row['distance_m'], '1', row['downhill_drop_m']))
        some = list(csv.DictReader(io.StringIO(self.export(
            'days', 'runner=anna', 'from=' + days[100]['day'], 'to=' + days[300]['day']).decode(), newline='')))
        self.assertEqual(some, days[100:301])
        none = self.export('sessions', 'runner=ben').decode()
        self.assertEqual(none.count('\r\n'), 1) # the header

    def test_everything_that_is_stored_of_a_runner(self):
        self.start()
        told = json.loads(self.export('everything', 'runner=anna'))
        self.assertEqual(list(told), ['strided', 'gateway', 'runner', 'settings', 'sessions', 'days', 'verdicts',
                                      'imports', 'said'])
        self.assertEqual((told['gateway'], told['runner']), ('hall', 'anna'))
        self.assertEqual((told['settings']['MaxHeartRate'], told['settings']['Sex']), ('190', 'female'))
        rows, imports = self.rows(), self.world.state.rows("SELECT * FROM imports WHERE runner = 'anna' ORDER BY seq")
        self.assertEqual([s['id'] for s in told['sessions']], [r['id'] for r in rows])
        for session, row in zip(told['sessions'], rows):
            self.assertEqual((session['distance_m'], session['zone_s'][2], session['source']['grade'],
                              session['instead'], session['device']),
                             (row['distance_m'], round(row['zone3_s'], 1), row['source_grade'], row['instead'], row['device']))
        self.assertEqual([i['file'] for i in told['imports']], [r['hash'] for r in imports])
        self.assertEqual(len(told['days']), DAYS)
        verdicts = self.world.state.rows("SELECT rule FROM verdicts WHERE runner = 'anna' ORDER BY rule")
        self.assertEqual([v['rule'] for v in told['verdicts'] if not v['of_run']], [v['rule'] for v in verdicts])
        said = self.world.state.rows("SELECT id, sentence, value FROM said WHERE runner = 'anna' ORDER BY seq")
        self.assertEqual([(s['id'], s['sentence'], s['value']) for s in told['said']],
                         [(r['id'], r['sentence'], r['value']) for r in said])
        bens = json.loads(self.export('everything', 'runner=ben'))
        self.assertEqual((bens['sessions'], bens['imports'], bens['days'], bens['settings']['Sex']),
                         ([], [], [], 'male'))

    def test_what_was_said_of_a_run_goes_with_it(self):
        self.start()
        rows = self.rows()
        noted, bare = rows[-1]['id'], rows[-3]['id']
        status, _, err = self.world.stridectl('session', 'note', 'id=' + noted, 'effort=7.5', 'surface=trail',
                                              'shoes=blue, "old" ones')
        self.assertEqual((status, err), (0, ''))
        said, nothing = (7.5, 'trail', 'blue, "old" ones'), (None, None, None)
        keys = ('effort', 'surface', 'shoes')
        for what in ('everything', 'sessions'):
            told = {s['id']: tuple(s[key] for key in keys)
                    for s in json.loads(self.export(what, 'runner=anna', 'format=json'))['sessions']}
            self.assertEqual((told[noted], told[bare]), (said, nothing), what)
        cells = {c['id']: tuple(c[key] for key in keys) for c in csv.DictReader(
            io.StringIO(self.export('sessions', 'runner=anna').decode(), newline=''))}
        self.assertEqual((cells[noted], cells[bare]), (('7.5', 'trail', 'blue, "old" ones'), ('', '', '')))
        row, = self.world.state.rows('SELECT * FROM notes')
        self.assertEqual((row['id'], row['effort'], row['surface'], row['shoes']), (noted, *said))

    def test_no_part_is_too_large_and_together_they_are_the_file(self):
        self.start()
        for what in ('everything', 'sessions', 'days'):
            parts, cursor, done = [], {}, []
            while cursor is not None:
                data = self.world.ask('export', {'what': what, 'runner': 'anna', **cursor})['data']
                self.assertLessEqual(len(data['part'].encode()), PART_MAX)
                self.assertEqual((data['encoding'], data['name']),
                                 ('text', 'strided-anna-%s.%s' % (what, data['format'])))
                parts.append(data['part'])
                done.append(data['done_of'])
                cursor = {'cursor': data['next']} if data['next'] else None
            self.assertGreater(len(parts), 10)
            self.assertEqual(done, sorted(done))
            self.assertEqual(done[-1][0], done[-1][1])
            self.assertEqual(len({of for _, of in done}), 1, done)
            self.assertEqual(''.join(parts).encode(), self.export(what, 'runner=anna'))
        for cursor in ('x', '9.0.0.', '0.0.0.no-such', '2.1.1.1', '1.-1.0.', '0.1.1.' + 'a' * 90):
            error = self.world.ask('export', {'what': 'sessions', 'runner': 'anna', 'cursor': cursor})['error']
            self.assertEqual((error['code'], error['argument']), ('bad_argument', 'cursor'), cursor)

    def test_no_cell_is_a_formula(self):
        def change():
            for n, text in enumerate(FORMULAS):
                self.execute('UPDATE sessions SET device = ? WHERE id = (SELECT id FROM sessions WHERE file IS NOT '
                             'NULL ORDER BY start_usec LIMIT 1 OFFSET ?)', (text, n))
        self.change = change
        self.start()
        rows = [r for r in csv.DictReader(io.StringIO(self.export('sessions', 'runner=anna').decode(), newline=''))
                if r['file']]
        self.assertEqual([r['device'] for r in rows[:5]], ["'" + text for text in FORMULAS[:4]] + [FORMULAS[4]])
        told = json.loads(self.export('sessions', 'runner=anna', 'format=json'))
        self.assertEqual([s['device'] for s in told['sessions'] if s['file']][:5], list(FORMULAS))

    def test_the_file_is_written_whole_or_not_at_all(self):
        self.start()
        folder = Path(self.world.folder) / 'here'
        folder.mkdir()
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.environ['STRIDECTL'] = os.path.abspath(os.environ['STRIDECTL'])
        os.chdir(folder)
        self.assertEqual(self.world.stridectl('export', 'days', 'runner=anna'),
                         (0, 'strided-anna-days.csv\n', ''))
        first = (folder / 'strided-anna-days.csv').read_bytes()
        (folder / 'strided-anna-days.csv').write_bytes(b'mine')
        status, out, err = self.world.stridectl('export', 'days', 'runner=anna')
        self.assertEqual((status, out), (1, ''))
        self.assertIn('--force', err)
        self.assertEqual((folder / 'strided-anna-days.csv').read_bytes(), b'mine')
        self.assertEqual(self.world.stridectl('export', 'days', 'runner=anna', '--force')[0], 0)
        self.assertEqual((folder / 'strided-anna-days.csv').read_bytes(), first)
        self.assertEqual(os.listdir(folder), ['strided-anna-days.csv'])
        status, out, err = self.world.stridectl('export', 'days', 'runner=anna', '-o', '-')
        self.assertEqual((status, err), (0, ''))
        self.assertEqual(out.replace('\n', '\r\n').encode(), first) # Python's text has \n alone
        self.assertEqual(self.world.stridectl('export', 'days', 'runner=eve')[0], 1)
        self.assertEqual(self.world.stridectl('export', 'days', 'runner=anna', '-o', 'no/such/folder')[0], 1)
        self.assertEqual(self.world.stridectl('week', '--force')[0], 2)
        self.assertEqual(os.listdir(folder), ['strided-anna-days.csv'])

    def test_a_person_sees_how_far_it_is(self):
        self.start()
        path = str(Path(self.world.folder) / 'out')
        said, status = self.world.stridectl_on_terminal('export', 'sessions', 'runner=anna', '-o', path)
        shown = [int(n) for n in re.findall(r'\r[^\r]*?(\d+) %', said)]
        self.assertEqual(status, 0, said)
        self.assertGreater(len(shown), 10)
        self.assertEqual((shown, shown[-1]), (sorted(shown), 100))
        self.assertTrue(said.endswith('\r\x1b[K%s\r\n' % path), said[-100:])

    def interrupted(self, number, before=signal.SIG_DFL):
        """How it ends after that signal, and what it left. before: what is set for it, whoever runs the tests."""
        argv = [os.environ['STRIDECTL'], 'export', 'everything', 'runner=anna', '-o',
                str(Path(self.world.folder) / 'out')]
        with subprocess.Popen(argv, env={**os.environ, **self.world.environment()},
                              preexec_fn=lambda: signal.signal(number, before)) as process:
            self.wait_for(lambda: [p for p in os.listdir(self.world.folder) if p.startswith('out.')], 'its beginning')
            process.send_signal(number)
            status = process.wait(PATIENCE)
        return status, [p for p in os.listdir(self.world.folder) if p.startswith('out')]

    def test_who_interrupts_it_finds_no_part_of_a_file(self):
        self.start()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.assertEqual(self.interrupted(number), (128 + number, []))
        self.assertEqual(self.world.ask('sessions', {'limit': 1})['status'], 'ok')

    def test_nohup_holds(self):
        self.start()
        self.assertEqual(self.interrupted(signal.SIGHUP, signal.SIG_IGN), (0, ['out']))

    def test_a_daemon_that_goes_away_leaves_no_part_of_a_file(self):
        self.start()
        path = Path(self.world.folder) / 'out'
        argv = [os.environ['STRIDECTL'], 'export', 'everything', 'runner=anna', '-o', str(path)]
        with subprocess.Popen(argv, env={**os.environ, **self.world.environment()}, stderr=subprocess.PIPE,
                              text=True) as process:
            self.wait_for(lambda: [p for p in os.listdir(self.world.folder) if p.startswith('out.')], 'its beginning')
            self.world.stop(signal.SIGKILL)
            self.assertNotEqual(process.wait(PATIENCE), 0)
        self.assertEqual([p for p in os.listdir(self.world.folder) if p.startswith('out')], [])


class Privacy(Stored):
    def ask_broker(self, verb, **arguments):
        return self.world.ask_broker(verb, arguments)

    def test_what_the_broker_is_told(self):
        self.change = lambda: self.execute("UPDATE sessions SET runner = NULL, state = 'unassigned' WHERE id ="
                                           " (SELECT max(id) FROM sessions)")
        self.start(settings=ANNA + 'PublishHeartRate=no\n' + BEN, mqtt=['Commands=all'])
        here = self.world.ask('sessions', {'limit': 3})['data']['sessions']
        self.assertEqual([(s['runner'], s['trimp'] is None, s['state']) for s in here],
                         [(None, False, 'unassigned'), ('anna', False, 'ended'), ('anna', False, 'ended')])
        there = self.ask_broker('sessions', limit=3)['data']['sessions']
        self.assertEqual([(s['runner'], s['trimp'], s['heart_rate_max_bpm']) for s in there],
                         [('anna', None, None)] * 3)
        self.assertEqual(there[0]['id'], here[1]['id'])
        self.assertEqual({w['trimp'] for w in self.ask_broker('history', runner='anna')['data']['weeks']}, {None})
        self.assertNotIn(None, [w['trimp'] for w in self.world.ask('history', {'runner': 'anna'})['data']['weeks'][:-1]])
        part = self.ask_broker('export', what='everything', runner='anna')['data']['part']
        self.assertNotRegex(part, r'"(trimp|edwards|heart_rate_mean_bpm)":[0-9]')
        self.assertIn('"MaxHeartRate":null', part)
        days = self.ask_broker('export', what='days', runner='anna', format='json')['data']['part']
        self.assertNotRegex(days, r'"trimp":[0-9]')
        file = next(s for s in there if s['id'].endswith('file'))['id']
        error = self.ask_broker('export', what='session', id=file)['error']
        self.assertIn('PublishHeartRate', error['message'])
        self.assertEqual(self.ask_broker('export', what='session', id=here[0]['id'])['error']['argument'], 'id')

    def test_the_broker_may_not_take_away_unless_it_is_said(self):
        self.start()
        self.assertEqual(self.ask_broker('export', what='days', runner='anna')['error']['code'], 'forbidden')
        self.assertEqual(self.ask_broker('sessions', runner='anna')['status'], 'ok')


class OfFiles(Files, Stored):
    def start(self, mqtt=()):
        self.make_world('[HomeAssistant]\nDiscovery=no\n' + ANNA + BEN, clock=20, mqtt=mqtt)
        self.take_files('anna', 'ben')
        self.world.listen()
        self.world.start_ready()

    def session_of(self, name):
        row = self.wait_for(lambda: next(iter(self.world.state.rows(
            "SELECT hash FROM imports WHERE name = ? AND verdict = 'imported'", name)), None), 'the import of ' + name)
        return self.world.state.rows('SELECT * FROM sessions WHERE file = ?', row['hash'])[0]['id']

    def test_a_file_comes_back_as_it_came(self):
        self.start()
        large = gpx(seconds=20000, every=1, heart=140) # of many parts
        self.put('anna/large.gpx', large)
        self.put('anna/packed.gpx.gz', gzip.compress(on_day(1)))
        session = self.session_of('large.gpx')
        self.assertGreater(len(large), 10 * PART_MAX)
        self.assertEqual(self.export('session', 'id=' + session), large)
        self.assertEqual(self.export('session', 'id=' + self.session_of('packed.gpx.gz')), on_day(1))
        hand = self.world.ask('log-run', {'runner': 'anna', 'day': '2024-04-30', 'distance_m': 5000,
                                          'moving_s': 1800})['data']['id']
        self.assertIn('entered by hand', self.export('session', 'id=' + hand, status=1))
        first = self.world.ask('export', {'what': 'session', 'id': session})['data']
        self.assertEqual((first['format'], first['name'], first['encoding'], first['done_of'][1]),
                         ('gpx', 'strided-anna-%s.gpx' % session, 'base64', len(large)))
        self.assertLessEqual(len(first['part']), PART_MAX)
        self.world.stop()  # what was held is gone, and is made again
        self.world.start_ready()
        self.world.wait_control()
        second = self.world.ask('export', {'what': 'session', 'id': session, 'cursor': first['next']})['data']
        whole = base64.b64decode(first['part']) + base64.b64decode(second['part'])
        self.assertEqual(large[:len(whole)], whole)
        other = re.sub('[0-9a-f]{16}$', '0' * 16, first['next'])
        error = self.world.ask('export', {'what': 'session', 'id': session, 'cursor': other})['error']
        self.assertEqual((error['code'], error['argument']), ('bad_argument', 'cursor'))
        Path(str(self.world.state), 'imported', self.copies()[0]).unlink()
        Path(str(self.world.state), 'imported', self.copies()[0]).write_bytes(b'no gzip at all')
        self.world.pass_time(70) # what was held is let go
        for name in ('large.gpx', 'packed.gpx.gz'):
            err = self.export('session', 'id=' + self.session_of(name), status=1)
            self.assertRegex(err, 'is gone|is broken')

    def back_for_ben(self, name, fit):
        """What it comes to as a file of another runner."""
        self.put('ben/' + name, fit)
        row = self.wait_for(lambda: next(iter(self.world.state.rows(
            "SELECT hash FROM imports WHERE name = ? AND runner = 'ben'", name)), None), 'the import of ' + name)
        sessions = self.world.state.rows("SELECT * FROM sessions WHERE file = ? AND runner = 'ben'", row['hash'])
        self.assertEqual(len(sessions), 1)
        return sessions[0]

    def check_same(self, came, back, delta_m):
        for key in ('start_usec', 'end_usec', 'kind', 'sport', 'samples', 'heart_rate_max_bpm'):
            self.assertEqual(back[key], came[key], key)
        self.assertAlmostEqual(back['heart_rate_mean_bpm'], came['heart_rate_mean_bpm'], delta=0.51) # a byte in FIT
        self.assertAlmostEqual(back['distance_m'], came['distance_m'], delta=delta_m)
        self.assertAlmostEqual(back['moving_s'], came['moving_s'], delta=1)
        for key in ('steps', 'cadence_mean_spm', 'ascent_m', 'downhill_drop_m'):
            self.assertEqual(back[key] is None, came[key] is None, key)
            if came[key] is not None:
                self.assertAlmostEqual(back[key], came[key], delta=max(1, 0.01 * came[key]), msg=key)

    def points(self, fit):
        if not shutil.which('gpsbabel'):
            self.skipTest('skipped: no gpsbabel')
        path = Path(self.world.folder) / 'points.fit'
        path.write_bytes(fit)
        read = subprocess.run(['gpsbabel', '-t', '-i', 'garmin_fit,allpoints=1', '-f', str(path), '-o', 'unicsv',
                               '-F', '-'], capture_output=True, text=True, check=True)
        return list(csv.DictReader(io.StringIO(read.stdout)))

    def stored(self, session):
        return self.world.state.rows('SELECT * FROM sessions WHERE id = ?', session)[0]

    def test_a_track_becomes_a_fit_file_that_others_read(self):
        self.start()
        track = gpx(seconds=20000, every=1, heart=140, strides=85, grade=-0.01) # of many parts
        self.put('anna/track.gpx', track)
        session = self.session_of('track.gpx')
        fit = self.export('session', 'id=' + session, 'format=fit')
        self.assertGreater(len(fit), 3 * PART_MAX)
        self.assertEqual(self.export('session', 'id=' + session), track) # and not what is held of it now
        self.assertEqual(self.export('session', 'id=' + session, 'format=fit'), fit)
        first = self.world.ask('export', {'what': 'session', 'id': session, 'format': 'fit'})['data']
        self.assertEqual((first['format'], first['name'], first['done_of'][1]),
                         ('fit', 'strided-anna-%s.fit' % session, len(fit)))
        second = self.world.ask('export', {'what': 'session', 'id': session, 'format': 'fit',
                                           'cursor': first['next']})['data']
        whole = base64.b64decode(first['part']) + base64.b64decode(second['part'])
        self.assertEqual(fit[:len(whole)], whole)
        self.check_same(self.stored(session), self.back_for_ben('track.fit', fit), 1)
        points = self.points(fit)
        self.assertEqual(len(points), 20001)
        for i in (0, 7, 20000):
            self.assertAlmostEqual(float(points[i]['Latitude']), 48 + 3 * i / 111195, delta=2e-6)
            self.assertAlmostEqual(float(points[i]['Longitude']), 9, delta=2e-6)
            self.assertAlmostEqual(float(points[i]['Altitude']), 500 - 0.03 * i, delta=0.3)
            self.assertEqual((float(points[i]['Heartrate']), float(points[i]['Cadence'])), (140, 85))

    def test_what_takes_long_to_make_is_waited_for(self):
        """Whoever asked is told after 15 s that it goes on, and waits on by asking again, as stridectl does."""
        self.start(mqtt=['Commands=all'])
        self.put('anna/track.gpx', gpx(seconds=20000, every=1, heart=140, strides=85, grade=-0.01))
        session = self.session_of('track.gpx')
        self.world.listener.wait('hall/status$', lambda m: m.text == 'online')
        since = self.world.listener.mark()
        self.world.publish('strided/hall/request/export', json.dumps({'what': 'session', 'id': session, 'format': 'fit'}))
        path = Path(self.world.folder) / 'waited.fit'
        shown = lambda text: int((re.findall(r'making it, seconds:  (\d+)', text) or ['0'])[-1])
        with self.world.held_up(self.world.reading_process()):
            self.world.sim.ctl('clock jump 16')
            error = self.world.listener.wait('response/export$', since=since).json['error']
            self.assertEqual((error['code'], 'the same again' in error['allowed']), ('under_way', True))
            terminal = OnTerminal([find_program('stridectl', 'STRIDECTL'), 'export', 'session', 'id=' + session, 'format=fit',
                                   '-o', str(path)], {**os.environ, **self.world.environment(), 'TERM': 'xterm',
                                                      'LC_ALL': 'C.UTF-8'})
            self.addCleanup(terminal.close)
            terminal.wait(lambda text: shown(text) >= 2, 'the seconds')
            self.world.sim.ctl('clock jump 16') # it is told the same, and asks on
            seconds = shown(terminal.text())
            terminal.wait(lambda text: shown(text) > seconds + 2, 'more of them')
        self.assertEqual(terminal.wait_end(), 0)
        self.assertEqual(self.export('session', 'id=' + session, 'format=fit'), path.read_bytes())

    def test_of_a_file_of_two_activities_each_is_a_fit_file(self):
        self.start()
        self.put('anna/two.tcx', two_activities())
        first = self.session_of('two.tcx')
        row = self.stored(first)
        sessions = self.world.state.rows('SELECT * FROM sessions WHERE file = ? ORDER BY start_usec', row['file'])
        self.assertEqual([s['distance_m'] for s in sessions], [900, 1500])
        for i, came in enumerate(sessions):
            fit = self.export('session', 'id=' + came['id'], 'format=fit')
            self.check_same(came, self.back_for_ben('%d.fit' % i, fit), 0.02)
            self.assertEqual(len(self.points(fit)), (301, 501)[i])

    def test_what_is_read_again_is_another_by_now(self):
        """A copy that somebody changed: no other session is given for it."""
        self.start()
        self.put('anna/one.gpx', gpx())
        session = self.session_of('one.gpx')
        copy = Path(str(self.world.state), 'imported', self.copies()[0])
        for data, why in ((on_day(3), 'tells of no such session'), (b'<gpx>', 'tells of no such session'),
                          (b'', 'tells of no such session')):
            copy.write_bytes(gzip.compress(data))
            self.assertIn(why, self.export('session', 'id=' + session, 'format=fit', status=1))
            self.world.pass_time(70) # what was held is let go


class OfRuns(Files, Runs):
    def test_a_run_becomes_a_fit_file_that_others_read(self):
        self.start('pod:P:%s:awake,scenario=steady' % POD, 'strap:S:%s:awake,scenario=steady' % STRAP,
                   config=(ANNA, sensor('pod', POD), sensor('strap', STRAP)))
        self.wait_metres(600)
        opened = self.sessions()[0]['id']
        listed = self.world.ask('sessions', {})['data']['sessions']
        self.assertEqual([(s['id'], s['state']) for s in listed], [(opened, 'running')])
        error = self.world.ask('export', {'what': 'session', 'id': opened})['error']
        self.assertEqual((error['code'], error['argument']), ('not_found', 'id'))
        self.stand('P', 'S')
        self.world.ctl('session', 'stop', 'runner=anna')
        run = self.world.listener.wait('/event$', lambda m: m.json['kind'] == 'session_end').json['body']
        listed = self.world.ask('sessions', {})['data']['sessions']
        self.assertEqual([(s['id'], s['distance_m'], s['trimp']) for s in listed],
                         [(run['id'], run['distance_m'], run['trimp'])])
        path = Path(self.world.folder) / 'run.fit'
        self.assertEqual(self.world.stridectl('export', 'session', 'id=' + run['id'], '-o', str(path))[0], 0)
        again = subprocess.run([*os.environ.get('STRIDED_WRAPPER', '').split(), os.environ['STRIDED'], '--state-dir',
                                str(self.world.state), '--fit', run['id']], capture_output=True, check=True)
        self.assertEqual(path.read_bytes(), again.stdout)
        self.world.ctl('session', 'discard', 'id=' + run['id'])
        status, _, err = self.world.stridectl('export', 'session', 'id=' + run['id'], '-o', str(path) + '2')
        self.assertEqual((status, 'discarded' in err), (1, True), err)
        self.assertEqual(self.world.ask('sessions', {})['data']['sessions'][0]['state'], 'discarded')
        if not shutil.which('gpsbabel'):
            self.skipTest('skipped: no gpsbabel')
        read = subprocess.run(['gpsbabel', '-t', '-i', 'garmin_fit,allpoints=1', '-f', str(path), '-o', 'unicsv',
                               '-F', '-'], capture_output=True, text=True, check=True)
        points = list(csv.DictReader(io.StringIO(read.stdout)))
        metres = sum(float(p['Speed'] or 0) for p in points)
        self.assertAlmostEqual(metres, run['distance_m'], delta=0.08 * metres) # without the first second of the link
        hearts = [float(p['Heartrate']) for p in points if p['Heartrate']]
        self.assertAlmostEqual(sum(hearts) / len(hearts), run['heart_rate_mean_bpm'], delta=2)

    def test_nobodys_run_is_seen_here_and_not_over_the_broker(self):
        self.start('belt:B:%s:awake,scenario=steady' % BELT, config=(ANNA, BEN, sensor('belt', BELT, runner='auto')))
        run = self.wait_session(lambda s: (s['distance_m'] or 0) > 200, 'a run')
        self.assertEqual([s['id'] for s in self.world.ask('sessions', {})['data']['sessions']], [run['id']])
        self.assertEqual(self.world.ask('sessions', {'runner': 'anna'})['data']['sessions'], [])
        self.assertEqual(self.world.ask_broker('sessions', {})['data']['sessions'], [])
        self.stand('B')
        self.world.ctl('session', 'stop', 'id=' + run['id'])
        self.row(run['id'])
        told = self.world.ask('sessions', {})['data']['sessions']
        self.assertEqual([(s['id'], s['runner'], s['state']) for s in told], [(run['id'], None, 'unassigned')])


if __name__ == '__main__':
    run_tests()
