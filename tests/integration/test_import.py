# SPDX-License-Identifier: MIT
"""Files that come in, through the whole daemon: from the folder to rows, kept copies and events. What
lies in the database and in the state folder is the witness; most files are made here, by the minute."""
import contextlib
import datetime
import gzip
import hashlib
import importlib.util
import json
import math
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from files import ANNA, DAY, RATE, SHARED, Folder, gpx, on_day
from harness import find_program
from world import POD, run_tests, sensor

SOURCE = Path(os.environ['STRIDED_SOURCE_ROOT'])
AIR = 'C0:DE:00:00:00:05'
BEN = '[Runner ben]\n'


def second_of(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).replace(microsecond=0)


def endless(head, block, times):
    """gzip of a head and of the block so many times: members after each other are one file."""
    return gzip.compress(head) + gzip.compress(block * 1000, 9) * (times // 1000)


class Import(Folder):
    # ---- a file ----

    def test_a_file_becomes_a_session_and_is_told(self):
        self.start()
        data = gpx(heart=140)
        path = self.put('anna/lauf ä.gpx', data)
        told = self.wait_told(path.name)
        self.assertEqual((told['runner'], told['body']['verdict'], told['body']['reason']),
                         ('anna', 'imported', None))
        session, = told['body']['sessions']
        self.assertEqual((session['kind'], session['sport'], session['day'], session['start'],
                          session['counts'], session['instead']),
                         ('run', 'running', '2024-05-01', '2024-05-01T08:00:00Z', True, None))
        self.assertAlmostEqual(session['distance_m'], 1800, delta=10)
        row, = self.sessions()
        self.assertEqual((row['id'], row['heart_rate_mean_bpm'], row['state'], row['source_distance'],
                          row['utc_offset_s'], row['samples']),
                         (session['id'], 140, 'ended', 'file', 3600, 61))
        self.assertIsNone(row['downhill_drop_m'])  # nothing is known of it, and that is no 0
        name = hashlib.sha256(data).hexdigest()
        self.assertEqual(self.copies(), ['anna/' + name + '.gz'])
        with gzip.open(Path(self.world.state.path) / 'imported' / 'anna' / (name + '.gz')) as f:
            self.assertEqual(f.read(), data)
        self.assertEqual(path.read_bytes(), data)  # left where it is
        listed, = self.world.ctl('imports')['data']['imports']
        self.assertEqual((listed['file'], listed['runner'], listed['verdict'], listed['sessions']),
                         (path.name, 'anna', 'imported', 1))
        status, out, _ = self.world.stridectl('imports')
        self.assertEqual(status, 0)
        self.assertIn(path.name, out)

    def test_an_archive_is_unpacked_with_its_folders(self):
        """As unzip does it: the folders come after the daemon, and beside the runs lies what is none."""
        self.start(after='move')
        (self.folder / 'anna' / 'export_1' / 'activities').mkdir(parents=True)
        (self.folder / 'anna' / 'export_1' / 'routes').mkdir()
        self.put('anna/export_1/activities/1.gpx', gpx())
        self.put('anna/export_1/activities/2.gpx.gz', gzip.compress(on_day(1)))
        self.put('anna/export_1/routes/way.gpx', on_day(2))
        self.put('anna/export_1/activities.csv', b'Activity ID,Activity Date')
        self.put('anna/export_1/UploadedFiles_0-_Part1.zip', b'PK\3\4' + bytes(26))
        one = self.wait_import('export_1/activities/1.gpx')
        two = self.wait_import('export_1/activities/2.gpx.gz')
        self.assertEqual((one['runner'], one['verdict'], two['verdict']), ('anna', 'imported', 'imported'))
        self.assertIn('unpacked first', self.wait_import('export_1/UploadedFiles_0-_Part1.zip')['reason'])
        self.assertIn('no FIT, GPX or TCX', self.wait_import('export_1/activities.csv')['reason'])
        self.wait_for(lambda: not list(self.folder.glob('anna/export_1/activities/*.gp*')) or None, 'moved')
        self.assertEqual(sorted(p.name for p in self.folder.glob('anna/export_1/activities/done/*')),
                         ['1.gpx', '2.gpx.gz'])
        self.assertIn('export_1/activities/1.gpx', [i['file'] for i in self.world.ctl('imports')['data']['imports']])
        self.assertEqual(self.wait_told('export_1/activities/1.gpx')['body']['verdict'], 'imported')
        self.assertTrue((self.folder / 'anna/export_1/routes/way.gpx').exists())
        self.assertFalse([p for p in self.world.problems() if 'import' in p])
        deep = self.folder / 'anna' / 'export_1' / 'activities' / '2024'
        deep.mkdir()
        said = 'The subfolder anna/export_1/activities/2024 of the import folder lies too deep: no file is read there'
        self.wait_for(lambda: said in self.world.problems() or None, said)
        deep.rmdir()
        self.wait_for(lambda: said not in self.world.problems() or None, 'all well')
        self.assertEqual(len(self.sessions()), 2)
        self.world.stop()
        self.world.start_ready()  # what is known under its way is not read again
        self.put('anna/last.gpx', on_day(5))
        self.wait_import('last.gpx')
        self.assertEqual(len(self.imports()), 5)

    def test_a_person_sees_how_far_many_files_are(self):
        self.start()
        for day in range(25):
            self.put('anna/%d.gpx' % day, on_day(day))
        self.wait_for(lambda: self.world.ctl('imports')['data']['waiting'] > 10 or None, 'files that wait')
        said, status = self.world.stridectl_on_terminal('imports')
        self.assertEqual(status, 0, said)
        self.assertRegex(said, r'\rfiles  .* \d+ %  \d+ of \d+')
        table = re.sub(r'\x1b\[\d*m', '', said.split('\x1b[K')[-1])
        self.assertEqual(table.count(' imported '), 25, 'and then the table')
        self.assertEqual(self.world.ctl('imports')['data']['waiting'], 0)

    def test_the_heart_load_of_a_file_is_of_its_runner(self):
        ben = '[Runner ben]\nSex=male\nMaxHeartRate=200\nRestHeartRate=60\n'
        self.start(ANNA + ben)
        self.put('anna/one.gpx', gpx(heart=140))
        self.put('ben/one.gpx', on_day(1, heart=140))
        self.wait_imports(2)
        anna, ben = self.sessions()
        self.assertEqual((anna['runner'], anna['trimp'], anna['edwards'], anna['zone3_s']),
                         ('anna', None, None, None))  # of her nothing is known: that is no 0
        reserve = 80 / 140
        self.assertAlmostEqual(ben['trimp'], 10 * reserve * 0.64 * math.exp(1.92 * reserve), places=3)
        self.assertAlmostEqual(ben['edwards'], 30, places=3)
        self.assertEqual((ben['zone2_s'], ben['zone3_s'], ben['heart_rate_max_bpm']), (0, 600, 140))

    def test_a_lost_database_loses_no_run(self):
        self.start(ANNA + BEN, after='delete')
        files = {'anna/one.gpx': gpx(), 'anna/two.gpx.gz': gzip.compress(on_day(1)), 'ben/three.gpx': on_day(2),
                 'ben/spoilt.gpx': on_day(3)}
        for name, data in files.items():
            self.put(name, data)
        self.wait_imports(4)
        self.wait_for(lambda: not any((self.folder / name).exists() for name in files) or None, 'the files to go')
        before = {(s['id'], s['runner'], s['day'], s['distance_m']) for s in self.sessions()}
        told = self.told_imports()
        self.world.stop()
        state = Path(self.world.state.path)
        self.world.state.lose_database()
        spoilt = state / 'imported' / 'ben' / (hashlib.sha256(files['ben/spoilt.gpx']).hexdigest() + '.gz')
        spoilt.write_bytes(gzip.compress(on_day(4)))  # whole, and of another run
        (state / 'imported' / 'ben' / 'new').write_bytes(b'left by a kill')
        self.world.start_ready()
        self.wait_imports(3)
        self.world.daemon.wait_log('The kept copy ben/%s cannot be read again: it is not what it was' % spoilt.name)
        self.assertFalse((state / 'imported' / 'ben' / 'new').exists(), 'it takes room, and nobody will ask for it')
        after = {(s['id'], s['runner'], s['day'], s['distance_m']) for s in self.sessions()}
        self.assertEqual(after, {s for s in before if s[2] != '2024-05-04'})
        self.assertEqual(self.told_imports(), told)  # nothing of it is news
        self.put('ben/spoilt.gpx', files['ben/spoilt.gpx'])  # its own file is still taken
        self.wait_import('spoilt.gpx')
        self.assertEqual(spoilt.read_bytes()[:2], b'\x1f\x8b')
        self.assertEqual({s['id'] for s in self.sessions()}, {s[0] for s in before})
        self.world.stop()
        self.world.start_ready()  # and all of them are known again
        self.put('anna/last.gpx', on_day(5))
        self.wait_import('last.gpx')
        self.assertEqual(len(self.imports()), 5)

    def test_files_that_lie_there_are_read_before_their_copies(self):
        self.start()
        self.put('anna/one.gpx', gpx())
        self.wait_imports(1)
        told = self.told_imports()
        self.world.stop()
        self.world.state.lose_database()
        self.world.start_ready()
        self.wait_imports(1)
        self.assertEqual(self.told_imports(), told)
        self.assertEqual(self.imports()[0]['name'], 'one.gpx')  # and not as its copy is called

    def test_a_database_that_cannot_be_read_at_the_start_makes_nothing_new(self):
        self.start()
        self.put('anna/one.gpx', gpx())
        self.wait_imports(1)
        told = self.told_imports()
        before = self.sessions()
        self.world.stop()
        with contextlib.closing(sqlite3.connect(Path(self.world.state.path) / 'strided.db')) as db:
            db.execute('BEGIN IMMEDIATE')
            self.world.start_ready()
            self.world.daemon.wait_log('nothing is imported until the next start')
            self.put('anna/two.gpx', on_day(1))
            db.rollback()
        self.world.daemon.wait_log('is written again')
        self.assertIn('Files are not imported until the next start', json.dumps(self.world.ctl('status')))
        self.world.stop()
        self.world.start_ready()
        self.wait_imports(2)
        self.assertEqual(self.told_imports(), told + ['two.gpx'])
        self.assertEqual(self.sessions()[:1], before)

    def test_a_run_whose_row_is_not_valid_is_read_from_its_copy(self):
        self.start()
        self.put('anna/one.gpx', gpx(heart=140))
        self.wait_imports(1)
        told = self.told_imports()
        before = self.sessions()
        self.world.stop()
        with contextlib.closing(sqlite3.connect(Path(self.world.state.path) / 'strided.db')) as db:
            db.execute('UPDATE sessions SET distance_m = -1')
            db.commit()
        self.world.start_ready()
        self.wait_for(lambda: self.sessions() == before or None, 'the run as it was')
        self.assertEqual(self.told_imports(), told)

    def test_the_steps_of_a_file_are_compared_with_the_weeks_before_it(self):
        self.at(2027, 5, 31, 9, runners=ANNA + 'FileAltitude=barometric\n' + BEN + 'FileAltitude=barometric\n')

        def run(day, **options):
            return gpx(datetime.datetime(2027, 5, day, 8, tzinfo=datetime.timezone.utc), seconds=2400, strides=85,
                       **options)
        for name, data in (('anna/1.gpx', run(1, grade=0)), ('ben/1.gpx', run(20, grade=0, heart=120)),
                           ('anna/2.gpx', run(2, grade=0)), ('anna/3.gpx', run(3, grade=-0.10)),
                           ('anna/4.gpx', run(31, grade=0))):
            self.put(name, data)
            self.wait_told(name.split('/')[1] if name[0] == 'a' else '1.gpx')
        self.wait_imports(5)
        knee = {(s['runner'], s['start_usec'] // 86400000000): s['knee_load_steps'] for s in self.sessions()}
        days = {(r, d - min(k[1] for k in knee)): v for (r, d), v in knee.items()}
        self.assertIsNone(days[('anna', 0)])  # nothing to compare it with, and that is no 0
        self.assertIsNone(days[('ben', 19)])  # nor is hers his
        self.assertAlmostEqual(days[('anna', 1)], 6800, delta=70)  # each step is her own
        self.assertAlmostEqual(days[('anna', 2)], 6800 * 1.34, delta=140)  # 10 % down
        self.assertIsNone(days[('anna', 30)])  # all of that was more than 28 days before
        self.world.stop()
        self.world.start_ready()  # what was learnt of files is kept
        self.put('anna/5.gpx', run(4, grade=0))
        self.wait_imports(6)
        self.assertAlmostEqual(next(s['knee_load_steps'] for s in self.sessions() if s['day'] == '2027-05-04'), 6800,
                               delta=70)

    def test_the_same_bytes_are_one_import(self):
        self.start()
        self.put('anna/one.gpx', gpx())
        self.wait_import('one.gpx')
        self.put('anna/two.gpx', gpx())
        self.put('anna/three.gpx', on_day(1))
        self.wait_import('three.gpx')
        self.assertEqual([r['name'] for r in self.imports()], ['one.gpx', 'three.gpx'])
        self.world.stop()
        self.world.start_ready()  # and after a restart nothing is read again
        self.put('anna/four.gpx', on_day(2))
        self.wait_import('four.gpx')
        self.assertEqual(len(self.imports()), 3)
        self.assertEqual(len(self.sessions()), 3)
        self.assertEqual(len(self.world.daemon.logged('import anna')), 1)

    def test_files_refused_and_the_rest_goes_on(self):
        self.start()
        files = {'empty.fit': (b'', 'empty'), 'text.gpx': (b'hello', 'no FIT'),
                 'zip.gpx': (b'PK\x03\x04' + bytes(50), 'unpack'),
                 'course.tcx': (b'<?xml version="1.0"?><TrainingCenterDatabase><Courses><Course><Name>x'
                                b'</Name></Course></Courses></TrainingCenterDatabase>', 'course'),
                 'undated.gpx': (b'<gpx><trk><trkseg><trkpt lat="1" lon="1"/></trkseg></trk></gpx>', 'when'),
                 '1970.gpx': (gpx(DAY.replace(year=1970)), 'before the year 2000'),
                 '2106.gpx': (gpx(DAY.replace(year=2106)), 'in the future')}
        for name, (data, _) in files.items():
            self.put('anna/' + name, data)
        self.put('anna/good.gpx', gpx())
        self.put('anna/half.gpx', gpx()[:-200])
        for name, (_, word) in files.items():
            told = self.wait_told(name)['body']
            self.assertEqual((told['verdict'], told['sessions']), ('refused', []), name)
            self.assertIn(word, told['reason'], name)
        self.assertEqual(self.wait_told('half.gpx')['body']['verdict'], 'partly')
        self.assertEqual(self.wait_told('good.gpx')['body']['verdict'], 'imported')
        self.assertEqual(len(self.copies()), 2)  # nothing is kept of what was refused

    def test_hostile_files(self):
        self.start()
        head = b'<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
        files = {
            'bomb.gpx.gz': endless(head, b' ' * 1000, 1000000),  # 1 GB of blanks
            'points.gpx.gz': endless(head, b'<trkpt lat="1" lon="1"/>', 10000000),
            'laughs.gpx': b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
                          b'<gpx>&b;</gpx>',
            'outside.gpx': b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
                           b'<gpx>&a;</gpx>',
            'size.fit': b'\x0e\x10\x00\x00\xff\xff\xff\xff.FIT\x00\x00' + bytes(40),
            'tag.gpx': b'<gpx><' + b'a' * 5000000,
        }
        for name, data in files.items():
            self.put('anna/' + name, data)
        with open(self.folder / 'anna' / 'large.fit', 'wb') as f:
            f.truncate((256 << 20) + 1)  # takes no room, and is not read
        self.put('anna/zz.gpx', gpx())
        for name in [*files, 'large.fit']:
            told = self.wait_told(name)['body']
            self.assertEqual((told['verdict'], told['sessions']), ('refused', []), name)
            self.assertTrue(told['reason'].startswith('Refused: '), told['reason'])
        self.assertEqual(self.wait_told('zz.gpx')['body']['verdict'], 'imported')

    def test_the_reading_process_is_held_to_its_limits(self):
        head = b'<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
        with tempfile.TemporaryFile() as bomb:
            bomb.write(endless(head, b' ' * 1000, 1000000))  # takes long enough to be looked at
            bomb.seek(0)
            program = find_program('strided', 'STRIDED')
            sanitized = b'__asan_init' in Path(program).read_bytes()  # it needs more than a reader does
            orders = 'newest=1900000000000000,barometric=0,sex=0,max=0,rest=0,born=0,cadence=nan,speed=nan'
            reading = subprocess.Popen([program, '--read-activity', orders], stdin=bomb, stdout=subprocess.PIPE)
            last = 'Max cpu time' if sanitized else 'Max address space'
            limits = self.wait_for(lambda: self.limits_of(reading.pid, last), 'its limits')
            peak, status = 0, 'VmHWM: 0 kB'
            while 'VmHWM' in status:  # what it says last, before it is gone
                peak = int(re.search(r'VmHWM:\s+(\d+) kB', status)[1])
                status = Path('/proc/%d/status' % reading.pid).read_text()
            report = reading.communicate()[0]
        self.assertEqual((limits['Max cpu time'], limits['Max file size'], limits['Max core file size']),
                         ('20', '0', '0'))
        self.assertEqual(reading.returncode, 0)
        self.assertIn(b'Refused: ', report)
        if not sanitized:
            self.assertEqual((limits['Max data size'], limits['Max open files'], limits['Max processes']),
                             (str(64 << 20), '3', '0'))
            self.assertTrue(0 < peak < 16 << 10, '%d KiB' % peak)

    def limits_of(self, pid, last):
        """Those that are set; None: it has not come so far."""
        with open('/proc/%d/limits' % pid) as f:
            rows = [re.split('  +', line.strip()) for line in f][1:]
        limits = {row[0]: row[1] for row in rows if row[1] == row[2] != 'unlimited'}
        return limits if last in limits else None

    def test_a_link_is_no_file(self):
        self.start()
        (self.folder / 'outside.gpx').write_bytes(gpx())
        (self.folder / 'anna' / 'a-link.gpx').symlink_to('/etc/passwd')
        os.mkfifo(self.folder / 'anna' / 'a-pipe.gpx')
        self.put('anna/z.gpx', on_day(1))
        self.wait_imports(2)
        self.assertEqual({r['name'] for r in self.imports()}, {'outside.gpx', 'z.gpx'})

    # ---- when it is whole ----

    def test_names_that_a_file_has_only_on_its_way(self):
        self.start()
        for i, name in enumerate(['.run.gpx.Ab12Cd', 'run.gpx.part', 'run.gpx.crdownload', 'run.gpx.tmp',
                                  'run.gpx~', '.syncthing.run.gpx.tmp', '~syncthing~run.gpx.tmp',
                                  'run.sync-conflict-20240501-1-A.gpx']):
            (self.folder / 'anna' / name).write_bytes(on_day(i))
        self.put('anna/whole.gpx', on_day(20))
        self.wait_imports(1)
        (self.folder / 'anna' / 'run.gpx.part').rename(self.folder / 'anna' / 'run.gpx')
        self.wait_import('run.gpx')
        self.assertEqual(len(self.imports()), 2)

    def test_a_file_in_slices(self):
        self.start()
        data, path = gpx(every=1), self.folder / 'anna' / 'slices.gpx'
        self.put('anna/first.gpx', on_day(20))
        self.wait_import('first.gpx')  # the folder is watched
        with open(path, 'wb') as f:
            for i in range(4):
                f.write(data[i * len(data) // 4:(i + 1) * len(data) // 4])
                f.flush()
                # it keeps still for as long as this one, which is taken, needs to; but it is open
                self.put('anna/other-%d.gpx' % i, on_day(1 + i))
                self.wait_import('other-%d.gpx' % i)
                self.assertFalse([r for r in self.imports() if r['name'] == path.name], i)
        row = self.wait_import('slices.gpx')
        self.assertEqual((row['verdict'], row['hash']), ('imported', hashlib.sha256(data).hexdigest()))

    # ---- the folder ----

    def test_the_folder_comes_later(self):
        self.start(folder=False)
        self.world.wait_control()
        said = 'The import folder %s is not there' % self.folder
        self.wait_for(lambda: said in self.world.problems() or None, said)
        (self.folder / 'anna').mkdir(parents=True)
        self.put('anna/late.gpx', gpx())
        self.wait_import('late.gpx')
        self.wait_for(lambda: not any('import' in p for p in self.world.problems()) or None, 'all well')
        (self.folder / 'anna' / 'late.gpx').unlink()
        (self.folder / 'anna').rmdir()
        self.folder.rmdir()
        self.wait_for(lambda: said in self.world.problems() or None, said)
        (self.folder / 'anna').mkdir(parents=True)
        self.put('anna/again.gpx', on_day(1))
        self.wait_import('again.gpx')

    @unittest.skipIf(os.geteuid() == 0, 'skipped: root may read everything')
    def test_what_may_not_be_read(self):
        self.start(ANNA + BEN)
        (self.folder / 'ben').chmod(0)
        path = self.put('anna/closed.gpx', gpx())
        path.chmod(0)
        self.wait_for(lambda: any('subfolder ben' in p for p in self.world.problems()) or None, 'closed')
        (self.folder / 'ben').chmod(0o755)
        self.wait_for(lambda: any('closed.gpx' in p for p in self.world.problems()) or None, 'closed file')
        path.chmod(0o644)
        self.wait_import('closed.gpx')
        self.wait_for(lambda: not any('import' in p for p in self.world.problems()) or None, 'all well')

    def start_on_small_disk(self, megabytes):
        """The state folder is on a disk that only the daemon sees, and that goes with it; where it is seen from here."""
        trial = subprocess.run(['unshare', '-m', 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', '/mnt'],
                               capture_output=True, timeout=60)
        if trial.returncode != 0:
            self.skipTest('skipped: no right to mount a small disk')
        self.make_world('[HomeAssistant]\nDiscovery=no\n' + ANNA, (), clock=RATE)
        self.take_files('anna')
        self.world.listen()
        os.mkdir(self.world.state)
        self.world.start(prefix=['unshare', '-m', '--propagation', 'private', 'sh', '-c',
                                 'mount -t tmpfs -o size=%dm tmpfs "$0" && exec "$@"' % megabytes,
                                 self.world.state]).wait_log(' is ready')
        self.world.wait_control()
        return Path('/proc/%d/root%s' % (self.world.daemon.process.pid, self.world.state))

    def told_of(self, name):
        self.world.listener.catch_up()
        return [e['body']['reason'] for e in self.world.listener.events()
                if e['kind'] == 'import' and e['body']['file'] == name]

    def test_a_file_that_there_is_no_room_for_waits_and_holds_up_no_other(self):
        inside = self.start_on_small_disk(200)
        (inside / 'filler').write_bytes(b'x' * (120 << 20))
        with open(self.folder / 'anna' / '.large', 'wb') as f:
            f.truncate(30 << 20)
        (self.folder / 'anna' / '.large').rename(self.folder / 'anna' / 'large.gpx')
        self.put('anna/small.gpx', gpx())
        self.wait_told('small.gpx')
        self.wait_told('large.gpx')
        self.world.pass_time(3000, rate=200)
        said = self.told_of('large.gpx')
        self.assertEqual(len(said), 1, said)
        self.assertIn('no room for its 30 MB: it is taken once 94 MB are free there', said[0])
        self.assertEqual(self.world.problems(), [])
        (inside / 'filler').unlink()
        self.wait_for(lambda: len(self.told_of('large.gpx')) == 2, 'it to be read')
        self.assertIn('it is no', self.told_of('large.gpx')[1])

    def test_recordings_keep_their_room_and_it_is_said(self):
        inside = self.start_on_small_disk(100)
        (inside / 'filler').write_bytes(b'x' * (60 << 20))
        said = 'Files cannot be imported: the copies in the state folder: less than 64 MB are free'
        self.put('anna/one.gpx', gpx())
        self.wait_for(lambda: said in self.world.problems(), said)
        (inside / 'filler').unlink()
        self.wait_told('one.gpx')
        self.wait_for(lambda: not self.world.problems(), 'all well')
        (inside / 'filler').write_bytes(b'x' * (60 << 20))
        two = self.put('anna/two.gpx', on_day(1))
        self.wait_for(lambda: said in self.world.problems(), said)
        two.unlink() # there is nothing to be imported any more
        self.wait_for(lambda: not self.world.problems(), 'all well')

    def test_whose_it_is(self):
        self.start(ANNA + BEN)
        self.put('nobody.gpx', gpx())
        self.put('ben/mine.gpx', on_day(1))
        self.wait_import('mine.gpx')
        refused = self.wait_for(lambda: next((i for i in self.world.ctl('imports')['data']['imports']
                                              if i['file'] == 'nobody.gpx'), None), 'the refusal')
        self.assertEqual((refused['verdict'], refused['runner'], refused['sessions']), ('refused', None, 0))
        self.assertIn('several runners', refused['reason'])
        self.assertEqual([s['runner'] for s in self.sessions()], ['ben'])
        self.put('anna/not-mine.gpx', on_day(1))
        told = self.wait_told('not-mine.gpx')
        self.assertEqual((told['runner'], told['body']['verdict']), ('anna', 'refused'))
        self.assertIn('was imported for ben; ', told['body']['reason'])
        self.assertEqual([s['runner'] for s in self.sessions()], ['ben'])
        (self.folder / 'stranger').mkdir()
        self.wait_for(lambda: any('stranger' in p for p in self.world.problems()) or None, 'the stranger')

    def test_a_file_that_was_nobodys_is_taken_when_it_is_somebodys(self):
        self.start(ANNA + BEN)
        self.put('mine.gpx', gpx())
        self.wait_for(lambda: self.world.ctl('imports')['data']['imports'] or None, 'the refusal')
        (self.folder / 'ben').rmdir()
        self.world.write_config(self.world.config_text.replace(BEN, ''))
        self.world.daemon.process.send_signal(signal.SIGHUP)
        self.assertEqual(self.wait_told('mine.gpx')['runner'], 'anna')

    def test_a_file_in_the_folder_itself_is_the_only_runners(self):
        self.start()
        self.put('mine.gpx', gpx())
        self.assertEqual(self.wait_told('mine.gpx')['runner'], 'anna')

    def test_after_move_and_delete(self):
        self.start(after='move')
        first = self.put('anna/run.gpx', gpx())
        done = self.folder / 'anna' / 'done'
        self.wait_for(lambda: (done / 'run.gpx').exists() or None, 'the move')
        self.assertFalse(first.exists())
        self.put('anna/run.gpx', on_day(1))  # watches use a name again
        self.wait_for(lambda: len(list(done.iterdir())) == 2 or None, 'the second move')
        bad = self.put('anna/bad.gpx', b'hello')
        self.wait_import('bad.gpx')
        known = self.put('anna/again.gpx', gpx())
        self.wait_for(lambda: not known.exists() or None, 'the move of what is known')
        self.assertTrue(bad.exists())  # what was refused is its owner's to look at
        self.world.write_config(self.world.config_text.replace('After=move', 'After=delete'))
        self.world.daemon.process.send_signal(signal.SIGHUP)
        self.world.daemon.wait_log('Configuration reloaded')
        gone = self.put('anna/gone.gpx', on_day(2))
        self.wait_for(lambda: not gone.exists() or None, 'the deletion')
        self.wait_import('gone.gpx')
        self.assertEqual(len(self.sessions()), 3)

    # ---- twice the same run ----

    def test_the_same_run_from_watch_and_phone(self):
        self.start()
        self.put('anna/phone.gpx', gpx(every=5))
        phone = self.wait_told('phone.gpx')['body']['sessions'][0]
        self.assertTrue(phone['counts'])
        self.put('anna/watch.gpx', gpx(DAY + datetime.timedelta(seconds=200), heart=140))
        told = self.wait_told('watch.gpx')['body']
        watch = told['sessions'][0]
        self.assertTrue(watch['counts'])
        self.assertEqual(told['changed'], [{'id': phone['id'], 'counts': False, 'instead': watch['id']}])
        self.put('anna/third.gpx', gpx(every=2))
        third = self.wait_told('third.gpx')['body']['sessions'][0]
        self.assertEqual((third['counts'], third['instead']), (False, watch['id']))
        instead = {s['id']: s['instead'] for s in self.sessions()}
        self.assertEqual(instead, {phone['id']: watch['id'], watch['id']: None, third['id']: watch['id']})
        self.assertEqual({i['file']: (i['counts'], i['instead']) for i in self.world.ctl('imports')['data']['imports']},
                         {'phone.gpx': (0, [watch['id']]), 'watch.gpx': (1, []), 'third.gpx': (0, [watch['id']])})
        lines = {line.split()[2]: line for line in self.world.stridectl('imports')[1].splitlines()}
        self.assertRegex(lines['watch.gpx'], r' imported +1 +1 +-$')
        self.assertRegex(lines['phone.gpx'], r' imported +1 +0 +the same run counts as %s$' % watch['id'])
        self.world.stop()
        self.world.start_ready()
        self.put('anna/next.gpx', gpx(DAY + datetime.timedelta(seconds=700)))  # 100 s of 600 s shared
        self.assertTrue(self.wait_told('next.gpx')['body']['sessions'][0]['counts'])
        self.assertEqual(sum(s['instead'] is None for s in self.sessions()), 2)

    def test_what_counts_for_nothing_takes_no_runs_place(self):
        """A track that does not say what it was has a heart rate; the run has none."""
        self.start()
        self.put('anna/watch.gpx', gpx())
        run = self.wait_told('watch.gpx')['body']['sessions'][0]
        self.put('anna/track.gpx', gpx(every=1, heart=140, sport=''))
        told = self.wait_told('track.gpx')['body']
        self.assertEqual((told['sessions'][0]['kind'], told['sessions'][0]['instead']), ('other', run['id']))
        self.assertEqual(told['changed'], [])

    def run_live(self, metres):
        """With a pod: the session that goes on, once it has come so far."""
        self.start(ANNA + sensor('pod', POD), ['pod:P:%s:awake' % POD])
        self.world.wait_event('session_start')
        return self.wait_for(lambda: next((s for s in self.world.ctl('status')['data']['sessions']
                                           if s['distance_m'] and s['distance_m'] > metres), None), '%d m' % metres)

    def end_live(self):
        self.assertEqual(self.world.ctl('session', 'stop')['status'], 'ok')
        return self.world.wait_event('session_end')['body']

    def test_the_same_run_live_and_as_a_file(self):
        self.run_live(200)
        live = self.end_live()
        begin = second_of(live['start'])
        seconds = int(live['elapsed_s'])
        self.put('anna/watch.gpx', gpx(begin, seconds, every=1, heart=150))
        told = self.wait_told('watch.gpx')['body']
        watch = told['sessions'][0]
        self.assertTrue(watch['counts'])
        self.assertEqual(told['changed'], [{'id': live['id'], 'counts': False, 'instead': watch['id']}])
        rows = {s['id']: s for s in self.sessions()}
        self.assertEqual(rows[live['id']]['instead'], watch['id'])
        self.assertEqual(rows[live['id']]['state'], 'ended')  # none is lost
        week = self.measures(lambda w: abs(w['measures']['distance_m']['total'] - watch['distance_m']) < 1)
        self.assertLess(week['distance_m']['total'], watch['distance_m'] + live['distance_m'] - 100)

    def test_a_file_counts_again_when_the_live_run_is_discarded(self):
        self.run_live(200)
        live = self.end_live()
        begin = second_of(live['start'])
        self.put('anna/phone.gpx', gpx(begin, int(live['elapsed_s'])))
        phone = self.wait_told('phone.gpx')['body']['sessions'][0]
        self.assertEqual((phone['counts'], phone['instead']), (False, live['id']))  # it has no cadence
        self.measures(lambda w: abs(w['measures']['distance_m']['total'] - live['distance_m']) < 1)
        self.assertEqual(self.world.ctl('session', 'discard', 'id=' + live['id'])['status'], 'ok')
        self.measures(lambda w: abs(w['measures']['distance_m']['total'] - phone['distance_m']) < 1)
        self.wait_for(lambda: not [s for s in self.sessions() if s['instead']] or None, 'the choice in the store')

    def test_our_own_fit_of_a_live_run_has_its_hills_and_counts_once(self):
        down = 'scenario=steady,noise=0,incline=-8,altitude=500'
        self.start(ANNA + sensor('pod', POD) + sensor('air', AIR),
                   ['pod:P:%s:awake,%s' % (POD, down), 'barometer:A:%s:%s' % (AIR, down)], rate=10)
        self.world.wait_sensor('air', 'streaming')
        self.wait_for(lambda: next((s for s in self.world.ctl('status')['data']['sessions']
                                    if s['distance_m'] and s['distance_m'] > 1000), None), 'a kilometre')
        self.assertEqual(self.world.ctl('session', 'stop')['status'], 'ok')
        live = self.world.wait_event('session_end')['body']
        self.assertGreater(live['downhill_drop_m'], 60)
        run = subprocess.run([*os.environ.get('STRIDED_WRAPPER', '').split(), find_program('daemon/strided', 'STRIDED'),
                              '--state-dir', str(self.world.state.path), '--fit', live['id']],
                             capture_output=True, check=False)
        self.assertEqual((run.returncode, run.stderr), (0, b''))
        self.put('anna/own.fit', run.stdout)
        told = self.wait_told('own.fit')['body']
        self.assertEqual((told['verdict'], len(told['sessions'])), ('imported', 1))
        rows = {s['id']: s for s in self.sessions()}
        file, mine = rows[told['sessions'][0]['id']], rows[live['id']]
        for figure, least in (('ascent_m', 1), ('downhill_drop_m', 1), ('downhill_distance_m', 10), ('downhill_time_s', 3),
                              ('altitude_m', 10)):
            self.assertAlmostEqual(file[figure], mine[figure], delta=max(least, 0.02 * mine[figure]), msg=figure)
        self.assertEqual((file['source_grade'], mine['source_grade']), ('barometer', 'barometer'))
        self.assertEqual(file['instead'], live['id'])  # a copy takes no original's place
        self.assertIsNone(mine['instead'])
        self.measures(lambda w: abs((w['measures']['downhill_drop_m']['total'] or 0) - live['downhill_drop_m']) < 1)
        for week in self.world.listener.bodies('/anna/week$'):
            self.assertLess(week['measures']['downhill_drop_m']['total'] or 0, live['downhill_drop_m'] + 5)

    def test_a_file_of_the_run_that_goes_on_counts_once(self):
        """A watch is stopped and its file is there while the session waits for the next step."""
        live = self.run_live(1000)
        begin = second_of(live['start'])
        since = self.world.listener.mark()
        self.put('anna/watch.gpx', gpx(begin, int(live['elapsed_s']), every=1, heart=150))
        watch = self.wait_told('watch.gpx')['body']['sessions'][0]
        week = self.measures(lambda w: w['measures']['distance_m']['total'], since=since)
        self.assertLess(week['distance_m']['total'], watch['distance_m'] + 500)
        self.end_live()
        for week in self.world.listener.bodies('/anna/week$'):
            self.assertLess(week['measures']['distance_m']['total'], watch['distance_m'] + 500)

    # ---- what the log and the rules make of them ----

    def test_a_watch_that_is_fast_loses_no_end_of_its_run(self):
        self.at(2027, 5, 31, 9)
        self.put('anna/run.gpx', gpx(datetime.datetime(2027, 5, 31, 8, 55, tzinfo=datetime.timezone.utc)))
        told = self.wait_told('run.gpx')['body']['sessions'][0]  # it ends at 9:05
        self.assertEqual(told['elapsed_s'], 600)
        self.put('anna/later.gpx', gpx(datetime.datetime(2027, 5, 31, 14, tzinfo=datetime.timezone.utc)))
        self.assertIn('in the future', self.wait_told('later.gpx')['body']['reason'])

    @unittest.skipUnless((SHARED / 'expected.json').exists(), 'skipped: no shared files')
    def test_a_series_of_files_makes_the_weeks_it_is_known_to_make(self):
        """Sixteen runs of June 2013, as the week topic tells of each week on its last evening."""
        totals = json.loads((SHARED / 'expected.json').read_text())['week_series_totals']['Europe/London']
        later = datetime.timedelta(weeks=730)  # the clock must be past our build; summer time it is then, too
        self.at(2027, 6, 13, 21)
        for path in sorted((SHARED / 'activities/week-series').iterdir()):
            text = re.sub(r'2013-\d\d-\d\d(?=T)', lambda m: str(datetime.date.fromisoformat(m[0]) + later),
                          gzip.decompress(path.read_bytes()).decode())
            self.put('anna/' + path.name, gzip.compress(text.encode()))
        self.wait_imports(16)
        for (week, total), verdict in zip(sorted(totals.items(), reverse=True),
                                          ['insufficient_data'] + 2 * ['insufficient_history']):
            first = datetime.date.fromisocalendar(int(week[:4]), int(week[6:]), 1) + later
            evening = datetime.datetime.combine(first + datetime.timedelta(days=6), datetime.time(21),
                                                datetime.timezone.utc)
            self.world.sim.ctl('clock wall %d' % evening.timestamp())
            with self.subTest(week):
                ours = self.measures(lambda w: w['day'] == str(evening.date()) and abs(
                    (w['measures']['distance_m']['calendar_total'] or 0) - total['distance_m']) <
                    0.001 * total['distance_m'])
                self.assertEqual(ours['distance_m']['calendar_week'], str(first))
                self.assertAlmostEqual(ours['moving_s']['calendar_total'], total['time_s'], delta=1)
                drop = ours['downhill_drop_m']
                self.assertEqual((drop['total'], drop['limit'], drop['left_today'], drop['coverage_pct'],
                                  drop['verdict']), (None, None, None, 0, verdict))
        self.assertEqual({(s['source_grade'], s['altitude_m']) for s in self.sessions()}, {('gps', 0)})
        alert = self.world.listener.wait('/anna/alert/weekly_downhill$',
                                         lambda m: m.json['verdict'] == 'insufficient_data').json
        self.assertIsNone(alert['value'])
        self.assertEqual(alert['sentence'], 'Descent in the last 7 days: not known. No verdict: 0 % of the '
                         'distance has altitude, and it takes 80 % (D).')  # of satellites it has none to go by

    def test_files_raise_what_runs_raise_and_old_ones_nothing(self):
        self.at(2027, 5, 31, 9)

        def on_day(n, **options):
            return gpx(datetime.datetime(2027, 5, 1, 8, tzinfo=datetime.timezone.utc) +
                       datetime.timedelta(days=n), **options)

        for day in range(0, 28, 7):  # four weeks of 6.3 km
            for n in (0, 2, 4):
                self.put('anna/%02d.gpx' % (day + n), on_day(day + n, seconds=700))
        self.wait_imports(12)
        self.measures(lambda w: w['measures']['distance_m']['reference'])
        self.assertEqual(self.alert_events(), [])
        self.put('anna/today.gpx', on_day(30, seconds=2400))
        self.world.listener.wait('/anna/alert/weekly_distance$', lambda m: m.json['verdict'] == 'warning')
        self.world.listener.wait('/event$', lambda m: m.json['kind'] == 'alert' and
                                 m.json['body']['alert']['rule'] == 'spike_distance')
        told = self.alert_events()
        self.assertIn(('weekly_distance', 'crossed'), told)
        self.assertEqual(len(told), len(set(told)))
        since = self.world.listener.mark()
        self.put('anna/walk.gpx', on_day(29, seconds=3000, sport='walking'))
        self.put('anna/ride.gpx', on_day(28, seconds=3600, sport='cycling'))
        self.put('anna/late.gpx', on_day(-20, seconds=5000))  # of weeks that no reference looks at
        self.wait_told('late.gpx')
        self.world.listener.catch_up()
        total = self.world.listener.bodies('/anna/week$')[-1]['measures']['distance_m']
        self.assertAlmostEqual(total['total'], 7200 + 2100, delta=20)  # neither walked nor ridden
        self.assertEqual(self.alert_events(), told)
        self.world.stop()
        self.world.start_ready()
        self.wait_for(lambda: self.world.ctl('status')['data'], 'an answer')
        self.assertEqual(self.alert_events(), told)

    def test_descents_of_a_barometer_count_and_those_of_satellites_are_not_known(self):
        self.at(2027, 5, 31, 9, runners=ANNA + 'FileAltitude=barometric\n' + BEN)
        start = datetime.datetime(2027, 5, 31, 6, tzinfo=datetime.timezone.utc)
        downhill = gpx(start, seconds=1200, grade=-0.06)
        self.put('anna/down.gpx', downhill)
        self.put('anna/hike.gpx', gpx(start - datetime.timedelta(days=1), seconds=1200, grade=-0.06, sport='hiking'))
        self.put('anna/ride.gpx', gpx(start - datetime.timedelta(days=2), grade=-0.06, sport='cycling'))
        self.wait_imports(3)
        self.put('ben/down.gpx', downhill.replace(b'lon="9"', b'lon="10"'))
        self.wait_imports(4)
        rows = {(r['runner'], r['sport']): r for r in self.sessions()}
        run, satellites = rows['anna', 'running'], rows['ben', 'running']
        self.assertAlmostEqual(run['downhill_drop_m'], 216, delta=4)
        self.assertAlmostEqual(run['downhill_distance_m'], 3600, delta=60)
        self.assertEqual((run['source_grade'], run['barometric']), ('barometer', 1))
        self.assertEqual((satellites['source_grade'], satellites['barometric'], satellites['altitude_m'],
                          satellites['downhill_drop_m'], satellites['ascent_m']), ('gps', 0, 0, None, 0))
        week = self.measures(lambda w: (w['measures']['downhill_drop_m']['total'] or 0) > 400)
        self.assertAlmostEqual(week['downhill_drop_m']['total'],
                               run['downhill_drop_m'] + rows['anna', 'hiking']['downhill_drop_m'], delta=1)
        self.assertEqual(week['downhill_drop_m']['coverage_pct'], 100)
        self.assertAlmostEqual(week['distance_m']['total'], 3600, delta=20)  # the hike is none of it

    # ---- kills ----

    def test_killed_at_fifty_random_moments(self):
        """Nothing is lost and nothing doubled, whenever it was."""
        self.start(rate=60, broker=False)
        chance = random.Random(int(os.environ.get('STRIDED_SEED', 1)))
        files = {}

        def put_more(n):
            for i in range(len(files), len(files) + n):
                name = 'run-%03d.gpx' % i
                files[name] = on_day(-i)
                self.put('anna/' + name, files[name])

        put_more(160)
        kills = 0
        while kills < 50:
            daemon = self.world.daemon
            if len(files) - len(self.imports()) < 10:
                put_more(20)
            daemon.wait_log('import anna/')
            with contextlib.suppress(subprocess.TimeoutExpired):  # a moment, not a wait for anything
                daemon.process.wait(chance.uniform(0, 0.02))
                self.fail('it ended by itself')
            self.world.stop(signal.SIGKILL)
            kills += len(self.imports()) < len(files)  # a busy machine's may come when all is done
            self.world.start_ready()
        self.wait_imports(len(files))
        self.assertEqual(sorted(r['name'] for r in self.imports()), sorted(files))
        self.assertEqual(len(self.sessions()), len(files))
        self.assertEqual(self.copies(), sorted('anna/%s.gz' % hashlib.sha256(d).hexdigest() for d in files.values()))
        events = self.world.state.rows("SELECT id FROM events WHERE kind = 'import'")
        self.assertEqual(len(events), len(files))
        self.wait_for(lambda: not self.world.state.rows('SELECT id FROM unjudged') or None, 'all to be judged')

    # ---- real files ----

    @unittest.skipUnless((SHARED / 'expected.json').exists(), 'skipped: no shared files')
    def test_real_files(self):
        """The 84 files, as the readers of other programs see them."""
        files = files_of_others()
        self.start()
        paths = [p for p in (SHARED / 'activities').rglob('*') if p.is_file()]
        self.assertEqual(len(paths), 84)
        for path in paths:
            shutil.copy(path, self.folder / 'anna' / ('.' + path.name))
            (self.folder / 'anna' / ('.' + path.name)).rename(self.folder / 'anna' / path.name)
        self.wait_imports(84)
        rows = {r['name']: r for r in self.imports()}
        for path in paths:
            key = str(path.relative_to(SHARED / 'activities'))
            with self.subTest(key):
                self.check_real(files, key, rows[path.name])
        self.check_weeks(files.expected['week_series_totals']['Europe/London'])

    def check_real(self, files, key, row):
        verdict, word = files.OUTCOMES.get(key, ('ok', ''))
        self.assertEqual(row['verdict'], {'ok': 'imported', 'trouble': 'partly'}.get(verdict, 'refused'))
        self.assertIn(word, row['reason'] or '')
        if row['verdict'] == 'refused':
            return
        if key in files.EXCEPTIONS and (key.endswith('.gpx') or 'outcome' in files.EXCEPTIONS[key].split(':')[0]):
            return  # of the others the records differ: what is published is what their session states
        theirs = files.Expected(files.expected['files'][key]).sessions
        ours = self.world.state.rows('SELECT * FROM sessions WHERE file = ? ORDER BY start_usec', row['hash'])
        self.assertEqual(len(ours), len(theirs))
        for session, reference in zip(ours, sorted(theirs, key=lambda s: s['start'])):
            self.check_session(session, reference)

    def check_session(self, ours, theirs):
        steps = {'run': 2, 'walk': 2}.get(ours['kind'])
        for column, what, within, scale in (('distance_m', 'distance_m', max(5, 0.001 * (theirs['distance_m'] or 0)), 1),
                                            ('moving_s', 'timer_s', 1, 1),
                                            ('heart_rate_mean_bpm', 'heart', 1, 1),
                                            ('cadence_mean_spm', 'cycles', 1, steps)):
            if theirs.get(what) and scale and ours[column] is not None:
                self.assertAlmostEqual(ours[column] / scale, theirs[what], delta=within, msg=what)
            elif theirs.get(what) and scale:
                self.fail('%s is not known' % column)

    def check_weeks(self, theirs):
        """Sixteen runs of one person, by weeks of local days."""
        ours = {}
        for s in self.world.state.rows("SELECT * FROM sessions WHERE day LIKE '2013-06-%' AND kind = 'run'"):
            year, week, _ = datetime.date.fromisoformat(s['day']).isocalendar()
            total = ours.setdefault('%d-W%d' % (year, week), [0, 0, 0])
            for i, value in enumerate((1, s['distance_m'], s['moving_s'])):
                total[i] += value
            self.assertIsNone(s['instead'])
            self.assertIsNone(s['downhill_drop_m'])  # its altitude is GPS
        self.assertEqual({w: t[0] for w, t in ours.items()}, {w: t['runs'] for w, t in theirs.items()})
        for week, total in theirs.items():
            self.assertAlmostEqual(ours[week][1], total['distance_m'], delta=0.001 * total['distance_m'])
            self.assertAlmostEqual(ours[week][2], total['time_s'], delta=1)


def files_of_others():
    """The module that holds the readers to the same files: what is expected, and what is excepted."""
    spec = importlib.util.spec_from_file_location('test_files', SOURCE / 'tests/activity/test_files.py')
    module = importlib.util.module_from_spec(spec)
    argv, sys.argv = sys.argv, ['', '', str(SOURCE)]
    spec.loader.exec_module(module)
    sys.argv = argv
    module.expected = module.read_expected()
    return module


if __name__ == '__main__':
    run_tests()
