#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Files made to hurt whoever reads them: test_hostile.py ACTIVITY.

Each is refused, or taken as far as it goes, with a reason that a person
understands, and in little memory: the reader runs with an address space of
MEMORY and seconds of CPU, as an import would run it.
"""
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import make_fit  # noqa: E402

ACTIVITY = sys.argv[1]
MEMORY = 32 << 20
CPU_S = 60
# A sanitizer's shadow is terabytes of address space; its build is no measure of memory anyway.
SANITIZED = b'__asan_init' in Path(ACTIVITY).read_bytes()

GPX = '<gpx><trk><type>run</type><trkseg>%s</trkseg></trk></gpx>'
TCX = ('<TrainingCenterDatabase><Activities><Activity Sport="Running">%s</Activity></Activities>'
       '</TrainingCenterDatabase>')


def point(time):
    return '<trkpt lat="50" lon="8"><time>%s</time></trkpt>' % time


def limits():
    if not SANITIZED:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))


class Hostile(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / 'file'

    def read(self):
        run = subprocess.run([ACTIVITY, str(self.path)], capture_output=True, text=True,
                             preexec_fn=limits, check=True)
        return json.loads(run.stdout)

    def assert_reason(self, data, verdict, word):
        self.path.write_bytes(data.encode() if isinstance(data, str) else data)
        got = self.read()
        self.assertEqual(got['verdict'], verdict, got['reason'])
        self.assertIn(word, got['reason'])
        return got

    def test_unreadable_or_empty(self):
        self.assert_reason(b'', 'refused', 'empty')
        self.assert_reason(b'\0' * 5000, 'refused', 'no FIT, GPX or TCX')
        self.assert_reason(b'<html><body>Please log in</body></html>', 'refused', 'no FIT, GPX or TCX')
        self.assert_reason(b'PK\3\4' + bytes(200), 'refused', 'unpacked first')
        self.assert_reason(gzip.compress(b''), 'refused', 'empty')

    def test_the_same_file_in_other_encodings(self):
        text = '<?xml version="1.0" encoding="%s"?>\n<gpx creator="Höhenmesser"><trk><name>Über den Paß</name>' \
               '<type>run</type><trkseg>' + point('2024-05-01T08:00:00Z') + point('2024-05-01T08:00:10Z') + \
               '</trkseg></trk></gpx>'
        wanted = self.assert_reason((text % 'UTF-8').encode(), 'ok', '')
        for declared, codec in (('UTF-8', 'utf-8-sig'), ('utf-16', 'utf-16'), ('UTF-16LE', 'utf-16-le'), ('UTF-16', 'utf-16-be'),
                                ('utf-16', 'utf-8'), ('UTF-8', 'utf-16'), ('ISO-8859-1', 'latin-1'), ('windows-1252', 'cp1252')):
            self.assertEqual(self.assert_reason((text % declared).encode(codec), 'ok', ''), wanted, (declared, codec))
        for declared, codec in (('ISO-8859-15', 'iso8859-15'), ('windows-1250', 'cp1250')):  # of the maker's name, its ASCII
            got = self.assert_reason((text % declared).encode(codec), 'ok', '')
            self.assertEqual((got['sessions'], got['product']), (wanted['sessions'], 'H\ufffdhenmesser'), declared)
        for declared, codec in (('UTF-32', 'utf-32'), ('Shift_JIS', 'utf-8'), ('EBCDIC-CP-US', 'utf-8')):
            self.assert_reason((text % declared).encode(codec), 'refused', '' if codec == 'utf-32' else 'UTF-16')

    def pack(self, *pieces):
        """gzip members after each other are one file: how to pack a gigabyte in no time."""
        with self.path.open('wb') as file:
            for piece, times in pieces:
                member = gzip.compress(piece, 6)
                for _ in range(times):
                    file.write(member)

    def test_a_gzip_that_unpacks_to_a_gigabyte(self):
        for head, word in ((b'<gpx>', 'unpacks to more'), (b'<gpx><!--', 'never ends')):
            self.pack((head, 1), (b' ' * (16 << 20), 64))
            self.assertLess(self.path.stat().st_size, 2 << 20)
            got = self.read()
            self.assertEqual(got['verdict'], 'refused')
            self.assertIn(word, got['reason'])

    def test_a_billion_laughs(self):
        entities = ''.join('<!ENTITY l%d "%s">' % (i, '&l%d;' % (i - 1) * 10) for i in range(1, 10))
        self.assert_reason('<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY l0 "ha">%s]>' % entities +
                           '<gpx><trk><name>&l9;</name></trk></gpx>', 'refused', 'document type')

    def test_an_entity_of_a_file(self):
        self.assert_reason('<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
                           '<gpx><trk><name>&x;</name></trk></gpx>', 'refused', 'document type')

    def test_a_size_of_4_gigabytes(self):
        got = self.assert_reason(make_fit.four_gigabytes(), 'trouble', 'cut off')
        self.assertEqual(got['samples'], 61)

    def test_times_of_1970_and_2106(self):
        for year, why in ('1970', 'before the year 2000'), ('2106', 'in the future'):
            self.assert_reason(GPX % point(year + '-01-01T00:00:00Z'), 'undated', why)
        good = ''.join(point('2020-01-01T10:00:%02dZ' % s) for s in range(10))
        got = self.assert_reason(GPX % (good + point('2106-01-01T00:00:00Z')), 'ok', '')
        self.assertEqual(got['sessions'][0]['records']['timer_s'], 9)

    def test_negative_distances(self):
        lap = ('<Lap StartTime="2020-01-01T10:00:00Z"><TotalTimeSeconds>-1</TotalTimeSeconds>'
               '<DistanceMeters>-1000</DistanceMeters><Track>%s</Track></Lap>')
        points = ''.join('<Trackpoint><Time>2020-01-01T10:00:%02dZ</Time><DistanceMeters>%d'
                         '</DistanceMeters></Trackpoint>' % (s, -100 * s) for s in range(10))
        session = self.assert_reason(TCX % (lap % points), 'ok', '')['sessions'][0]
        self.assertNotIn('distance_m', session['stated'])
        self.assertNotIn('timer_s', session['stated'])
        self.assertEqual(session['records']['distance_m'], 0)

    def test_ten_million_points(self):
        self.pack((b'<gpx><trk><trkseg>', 1), (b'<trkpt lat="1" lon="2"/>' * 100000, 100),
                  (b'</trkseg></trk></gpx>', 1))
        got = self.read()
        self.assertEqual(got['verdict'], 'refused')
        self.assertIn('2,000,000 points', got['reason'])

    def test_elements_without_end(self):
        self.assert_reason('<gpx>' + '<a>' * 100000, 'refused', 'never ends')
        self.assert_reason('<gpx a="' + 'x' * 2000000, 'refused', 'never ends')

    def test_everything_cut_at_every_byte(self):
        whole = make_fit.simple()
        for length in range(0, len(whole), 61):
            self.path.write_bytes(whole[:length])
            self.assertIn(self.read()['verdict'], ('refused', 'trouble'))


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0]])
