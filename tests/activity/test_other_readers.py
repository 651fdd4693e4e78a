#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Our FIT files in other people's hands: gpsbabel, and Garmin's own reader.

test_other_readers.py ACTIVITY SOURCE_ROOT. gpsbabel is Debian's. Garmin's is the npm package
@garmin/fitsdk: that of STRIDED_FITSDK, else fetched once by npm into the folder of the build. What
there is not is skipped.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ACTIVITY = Path(sys.argv[1]).resolve()
SHARED = Path(os.environ.get('STRIDED_SHARED') or Path(sys.argv[2]) / '..' / 'shared') / 'data'
SDK = '@garmin/fitsdk@21.217.0'

sys.path.insert(0, str(HERE))
import make_fit  # noqa: E402

# What is written anew and read by all: our own fixtures, and real files where there are any.
REAL = ['fr955-stryd-run.fit', 'suunto9baro-trail-pauses.fit', 'fr920xt-triathlon.fit',
        'compressed-timestamps-hronly.fit', 'two-activities.tcx', 'garmin-connect-hr-cad.gpx',
        'treadmill-fr945.tcx', 'strava-bulk-export.fit.gz']
# Garmin's reader has no compressed timestamps, and merges a strap's heart rate into the records.
NOT_SDK = {'compressed_times', 'strap_loaded', 'never_closed', 'four_gigabytes', 'wrong_checksum'}


def sdk_folder():
    if not shutil.which('node'):
        return None
    if os.environ.get('STRIDED_FITSDK'):
        return Path(os.environ['STRIDED_FITSDK'])
    folder = ACTIVITY.parent / 'fitsdk'
    package = folder / 'node_modules' / '@garmin' / 'fitsdk'
    if not package.exists() and shutil.which('npm'):
        folder.mkdir(exist_ok=True)
        try:
            subprocess.run(['npm', 'install', '--silent', '--no-audit', '--no-fund',
                            '--fetch-retries', '0', '--prefix', str(folder), SDK],
                           capture_output=True, timeout=60, check=False)
        except subprocess.TimeoutExpired:
            pass
    return package if (package / 'src').exists() else None


def ours(path):
    run = subprocess.run([ACTIVITY, '--any-date', str(path)], capture_output=True, text=True,
                         check=True)
    return json.loads(run.stdout)


def facts(path, kind):
    run = subprocess.run([ACTIVITY, '--facts', str(path)], capture_output=True, text=True, check=True)
    return [line.split() for line in run.stdout.splitlines() if line.startswith(kind + ' ')]


class Readers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.made, cls.written = {}, {}
        for name, make in make_fit.VARIANTS.items():
            cls.made[name] = Path(cls.folder.name) / (name + '.fit')
            cls.made[name].write_bytes(make())
        sources = {name: path for name, path in cls.made.items() if name != 'course'}
        sources.update({name: SHARED / 'activities' / name for name in REAL
                        if (SHARED / 'activities' / name).exists()})
        for name, source in sources.items():
            cls.written[name] = Path(cls.folder.name) / ('written-%s.fit' % name)
            subprocess.run([ACTIVITY, '--write', str(cls.written[name]), str(source)], check=True)
        cls.sources = sources

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def sdk(self, paths):
        if not SDK_FOLDER:
            self.skipTest('skipped: no @garmin/fitsdk (node, npm and a network, or STRIDED_FITSDK)')
        run = subprocess.run(['node', str(HERE / 'read_fit.mjs'), str(SDK_FOLDER), *map(str, paths)],
                             capture_output=True, text=True, check=True)
        return [json.loads(line) for line in run.stdout.splitlines()]

    def babel(self, path):
        if not shutil.which('gpsbabel'):
            self.skipTest('skipped: no gpsbabel')
        run = subprocess.run(['gpsbabel', '-t', '-i', 'garmin_fit', '-f', str(path), '-o', 'gpx',
                              '-F', '-'], capture_output=True, text=True, check=True)
        return len(re.findall('<trkpt', run.stdout))

    def same(self, mine, theirs, within, what):
        if mine is None or theirs is None:
            self.assertIs(mine, theirs, what)
        else:
            self.assertAlmostEqual(mine, theirs, delta=within, msg=what)

    def check_sessions(self, name, mine, theirs):
        self.assertEqual(len(mine['sessions']), len(theirs['sessions']), name)
        for session, other in zip(mine['sessions'], theirs['sessions']):
            stated = session['stated']
            for key, theirs_key, within in (('timer_s', 'timer', .001), ('distance_m', 'distance', .01),
                                            ('heart_rate_mean_bpm', 'heart', .5),
                                            ('cycles_mean_per_min', 'cadence', .01),
                                            ('ascent_m', 'ascent', .5), ('descent_m', 'descent', .5)):
                self.same(stated.get(key), other.get(theirs_key), within, (name, key))

    def test_garmin_reads_in_our_fixtures_what_we_do(self):
        names = [name for name in self.made if name not in NOT_SDK]
        for name, theirs in zip(names, self.sdk(self.made[name] for name in names)):
            self.assertTrue(theirs['whole'], name)
            self.assertEqual(theirs['errors'], [], name)
            mine = ours(self.made[name])
            if name == 'course':
                self.assertEqual((mine['verdict'], theirs['kind']), ('kind', 'course'))
                continue
            self.assertEqual(mine['samples'], theirs['records'], name)
            if mine['sessions'][0]['stated']['is']:
                self.check_sessions(name, mine, theirs)
            for sample, heart, distance in zip(facts(self.made[name], 'sample'), theirs['hearts'],
                                               theirs['distances']):
                self.same(None if sample[9] == 'nan' else float(sample[9]), heart, 0, name)
                self.same(None if sample[6] == 'nan' else float(sample[6]), distance, .011, name)

    def test_garmin_reads_what_we_write(self):
        names = list(self.written)
        for name, theirs in zip(names, self.sdk(self.written.values())):
            with self.subTest(name):
                self.assertTrue(theirs['whole'])
                self.assertEqual(theirs['errors'], [])
                self.assertEqual((theirs['maker'], theirs['kind']), ('development', 'activity'))
                mine = ours(self.sources[name])
                timed = [s for s in facts(self.sources[name], 'sample') if s[2] != 'nan']
                self.assertEqual(theirs['records'], len(timed))
                if mine['sessions'][0]['stated']['is']:
                    self.check_sessions(name, mine, theirs)
                    self.assertEqual(theirs['activity']['numSessions'], len(mine['sessions']))

    def test_gpsbabel_reads_what_we_write(self):
        for name, path in self.written.items():
            places = [s for s in facts(path, 'sample') if s[3] != 'nan']
            if places:
                self.assertEqual(self.babel(path), len(places), name)

    def test_we_read_what_we_write(self):
        for name, path in self.written.items():
            before, after = ours(self.sources[name]), ours(path)
            self.assertEqual(after['verdict'], 'ok', name)
            self.assertEqual(len(before['sessions']), len(after['sessions']), name)
            for one, other in zip(before['sessions'], after['sessions']):
                if one['stated']['is']:
                    self.assertEqual(one['sport'], other['sport'], name)
                for key in ('distance_m', 'timer_s', 'heart_rate_mean_bpm'):
                    if key == 'heart_rate_mean_bpm' and name == 'strap_loaded':
                        continue  # beats are not samples
                    self.same(one['records'].get(key), other['records'].get(key),
                              0.01 * one['records'].get(key, 0) + 1, (name, key))


if __name__ == '__main__':
    SDK_FOLDER = sdk_folder()
    print('gpsbabel: %s, @garmin/fitsdk: %s' % (
        'there' if shutil.which('gpsbabel') else 'skipped, not there',
        'there' if SDK_FOLDER else 'skipped, not there'))
    unittest.main(argv=[sys.argv[0]])
