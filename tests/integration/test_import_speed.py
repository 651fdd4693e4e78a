# SPDX-License-Identifier: MIT
"""What an import costs: time and memory. On real time, with the daemon as it is installed and a broker that
listens. Run alone it prints its figures, which `meson test -v import_speed` shows too."""
import fcntl
import gzip
import os
import select
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from harness import find_program
from files import SHARED
from world import Case, run_tests

FILES = SHARED / 'activities'
BUSY = 2 # times slower may a program be that shares core and caches with the other tests
TRIES = 3 # others come and go between the two readings
PEAK_KIB = 8 << 10 # of the process that reads; most of it are libraries
F_SETPIPE_SZ = 1031 # fcntl.F_SETPIPE_SZ, from Python 3.10 on
ORDERS = 'newest=1900000000000000,barometric=0,sex=2,max=190,rest=50,born=1985,cadence=nan,speed=nan'


@unittest.skipUnless((SHARED / 'expected.json').exists(), 'skipped: no shared files')
class ImportSpeed(Case):
    def setUp(self):
        super().setUp()
        program = Path(os.environ['STRIDED']).read_bytes()
        if b'__asan_init' in program or b'__tsan_init' in program or os.environ.get('STRIDED_WRAPPER'):
            self.skipTest('skipped: a sanitizer has a price of its own')
        self.paths = sorted(p for p in FILES.rglob('*') if p.is_file())

    def import_all(self):
        """Seconds from the first verdict to the last, and files and bytes that were read in them."""
        world = self.make_world('[Runner anna]\nSex=male\nMaxHeartRate=190\nRestHeartRate=50\n')
        folder = Path(world.folder) / 'import'
        folder.mkdir()
        for path in self.paths:
            shutil.copy(path, folder)
        world.write_config(world.config_text + '[Import]\nFolder=%s\n' % folder)
        world.listen()
        world.start_ready()
        self.wait_for(lambda: world.state.rows('SELECT count(*) AS n FROM imports')[0]['n'] == len(self.paths) or None,
                      'every verdict')
        rows = world.state.rows('SELECT size, at_usec FROM imports ORDER BY at_usec')
        return (rows[-1]['at_usec'] - rows[0]['at_usec']) / 1e6, len(rows) - 1, sum(r['size'] for r in rows[1:])

    def read_all_with_gpsbabel(self):
        """Seconds in which another program merely reads them, started once a file as ours is. It is given them
        unpacked: most of what is compressed it cannot read."""
        kinds = {'.fit': 'garmin_fit', '.gpx': 'gpx', '.tcx': 'gtrnctr'}
        with tempfile.TemporaryDirectory() as folder:
            plain = []
            for i, path in enumerate(self.paths):
                packed = path.suffix == '.gz'
                plain.append(Path(folder) / ('%d%s' % (i, Path(path.stem).suffix.lower() if packed else path.suffix)))
                plain[-1].write_bytes(gzip.decompress(path.read_bytes()) if packed else path.read_bytes())
            begun = time.monotonic()
            for path in plain:
                subprocess.run(['gpsbabel', '-i', kinds[path.suffix], '-f', str(path)], check=False,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            return time.monotonic() - begun, sum(p.stat().st_size for p in plain)

    def compare(self):
        """How many times as fast as the other program."""
        took, n, size = self.import_all()
        print('import: %.1f files/s, %.2f MB/s (%d files, %.1f MB, %.2f s)' % (
            n / took, size / took / 1e6, n, size / 1e6, took))
        theirs, unpacked = self.read_all_with_gpsbabel()
        print('import: gpsbabel merely reads %.1f files/s (unpacked they are %.1f MB)' % (
            len(self.paths) / theirs, unpacked / 1e6))
        return n / took / (len(self.paths) / theirs)

    @unittest.skipUnless(shutil.which('gpsbabel'), 'skipped: no gpsbabel to compare with')
    def test_files_come_in_as_fast_as_another_program_reads_them(self):
        ratios = [self.compare()]
        while ratios[-1] < 1 / BUSY and len(ratios) < TRIES:
            ratios.append(self.compare())
        self.assertGreater(ratios[-1], 1 / BUSY, ratios)

    def test_the_largest_file_takes_little_memory(self):
        path = max(self.paths, key=lambda p: p.stat().st_size)
        out, into = os.pipe()
        fcntl.fcntl(into, F_SETPIPE_SZ, 4096) # less than a report has: who writes one waits with it
        with open(path, 'rb') as f:
            reading = subprocess.Popen([find_program('strided', 'STRIDED'), '--read-activity', ORDERS], stdin=f,
                                       stdout=into)
        os.close(into)
        with open(out, 'rb') as report:
            self.assertTrue(select.select([report], [], [], 60)[0])
            status = Path('/proc/%d/status' % reading.pid).read_text()
            self.assertGreater(len(report.read()), 4096)
        self.assertEqual(reading.wait(), 0)
        peak = {line.split(':')[0]: int(line.split()[1]) for line in status.splitlines() if line.startswith(('Vm', 'Rss'))}
        print('import: the largest file (%s, %.1f MB) is read with at most %.1f MB resident, %.1f MB anonymous at the end' % (
            path.name, path.stat().st_size / 1e6, peak['VmHWM'] / 1024, peak['RssAnon'] / 1024))
        self.assertLess(peak['VmHWM'], PEAK_KIB)


if __name__ == '__main__':
    run_tests()
