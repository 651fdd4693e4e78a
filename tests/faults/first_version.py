# SPDX-License-Identifier: MIT
"""What the first version left in its state folder: its database, written down here and not made of what the code says of
it now, with rows in all of its tables, and the recordings of two sessions that were open when it ended."""
import binascii
import json
import os
import sqlite3
import struct
import time

from world import POD

DAY_S = 86400
SESSIONS, UNTOLD = 60, 2 # one every other day; the events of the last were not told yet
SCHEMA = """
CREATE TABLE sessions (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, runner TEXT, kind TEXT, state TEXT NOT NULL,
 day TEXT, start_usec INTEGER, end_usec INTEGER, utc_offset_s INTEGER NOT NULL, reason TEXT, elapsed_s REAL, moving_s REAL,
 distance_m REAL, steps REAL, cadence_mean_spm REAL, cadence_max_spm REAL, heart_rate_mean_bpm REAL,
 heart_rate_max_bpm REAL, zone1_s REAL, zone2_s REAL, zone3_s REAL, zone4_s REAL, zone5_s REAL, trimp REAL, edwards REAL,
 ascent_m REAL, downhill_drop_m REAL, gaps_s REAL, source_distance TEXT, source_cadence TEXT, source_grade TEXT,
 source_heart_rate TEXT) STRICT;
CREATE TABLE events (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, runner TEXT, at_usec INTEGER,
 body TEXT NOT NULL, tries INTEGER NOT NULL, refused INTEGER NOT NULL) STRICT;
CREATE TABLE sensors (name TEXT NOT NULL, address TEXT NOT NULL, cadence_unit TEXT, evidence TEXT, decided_usec INTEGER,
 PRIMARY KEY (name, address)) STRICT, WITHOUT ROWID;
CREATE TABLE answers (seq INTEGER PRIMARY KEY, transaction_id TEXT NOT NULL UNIQUE, answer TEXT NOT NULL,
 at_usec INTEGER NOT NULL) STRICT;
PRAGMA journal_mode = WAL;
PRAGMA user_version = 1;
"""
# What was asked, by which it is known when it comes again, and what was answered
ASKED = '{"do":"start","runner":"anna","transaction":"then-1"}'
ASKED_KEY = 'then-1 %016x'
ANSWERED = '{"status":"ok","data":{"done":"start","id":"20260101T000000Z-0"},"error":null,"transaction":"then-1"}'

BOOT_ID = 'fedcba98765432100123456789abcdef' # of a boot that is over
BEGUN_S = 1000                               # of it, when a session begins
OPEN_S, OPEN_M = 180, 540                    # what was recorded of it
OF_A_POD = '06000354'                        # it runs, at 3 m/s, 84 strides a minute; and in decimetres how far it came


def key_of(text):
    """As the first version made it: FNV-1a over the verb and the request, each with an end."""
    digest = 0xcbf29ce484222325
    for word in ('session', text):
        for byte in word.encode() + b'\0':
            digest = (digest ^ byte) * 0x100000001b3 % (1 << 64)
    return ASKED_KEY % digest


def id_of(start_s):
    return time.strftime('%Y%m%dT%H%M%SZ-0', time.gmtime(start_s))


class FirstVersion:
    def __init__(self, state, now_s):
        self.state, self.now_s = state, int(now_s)
        os.makedirs(os.path.join(state, 'sessions'))
        self.make_database()
        self.left_open = self.make_recording(self.now_s - 10 * DAY_S) # its daemon was not started again
        self.goes_on = self.make_recording(self.now_s - OPEN_S - 20)   # it was a moment ago

    # ---- the database ----

    def make_database(self):
        with sqlite3.connect(os.path.join(self.state, 'strided.db')) as db:
            db.executescript(SCHEMA)
            for i in range(SESSIONS):
                one = self.session(i)
                self.insert(db, 'sessions', one)
                if i >= SESSIONS - UNTOLD:
                    self.insert(db, 'events', {'id': one['id'] + '-end', 'kind': 'session_end', 'runner': 'anna',
                                               'at_usec': one['end_usec'], 'body': json.dumps({'id': one['id']}), 'tries': 0,
                                               'refused': 0})
            self.insert(db, 'sessions', {'id': '20260101T000000Z-7', 'state': 'ended', 'utc_offset_s': 0}) # nobody's, of no date
            self.insert(db, 'sensors', {'name': 'pod', 'address': POD, 'cadence_unit': 'strides', 'evidence': 'measured',
                                        'decided_usec': self.now_s * 10 ** 6})
            self.insert(db, 'answers', {'transaction_id': key_of(ASKED), 'answer': ANSWERED,
                                        'at_usec': (self.now_s - 60) * 10 ** 6})
        db.close()

    @staticmethod
    def insert(db, table, row):
        db.execute('INSERT INTO %s (%s) VALUES (%s)' % (table, ', '.join(row), ', '.join('?' * len(row))), list(row.values()))

    def session(self, i):
        start = self.now_s - 2 * DAY_S * (SESSIONS - i) - 3600
        return {'id': id_of(start), 'runner': 'anna', 'kind': 'run', 'state': 'ended',
                'day': time.strftime('%Y-%m-%d', time.gmtime(start)), 'start_usec': start * 10 ** 6,
                'end_usec': (start + 1800 + i) * 10 ** 6, 'utc_offset_s': 0, 'reason': 'idle', 'elapsed_s': 1800.0 + i,
                'moving_s': 1790.0 + i, 'distance_m': 5000.0 + 10 * i, 'steps': 4800.0 + i, 'cadence_mean_spm': 168.0,
                'cadence_max_spm': 180.0, 'heart_rate_mean_bpm': 150.0, 'heart_rate_max_bpm': 171.0, 'zone1_s': 60.0,
                'zone2_s': 240.0, 'zone3_s': 900.0, 'zone4_s': 500.0, 'zone5_s': 90.0 + i, 'trimp': 30.0 + i,
                'edwards': 81.0, 'ascent_m': 40.0, 'downhill_drop_m': 38.0, 'gaps_s': 0.0, 'source_distance': 'pod',
                'source_cadence': 'pod', 'source_grade': 'incline', 'source_heart_rate': 'strap'}

    # ---- recordings ----

    def make_recording(self, start_s):
        """Of a session that had begun, of which was told, and that did not end; its id."""
        begun = BEGUN_S * 10 ** 6
        lines = ['A %s %d %d synced' % (BOOT_ID, begun, start_s * 10 ** 6), 'R anna female 0 190 50 - -',
                 'S 0 pod %s auto 1 p' % POD, 'L %d 0 up' % begun,
                 'U %d 0 strides measured' % begun, 'G %d motion' % begun, 'T %d start' % begun]
        for t in range(OPEN_S + 1):
            length = struct.pack('<I', 10 * OPEN_M * t // OPEN_S).hex()
            lines.append('N %d 0 2a53 %s%s' % (begun + t * 10 ** 6, OF_A_POD, length))
        session = id_of(start_s)
        with open(os.path.join(self.state, 'sessions', session + '.rec'), 'w') as f:
            f.write('strided-recording 1\n')
            f.writelines('%s *%04x\n' % (line, binascii.crc_hqx(line.encode(), 0xffff)) for line in lines)
        return session
