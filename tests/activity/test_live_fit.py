#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Recorded sessions as FIT files, in other people's hands: test_live_fit.py STRIDED ACTIVITY REPLAY_FOLDER.

The recordings are those of the replay tests, whose totals stand beside them. Garmin's reader
(@garmin/fitsdk) gives the totals the file states; gpsbabel reads the points, and their totals are
added up here. What there is not is skipped (test_other_readers.py says whence they come).
"""
import csv
import datetime
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
STRIDED, ACTIVITY, REPLAY = (Path(word).resolve() for word in sys.argv[1:4])
STORIES = ('steady', 'belt_and_pod', 'belt_tilts', 'down_a_route', 'down_by_air', 'dropout_bridged', 'incline_by_hand',
           'pause', 'power_and_air', 'walk', 'two_boots')
WALL = 1795221600  # when each of the stories begins
ALTITUDE_M = 0.1  # FIT has steps of 0.2 m; pressure's are 1 cm


def route(metres):
    return 300 - 0.06 * min(max(metres - 1000, 0), 1500)


# What was told of the ground at a second, as the stories say it: heights a second before they are used,
# as the next packet of the pod makes the point. None: nobody spoke.
HEIGHTS = {
    'down_by_air': lambda s: None if s < 1 else
    400 - 0.15 * min(max(s - 1 - 600, 0), 600) + 0.15 * max(s - 1 - 1200, 0),
    'power_and_air': lambda s: None if s < 1 else 100 + 2.5 * min(s - 1, 200) * 0.05,
    'down_a_route': lambda s: None if s < 1 else route(2.5 * s),
}
GRADES = {
    'belt_tilts': lambda s: 0 if s <= 600 else -8,
    'incline_by_hand': lambda s: -10 if 300 < s <= 600 else 0,  # said behind the packet of that second
}
# The source an import names: that of a file's own grade has no more of a name.
SOURCES = {'belt': 'belt', 'barometer': 'barometer', 'route': 'route', 'configured': 'file', 'incline': 'file'}


def other_readers():
    """The tests beside this one know where Garmin's reader is; they take their words from argv."""
    argv, sys.argv = sys.argv, [sys.argv[0], str(ACTIVITY), str(HERE.parents[1])]
    spec = importlib.util.spec_from_file_location('other_readers', HERE / 'test_other_readers.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.argv = argv
    return module


def result(story):
    """The figures of the session as the replay prints them."""
    line = (REPLAY / (story + '.expected')).read_text().splitlines()[-1]
    assert line.startswith('session '), story
    return dict(word.split('=', 1) for word in line.split()[1:])


class LiveFit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.state = Path(cls.folder.name)
        (cls.state / 'sessions').mkdir()
        subprocess.run([sys.executable, str(REPLAY / 'make.py'), str(cls.state / 'sessions')], check=True)
        cls.written = {story: cls.write(story) for story in STORIES}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def run_fit(cls, session):
        return subprocess.run([*os.environ.get('STRIDED_WRAPPER', '').split(), str(STRIDED), '--state-dir',
                               str(cls.state), '--fit', session], capture_output=True, check=False)

    @classmethod
    def write(cls, story):
        run = cls.run_fit(story)
        assert run.returncode == 0 and not run.stderr, (story, run.stderr)
        path = cls.state / (story + '.fit')
        path.write_bytes(run.stdout)
        return path

    def check_stated(self, story, told, within=0.011):
        """told(key of ours) is what a reader gave for it."""
        stood = result(story)
        for key, scale, delta in (('elapsed_s', 1, within), ('moving_s', 1, within), ('distance_m', 1, within),
                                  ('cadence_mean_spm', 2, within), ('steps', 2, 1)):  # whole strides
            self.assertAlmostEqual(told(key) * scale, float(stood[key]), delta=0.06 + delta, msg=(story, key))
        for key in ('heart_rate_mean_bpm', 'ascent_m'):
            if key in stood:
                self.assertAlmostEqual(told(key), float(stood[key]), delta=0.51, msg=(story, key))
            else:
                self.assertIsNone(told(key), (story, key))

    def test_garmin_reads_the_same_totals(self):
        names = {'elapsed_s': 'elapsed', 'moving_s': 'timer', 'distance_m': 'distance', 'steps': 'cycles',
                 'cadence_mean_spm': 'cadence', 'heart_rate_mean_bpm': 'heart', 'ascent_m': 'ascent'}
        for story, theirs in self.garmin().items():
            self.assertTrue(theirs['whole'], story)
            self.assertEqual(theirs['errors'], [], story)
            self.assertEqual((theirs['maker'], theirs['kind'], theirs['laps']), ('development', 'activity', 1))
            session, = theirs['sessions']
            self.assertEqual(session['sport'], {'run': 'running', 'walk': 'walking'}[result(story)['kind']])
            self.check_stated(story, lambda key: session.get(names[key]))
            self.assertAlmostEqual(theirs['distances'][-1], session['distance'], delta=0.02, msg=story)

    def garmin(self):
        readers = other_readers()
        sdk = readers.sdk_folder()
        if not sdk:
            self.skipTest('skipped: no @garmin/fitsdk (node, npm and a network, or STRIDED_FITSDK)')
        run = subprocess.run(['node', str(HERE / 'read_fit.mjs'), str(sdk), *map(str, self.written.values())],
                             capture_output=True, text=True, check=True)
        return dict(zip(self.written, map(readers.json.loads, run.stdout.splitlines())))

    def check_told(self, story, times, told, truth, within):
        """What stands in the records is what was told in that second, and nothing where nobody spoke."""
        for t, value in zip(times, told):
            wanted = truth(t - WALL)
            if wanted is None:
                self.assertIsNone(value, (story, t - WALL))
            else:
                self.assertIsNotNone(value, (story, t - WALL))
                self.assertAlmostEqual(value, wanted, delta=within, msg=(story, t - WALL))

    def test_garmin_reads_the_ground_as_it_was_told(self):
        for story, theirs in self.garmin().items():
            times = theirs['times']
            self.check_told(story, times, theirs['altitudes'], HEIGHTS.get(story, lambda s: None), ALTITUDE_M + 0.02)
            if story in GRADES:
                self.check_told(story, times[1:-1], theirs['grades'][1:-1], GRADES[story], 0.005)
            session, = theirs['sessions']
            self.assertEqual(session['place'] == 'treadmill', 'belt' in story, story)
            self.assertEqual((session.get('ascent'), session.get('descent')),
                             (theirs['lap'].get('ascent'), theirs['lap'].get('descent')), story)
            stood = result(story)
            if 'downhill_drop_m' in stood:  # these have no drop that is too small to be one
                self.assertAlmostEqual(session['descent'], float(stood['downhill_drop_m']), delta=1, msg=story)

    def test_garmin_reads_the_temperature(self):
        theirs = self.garmin()['power_and_air']
        told = [t for t in theirs['temperatures'] if t is not None]
        self.assertGreater(len(told), 100)
        for degrees in told:  # whole ones
            self.assertAlmostEqual(degrees, 19.5, delta=0.5)
        self.assertIsNone(self.garmin()['steady']['temperatures'][60])

    def test_gpsbabel_reads_points_that_add_up_to_them(self):
        if not shutil.which('gpsbabel'):
            self.skipTest('skipped: no gpsbabel')
        for story, path in self.written.items():
            run = subprocess.run(['gpsbabel', '-t', '-i', 'garmin_fit,allpoints=1', '-f', str(path), '-o',
                                  'unicsv', '-F', '-'], capture_output=True, text=True, check=True)
            points, stood = list(csv.DictReader(io.StringIO(run.stdout))), result(story)
            times = [datetime.datetime.strptime(p['Date'] + p['Time'], '%Y/%m/%d%H:%M:%S') for p in points]
            self.assertEqual(times, sorted(set(times)), story)
            if story != 'walk':  # it was stopped a while after its last packet
                self.assertAlmostEqual((times[-1] - times[0]).total_seconds(), float(stood['elapsed_s']),
                                       delta=1.1, msg=story)
            if story not in ('dropout_bridged', 'two_boots'):  # nobody was heard for a while
                metres = sum(float(p['Speed'] or 0) for p in points)
                self.assertAlmostEqual(metres, float(stood['distance_m']), delta=0.02 * metres, msg=story)
            seconds = [int(t.replace(tzinfo=datetime.timezone.utc).timestamp()) for t in times]
            self.check_told(story, seconds, [float(p['Altitude']) if p.get('Altitude') else None for p in points],
                            HEIGHTS.get(story, lambda s: None), ALTITUDE_M + 0.07)  # it prints tenths
            if 'heart_rate_mean_bpm' in stood:
                hearts = [float(p['Heartrate']) for p in points if p['Heartrate']]
                self.assertAlmostEqual(sum(hearts) / len(hearts), float(stood['heart_rate_mean_bpm']), delta=1)

    def test_we_read_them_ourselves(self):
        for story, path in self.written.items():
            run = subprocess.run([str(ACTIVITY), '--any-date', str(path)], capture_output=True, text=True,
                                 check=True)
            mine = other_readers().json.loads(run.stdout)
            self.assertEqual((mine['verdict'], len(mine['sessions'])), ('ok', 1), story)
            self.assertAlmostEqual(mine['sessions'][0]['records']['distance_m'],
                                   float(result(story)['distance_m']), delta=0.1, msg=story)

    def test_we_find_the_same_hills_in_them(self):
        for story, path in self.written.items():
            run = subprocess.run([str(ACTIVITY), '--any-date', str(path)], capture_output=True, text=True,
                                 check=True)
            session, = other_readers().json.loads(run.stdout)['sessions']
            mine, stood = session['relief'], result(story)
            if 'source.grade' not in stood:
                self.assertEqual((mine['source'], mine.get('downhill_drop_m')), ('', None), story)
                continue
            self.assertEqual(mine['source'], SOURCES[stood['source.grade']], story)
            for ours, theirs, least in (('ascent_m', 'ascent_m', 0.3), ('downhill_drop_m', 'downhill_drop_m', 0.3),
                                        ('downhill_distance_m', 'downhill_distance_m', 3),
                                        ('downhill_s', 'downhill_time_s', 1.1), ('downhill_steps', 'downhill_steps', 5)):
                if theirs in stood:  # a centimetre of way and a fifth of a metre of height are rounded
                    wanted = float(stood[theirs])
                    self.assertAlmostEqual(mine[ours], wanted, delta=max(least, 0.005 * wanted), msg=(story, ours))
            self.assertAlmostEqual(mine['altitude_m'], float(stood['altitude_coverage_pct']) / 100 *
                                   float(stood['distance_m']), delta=0.006 * float(stood['distance_m']), msg=story)
            # the pace on the level: a session takes in the few seconds before it sees that nobody runs any more
            pace = 1000 / mine['graded_speed_m_s']
            self.assertAlmostEqual(pace, float(stood['grade_adjusted_pace_s_per_km']),
                                   delta=(0.01 + 5 / float(stood['elapsed_s'])) * pace, msg=story)

    def test_what_cannot_be_written_is_said(self):
        (self.state / 'sessions' / 'open.rec').write_text('\n'.join(
            line for line in (self.state / 'sessions' / 'steady.rec').read_text().splitlines()
            if not line.startswith('E ')) + '\n')
        (self.state / 'sessions' / 'gone.rec').write_text(
            (self.state / 'sessions' / 'steady.rec').read_text().replace('idle ten', 'discarded ten'))
        (self.state / 'sessions' / 'dateless.rec').write_text(
            (self.state / 'sessions' / 'steady.rec').read_text().replace('synced', 'unset'))
        for session, why in (('open', 'not ended'), ('gone', 'discarded'), ('dateless', 'no clock'),
                             ('nobody-knows-it', 'no recording'), ('../steady', 'no id'), ('', 'no id')):
            run = self.run_fit(session)
            self.assertEqual((run.returncode, run.stdout), (1, b''), session)
            self.assertIn(why, run.stderr.decode(), session)


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0]])
