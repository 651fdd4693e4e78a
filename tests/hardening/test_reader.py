#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The process that reads a file: test_reader.py STRIDED BURGLAR

A decoder that a file has taken over tries every way out (burglar.c is preloaded into the process, and acts in its
place once it has given up its rights); and files of each kind are read for all that."""
import datetime
import glob
import gzip
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'activity'))
import make_fit  # noqa: E402

STRIDED, BURGLAR = '', ''
ORDERS = 'newest=1900000000000000,barometric=0,sex=2,max=190,rest=50,born=1985,cadence=nan,speed=nan'
PATIENCE = 60
LARGE, FULL = 2, 3 # daemon/import/read.h
GPX = '<?xml version="1.0"%s?><gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><name>Höhe</name><trkseg>%s</trkseg></trk></gpx>'
TCX = ('<?xml version="1.0"?><TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">'
       '<Activities><Activity Sport="Running"><Id>2024-05-01T08:00:00Z</Id><Lap StartTime="2024-05-01T08:00:00Z"><Track>%s'
       '</Track></Lap></Activity></Activities></TrainingCenterDatabase>')
LEADS = {'HOME': '/root', 'DBUS_SYSTEM_BUS_ADDRESS': 'unix:path=/run/dbus/system_bus_socket'}


def times():
    return [(n, (datetime.datetime(2024, 5, 1, 8) + datetime.timedelta(seconds=n)).strftime('%Y-%m-%dT%H:%M:%SZ'))
            for n in range(0, 3600, 2)]


def gpx(encoding='UTF-8', declared=''):
    points = ''.join('<trkpt lat="%.6f" lon="9"><ele>%d</ele><time>%s</time></trkpt>' % (48 + n * 3 / 111195, 400 + n / 10, at)
                     for n, at in times())
    return (GPX % (declared, points)).encode(encoding)


def tcx():
    return (TCX % ''.join('<Trackpoint><Time>%s</Time><DistanceMeters>%d</DistanceMeters></Trackpoint>' % (at, 3 * n)
                          for n, at in times())).encode()


def read(data, preload=None):
    """(exit status, what it wrote) of the process."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        done = subprocess.run([STRIDED, '--read-activity', ORDERS], stdin=file, capture_output=True, timeout=PATIENCE,
                              env={**LEADS, 'LD_PRELOAD': preload} if preload else {})
        assert os.fstat(file.fileno()).st_size == len(data)
    return done.returncode, done.stdout


@unittest.skipIf(len(sys.argv) > 1 and b'__asan_init' in Path(sys.argv[1]).read_bytes(),
                 'skipped: a sanitizer needs more than a reader may')
class Reader(unittest.TestCase):
    def test_there_is_no_way_out(self):
        status, said = read(gpx(), BURGLAR)
        tried = dict(line.split(': ') for line in said.decode().splitlines())
        self.assertEqual((status, len(tried)), (42, 22), tried)
        self.assertEqual({what: how for what, how in tried.items() if how != 'EPERM'}, {})
        self.assertEqual(glob.glob('/tmp/strided-burglar*'), [])

    def test_each_kind_of_file_is_read_for_all_that(self):
        kinds = {'FIT': make_fit.simple(), 'GPX': gpx(), 'TCX': tcx(), 'UTF-16': gpx('UTF-16'),
                 'a code page': gpx('cp1252', ' encoding="windows-1252"')}
        kinds.update({name + ', packed': gzip.compress(data) for name, data in kinds.items()})
        for name, data in kinds.items():
            with self.subTest(name):
                status, said = read(data)
                self.assertEqual(status, 0)
                self.assertNotIn(b'Refused', said)

    def fit(self, data, out, second=0, place=-1, newest=1900000000000000, barometric=0):
        with tempfile.TemporaryFile() as file:
            file.write(data)
            return subprocess.run([STRIDED, '--read-activity', 'fit=%d,place=%d,newest=%d,barometric=%d' % (
                (1714550400 + second) * 1000000, place, newest, barometric)], stdin=file, stdout=out, timeout=PATIENCE,
                env={}).returncode

    def made(self, data, **orders):
        with tempfile.TemporaryFile() as out:
            self.assertEqual(self.fit(data, out, **orders), 0)
            out.seek(0)
            return out.read()

    def test_of_two_that_began_at_once_it_is_told_which(self):
        def activity(sport, metres):
            return ('<Activity Sport="%s"><Lap StartTime="2024-05-01T08:00:00Z"><Track>%s</Track></Lap></Activity>' % (
                sport, ''.join('<Trackpoint><Time>%s</Time><DistanceMeters>%d</DistanceMeters></Trackpoint>' % (at, metres * n)
                               for n, at in times()[:100])))
        two = '<TrainingCenterDatabase><Activities>%s</Activities></TrainingCenterDatabase>' % (
            activity('Running', 3) + activity('Biking', 7))
        alone = ['<TrainingCenterDatabase><Activities>%s</Activities></TrainingCenterDatabase>' % activity(*one)
                 for one in (('Running', 3), ('Biking', 7))]
        for place in (0, 1):
            self.assertEqual(self.made(two.encode(), place=place), self.made(alone[place].encode()))
            self.assertGreater(len(self.made(alone[place].encode())), 1000)
        self.assertEqual(self.made(two.encode()), b'', 'nobody knows which')
        self.assertEqual(self.made(two.encode(), place=2), b'')

    def test_the_runner_knows_what_measured_the_heights(self):
        self.assertGreater(len(self.made(gpx(), barometric=1)), len(self.made(gpx())), 'it says whence they are')
        self.assertEqual(self.made(tcx(), barometric=1), self.made(tcx()), 'it has none')

    def test_of_a_file_that_is_refused_there_is_none(self):
        self.assertEqual(self.made(gpx(), newest=1714550399000000), b'')
        for data in (b'no activity', b''):
            self.assertEqual(self.made(data), b'')

    def test_a_session_becomes_a_fit_file(self):
        with tempfile.TemporaryFile() as out:
            for data in (gpx(), tcx(), gzip.compress(gpx('UTF-16'))):
                out.truncate(0)
                out.seek(0)
                self.assertEqual(self.fit(data, out), 0)
                out.seek(0)
                made = out.read()
                self.assertEqual((made[8:12], int.from_bytes(made[4:8], 'little') + 16), (b'.FIT', len(made)))
                out.truncate(0)
                out.seek(0)
                self.assertEqual(self.fit(data, out, second=1), 0)
                self.assertEqual(os.fstat(out.fileno()).st_size, 0, 'of no session there is no file')

    def test_what_cannot_be_written_whole_is_said_to_be_none(self):
        with open('/dev/full', 'wb') as full:
            self.assertEqual(self.fit(gpx(), full), FULL)
        with tempfile.TemporaryFile() as out:
            out.seek((64 << 20) - 100) # of all that it may write there
            self.assertEqual(self.fit(gpx(), out), LARGE)
            self.assertLessEqual(os.fstat(out.fileno()).st_size, 64 << 20)

    def test_a_file_that_is_none_is_refused_by_it(self):
        status, said = read(b'no activity')
        self.assertEqual(status, 0)
        self.assertIn(b'Refused: ', said)


if __name__ == '__main__':
    STRIDED, BURGLAR = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1], verbosity=2)
