# SPDX-License-Identifier: MIT
"""A machine for the doctor, made up file by file and service by service (services.py), and what is found of it."""
import json
import os
import pwd
import re
import subprocess
import sys
import time
import unittest
from pathlib import Path

from harness import Bus, find_program
from services import BLUEZ, STRIDED, SYSTEMD, TIMEDATE, Machine
from world import PATIENCE, POD, Case

ME = pwd.getpwuid(os.geteuid()).pw_name
ROOT_OR_SKIP = unittest.skipUnless(os.geteuid() == 0, 'only root can give files to others')
LIMIT_S = 20
PASSWORD = 'hunter2-and-more'
HEALTH = {'t': None, 'clock': 'synced', 'problems': [], 'signal_dbm': {}}


def table(of):
    """Ids in daemon/doctor/table.c."""
    text = (Path(os.environ['STRIDED_SOURCE_ROOT']) / 'daemon/doctor/table.c').read_text()
    found = re.findall(r'^ +\[%s\w+\] =\s+\{\s*"([a-z-]+)"' % of, text, re.M)
    return set(found)


CHECKS = table('CHECK_')


def versions():
    """The version of the program itself."""
    said = subprocess.run([find_program('stridectl', 'STRIDECTL'), '--version'], capture_output=True, text=True,
                          check=True, timeout=PATIENCE).stdout
    return said.split()[1]


def payload(name, state, reason='', **more):
    """What strided says of a sensor."""
    return {'name': name, 'kind': 'pod', 'runner': 'anna', 'address': POD, 'state': state, 'reason': reason,
            'battery_pct': None, 'drops': 0, 'last_seen': None, **more}


INSTALLED = os.path.exists('/etc/strided/strided.conf')
SEEN = set() # lines that the doctor of this program really said


class Patient(Case):
    def setUp(self):
        self.bus = Bus()
        self.addCleanup(self.bus.close)
        self.folder = Path(self.bus.folder) / 'machine'
        self.root, self.state = self.folder / 'root', self.folder / 'state'
        self.config = self.folder / 'strided.conf'
        for folder in (self.folder, self.root, self.state):
            folder.mkdir(0o755)
        self.state.chmod(0o700)
        self.config.write_text('[Gateway]\nName=hall\n')
        self.machine = None
        self.mhz, self.user, self.names_config = 0, ME, True

    def start_machine(self, *services):
        self.machine = Machine(self.bus, services or (SYSTEMD, TIMEDATE, BLUEZ))
        self.addCleanup(self.machine.close)
        return self.machine

    def strided_says(self, **status):
        """It runs, and answers so."""
        if not self.machine:
            self.start_machine()
        self.machine.own(STRIDED)
        self.machine.status = {'version': versions(), 'health': HEALTH, **status}

    def put(self, path, text=''):
        """A file of the kernel's or the distribution's."""
        whole = self.root / path.lstrip('/')
        whole.parent.mkdir(parents=True, exist_ok=True)
        whole.write_text(text)

    def configure(self, *lines):
        self.config.write_text('\n'.join(['[Gateway]', 'Name=hall', *lines]) + '\n')

    def doctor(self, address=None, by=None, env=None):
        """What it says: {line: [found and cure]}; and that its status says the same, in time. address: of another bus;
        by: who runs it; env: more for it."""
        env = {**os.environ, **self.bus.environment(), **({'DBUS_SYSTEM_BUS_ADDRESS': address} if address else {}),
               **(env or {})}
        argv = [find_program('doctor_probe', 'STRIDED_DOCTOR_PROBE'), str(self.root), self.user, str(self.mhz),
                str(self.state), *(['config=%s' % self.config] if self.names_config else [])]
        if by: # what a build with coverage counts is written where another user may
            counts = self.folder / 'counts'
            counts.mkdir(exist_ok=True)
            counts.chmod(0o777)
            env['GCOV_PREFIX'] = str(counts)
        begun = time.monotonic()
        done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=PATIENCE + LIMIT_S,
                              **({'user': by, 'extra_groups': []} if by else {}))
        self.assertLess(time.monotonic() - begun, LIMIT_S)
        self.assertEqual(done.stderr, '')
        self.assertNotIn(PASSWORD, done.stdout)
        answer = json.loads(done.stdout)
        found = {}
        SEEN.update(line['line'] for line in answer['lines'])
        for line in answer['lines']:
            found.setdefault(line['line'], []).append('%s | %s' % (line['found'], line['cure']))
            if line['mark'] != 'skipped':
                self.assertEqual(line['cure'] is None, line['mark'] == 'ok', line)
        self.assertEqual(done.returncode, 1 if answer['fail'] else 0, done.stderr)
        self.assertEqual({line['check'] for line in answer['lines']}, CHECKS, 'each check says something')
        return found

    def doctor_text(self):
        """What it prints for a person."""
        argv = [find_program('doctor_probe', 'STRIDED_DOCTOR_PROBE'), str(self.root), self.user, str(self.mhz),
                str(self.state), 'config=%s' % self.config]
        return subprocess.run(argv, env={**os.environ, **self.bus.environment(), 'DOCTOR_PROBE_TEXT': '1'}, capture_output=True,
                              text=True, timeout=PATIENCE + LIMIT_S).stdout

    def expect(self, line, pattern='.', **options):
        """It says so, in words that match."""
        found = self.doctor(**options)
        self.assertIn(line, found, json.dumps(found, indent=1))
        self.assertRegex('\n'.join(found[line]), pattern)
        return found

    def open_way(self):
        """So that others may come as far as the folder."""
        for folder in (self.bus.folder, self.folder):
            os.chmod(folder, 0o755)


def check_that_all_were_seen(program):
    """After all tests of a program: each line that it names was said in it. The table's test (test_doctor.py) sees to it
    that each is named by one."""
    if len(sys.argv) == 1 and os.geteuid() == 0: # and not some of its tests
        named = set(re.findall(r"'([a-z]+-[a-z-]+)'", Path(program).read_text())) & table('(?!CHECK_)')
        never = named - SEEN - ({'config-none'} if INSTALLED else set())
        assert len(named) > 20 and not never, 'never said: %s' % sorted(never)
