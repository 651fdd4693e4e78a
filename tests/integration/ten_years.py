# SPDX-License-Identifier: MIT
"""Ten years of a run a day in the daemon's own database: each was recorded live by a pod and a strap, came
in again as the file of a watch, and one of the two counts. And what a daemon costs, as the kernel counts it."""
import ctypes
import datetime
import os
import random
import re
import socket
import sqlite3
import struct
import time

DAYS = 3650
DAY = datetime.timedelta(days=1)
SO_TIMESTAMPNS = 35
FIGURES = ('elapsed_s moving_s distance_m steps cadence_mean_spm cadence_max_spm heart_rate_mean_bpm'
           ' heart_rate_max_bpm zone1_s zone2_s zone3_s zone4_s zone5_s trimp edwards ascent_m downhill_drop_m'
           ' gaps_s altitude_m downhill_distance_m knee_load_steps downhill_time_s downhill_steps'
           ' downhill_steep_pct grade_adjusted_pace_s_per_km altitude_coverage_pct').split()


def _figures(rng):
    seconds, metres = rng.randint(1500, 5400), rng.randint(4000, 16000)
    return [seconds, seconds, metres, metres * 0.9, 168, 180, 141, 172, 60, seconds * 0.6, seconds * 0.3, 90, 12,
            70, 110, 120, 118, 3, metres, 900, 800, 300, 820, 9, 345, 100]


def _insert(db, table, row):
    db.execute('INSERT INTO %s (%s) VALUES (%s)' % (table, ', '.join(row), ', '.join('?' * len(row))),
               list(row.values()))


def fill(state, runner, last_day):
    """Into the database that the daemon has made in this state folder, and has left."""
    rng = random.Random(1)
    with sqlite3.connect(os.path.join(str(state), 'strided.db')) as db:
        for n in range(DAYS):
            start = last_day - (DAYS - 1 - n) * DAY
            figures = _figures(rng)
            at = int(start.timestamp() * 1e6)
            ids = [start.strftime('%Y%m%dT%H%M%SZ-') + name for name in (runner, 'file')]
            content = '%064x' % rng.getrandbits(256)
            for own, instead in (ids, (ids[1], None)):
                of_file = {'file': content, 'sport': 'running', 'device': 'a watch', 'samples': int(figures[0]),
                           'barometric': 1} if own == ids[1] else {}
                source = 'file' if of_file else 'pod'
                _insert(db, 'sessions', {
                    'id': own, 'runner': runner, 'kind': 'run', 'state': 'ended', 'day': str(start.date()),
                    'start_usec': at, 'end_usec': at + int(figures[0] * 1e6), 'utc_offset_s': 0,
                    **dict(zip(FIGURES, figures)), 'source_distance': source, 'source_cadence': source,
                    'source_grade': 'barometer', 'instead': instead, **of_file})
            _insert(db, 'imports', {'hash': content, 'runner': runner, 'name': '%s.fit' % start.date(),
                                    'size': 90000 + n, 'mtime_nsec': at * 1000, 'at_usec': at,
                                    'verdict': 'imported', 'sessions': 1})
    db.close()


def yesterday():
    return datetime.datetime.now(datetime.timezone.utc) - DAY


# ---- what it costs ---------------------------------------------------------------------------------------


def sanitized(program):
    """It is not what is installed: it, or what is put before it, costs more."""
    content = program.read_bytes()
    return b'__asan_init' in content or b'__tsan_init' in content or bool(os.environ.get('STRIDED_WRAPPER'))


class ReadySocket:
    """systemd's end of sd_notify, and when the kernel was given READY=1."""

    def __init__(self, folder):
        self.path = os.path.join(folder, 'ready')
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.bind(self.path)
        self.socket.settimeout(60)

    def wait(self):
        """Of the wall, in seconds."""
        while True:
            data, more, _, _ = self.socket.recvmsg(4096, 256)
            if b'READY=1' in data:
                seconds, nanoseconds = struct.unpack('qq', more[0][2][:16])
                return seconds + nanoseconds / 1e9

    def close(self):
        self.socket.close()
        os.remove(self.path)


def _read(*path):
    with open(os.path.join('/proc', *map(str, path))) as f:
        return f.read()


def processor_seconds(pid):
    """Of all its threads since it began, while it runs; what others had in between is not in it."""
    clock = ctypes.c_int()
    error = ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock))
    if error:
        raise OSError(error, os.strerror(error))
    return time.clock_gettime(clock.value)


def memory_mb(pid):
    """(anonymous, resident, most ever resident)"""
    status = _read(pid, 'status')
    return tuple(int(re.search(key + r':\s+(\d+) kB', status).group(1)) * 1024 / 1e6
                 for key in ('RssAnon', 'VmRSS', 'VmHWM'))


def wakes(pid):
    """How often each thread has gone to sleep by itself so far; the loop is the first."""
    tasks = sorted(map(int, os.listdir('/proc/%d/task' % pid)))
    return [int(re.search(r'\nvoluntary_ctxt_switches:\s+(\d+)', _read(pid, 'task', task, 'status')).group(1))
            for task in tasks]
