# SPDX-License-Identifier: MIT
"""A wall clock that leaps, a zone that changes, a machine that sleeps, and settings that are broken while it
runs: figures follow the time that passed, dates the clock that is right, and nothing is lost."""
import datetime
import glob
import os
import signal
import sqlite3
import subprocess

from fault import FaultCase, fault
from files import Files, gpx
from runs import seconds_of
from world import POD, sensor

YEARS_S = 40 * 366 * 86400
DAY_S = 86400
AFTER_S = 180
ANEW_PACKETS = 6
NEAR_S = 3 # simulated, in which a command is carried out
POD_SIM = 'pod:P:%s:awake,scenario=steady,odometer=500,sleep=1000000' % POD
BROKEN = {'[Sensor pod]\nAddress=C0:DE\n': 'Address=C0:DE is not allowed', '[Gatway]\nName=x\n': 'unknown section [Gatway]',
          '[MQTT]\nUri=http://x\n': 'Uri= is not as it must be', '[Runner Anna]\n': '[Runner Anna]: the name',
          'Name=hall': 'unknown key Name=', '[Runner anna]\nMaxHeartRate=1900\n': 'MaxHeartRate=1900 is not allowed',
          '\0\xff[': 'a NUL byte', '[Sensor pod]\nGrace=2h\n': 'Grace=2h is not allowed',
          '[Runner anna]\nTimeZone=Mars/Olympus\n': 'TimeZone=Mars/Olympus of [Runner anna]'}
ZONES, EAST, WEST = '/usr/share/zoneinfo', 'Pacific/Kiritimati', 'Pacific/Niue' # 14 hours before UTC, 11 behind it
BROKEN_ZONE = b'TZif2'
HOUR_S = 3600


class Etc:
    """The /etc that the daemon sees: the machine's, but for a zone of its own, which changes as `timedatectl set-timezone`
    does it: another link takes the place of the one there is."""
    MOUNT = 'mount --bind /etc "$0/machine" && mount --bind "$0/etc" /etc && exec "$@"'

    def __init__(self, folder):
        self.folder, self.zone = folder, os.path.join(folder, 'etc', 'localtime')
        self.next_zone = os.path.join(folder, 'next')
        for name in ('machine', 'etc'):
            os.makedirs(os.path.join(folder, name))
        for name in os.listdir('/etc'):
            if name != 'localtime':
                os.symlink(os.path.join(folder, 'machine', name), os.path.join(folder, 'etc', name))

    def prefix(self):
        """Words before a program that let it see this /etc."""
        rights = [] if os.geteuid() == 0 else ['--map-current-user', '--keep-caps']
        return ['unshare', '--mount', *rights, 'sh', '-c', self.MOUNT, self.folder]

    def is_allowed(self):
        return subprocess.run([*self.prefix(), 'true'], capture_output=True).returncode == 0

    def move_to(self, name):
        os.symlink(os.path.join(ZONES, name), self.next_zone)
        os.rename(self.next_zone, self.zone)

    def write(self, data):
        with open(self.next_zone, 'wb') as f:
            f.write(data)
        os.rename(self.next_zone, self.zone)

    def remove(self):
        os.remove(self.zone)


class ClockFaults(Files, FaultCase):
    def begin(self, zone='Europe/Berlin', rate=20):
        self.prepare(POD_SIM, config=self.settings(zone), rate=rate)

    @staticmethod
    def settings(zone):
        return ('[Runner anna]\n' + ('TimeZone=%s\n' % zone if zone else ''), sensor('pod', POD, IdleTimeout='1h'))

    def set_wall(self, seconds):
        self.world.sim.ctl('clock wall %d' % seconds)

    def set_utc(self, *when):
        self.set_wall(datetime.datetime(*when, tzinfo=datetime.timezone.utc).timestamp())

    def reload(self):
        since = len(self.world.daemon.lines)
        self.world.daemon.process.send_signal(signal.SIGHUP)
        self.world.daemon.wait_log('Configuration reloaded', since=since)

    def stop_session(self):
        """(the body of its end, the wall at that moment)"""
        with self.world.at_rate(1):
            wall = self.world.now()[1]
            session = self.world.ctl('session', 'stop')['data']['id']
        end = self.world.listener.wait('/event$', lambda m: m.json['id'] == session + '-end').json
        return end['body'], wall

    def wait_clock(self, state):
        self.world.wait_control()
        self.wait_for(lambda: self.world.ctl('status')['data']['health']['clock'] == state, 'the clock to be ' + state)

    def finish(self, begun, **more):
        self.check_packets(begun, **more)
        self.check_stall()
        for _ in self.sessions():
            self.world.ctl('session', 'stop')
        self.check_events()

    @fault('clock-40-years', 'A clock that is 40 years ahead at boot dates nothing, whatever it ran by then; set back, what '
           'waited is told with the right dates, and a restart still believes the clock.')
    def test_forty_years_ahead_at_boot_and_back(self):
        self.begin()
        self.set_wall(self.world.now()[1] + YEARS_S)
        self.world.start_ready()
        self.wait_metres(50)
        begun = self.calm()
        self.world.ctl('session', 'stop')
        self.world.ctl('session', 'start')
        self.wait_metres(50)
        self.world.listener.catch_up()
        self.assertEqual(self.world.listener.events(), [], 'nothing dated leaves')
        self.set_wall(self.world.now()[1] - YEARS_S)
        right = self.world.now()[1]
        end, wall = self.stop_session()
        self.assertAlmostEqual(seconds_of(end['end']), wall, delta=NEAR_S)
        self.world.ctl('session', 'start')
        self.finish(begun)
        for event in self.world.listener.events():
            self.assertLess(abs(seconds_of(event['at']) - right), DAY_S, event)
        self.world.stop()
        self.world.start_ready()
        self.wait_clock('assumed')

    @fault('clock-40-years-stored', 'A session that was dated 40 years ahead, by a clock that was believed, keeps no later one '
           'from being dated.')
    def test_a_session_of_a_clock_that_was_ahead(self):
        self.begin()
        self.world.start_ready()
        self.wait_metres(50)
        self.stop_session()
        self.world.stop()
        with sqlite3.connect(self.world.state.path + '/strided.db') as db:
            db.execute('UPDATE sessions SET start_usec = start_usec + ?, end_usec = end_usec + ?', (YEARS_S * 10 ** 6,) * 2)
        db.close()
        self.world.start_ready()
        self.have_session()
        begun = self.calm()
        self.wait_metres(20)
        self.check_packets(begun)
        end, wall = self.stop_session()
        self.assertAlmostEqual(seconds_of(end['end']), wall, delta=NEAR_S)
        self.check_stall()
        self.check_events()

    @fault('clock-years-stored', 'A session that was dated years ahead keeps a clock that nobody synchronizes from being believed, '
           'and no longer than until it is discarded and strided started again; what waited is told then.')
    def test_a_session_dated_ahead_is_discarded(self):
        self.begin()
        self.world.start_ready()
        self.wait_metres(50)
        wrong = self.stop_session()[0]['id']
        self.world.stop()
        with sqlite3.connect(self.world.state.path + '/strided.db') as db:
            db.execute('UPDATE sessions SET start_usec = start_usec + ?, end_usec = end_usec + ?', (YEARS_S // 8 * 10 ** 6,) * 2)
        db.close()
        self.world.start_ready()
        self.wait_clock('unset')
        self.world.ctl('session', 'discard', 'id=' + wrong)
        self.world.stop()
        self.world.start_ready()
        self.wait_clock('assumed')
        self.world.listener.wait('/event$', lambda m: m.json['id'] == wrong + '-gone')
        self.have_session()
        begun = self.calm()
        self.wait_metres(20)
        self.check_packets(begun)
        end, wall = self.stop_session()
        self.assertAlmostEqual(seconds_of(end['end']), wall, delta=NEAR_S)
        self.check_stall()
        self.check_events(promised=(wrong + '-start', wrong + '-end'))

    def dst(self, *night):
        """A session over the moment, and the same moment once more in the autumn, which has it twice."""
        change = datetime.datetime(*night, 1, tzinfo=datetime.timezone.utc).timestamp()
        self.begin(rate=5) # a minute of ours for all that comes before the moment
        self.set_utc(*night, 0, 55)
        self.world.start_ready()
        self.wait_metres(20)
        begun = self.calm()
        first = self.sessions()[0]
        self.assertLess(self.world.now()[1], change, 'the start took too long')
        self.world.pass_time(change + AFTER_S - self.world.now()[1], rate=20)
        end, wall = self.stop_session()
        self.assertLess(seconds_of(first['start']), change)
        self.assertGreater(seconds_of(end['end']), change)
        self.assertAlmostEqual(seconds_of(end['end']), wall, delta=NEAR_S)
        self.assertAlmostEqual(end['elapsed_s'], wall - seconds_of(first['start']), delta=NEAR_S)
        self.assertEqual(end['day'], '%04d-%02d-%02d' % night)
        self.world.ctl('session', 'start')
        self.wait_metres(20)
        self.finish(begun)
        at = [seconds_of(event['at']) for event in self.world.listener.events()]
        self.assertEqual(at, sorted(at))

    @fault('clock-dst-spring', 'The night in which an hour is skipped costs a session nothing: seconds, day and order hold.')
    def test_an_hour_is_skipped(self):
        self.dst(2027, 3, 28)

    @fault('clock-dst-autumn', 'The night that has an hour twice counts it once in a session: seconds, day and order hold.')
    def test_an_hour_comes_twice(self):
        self.dst(2027, 10, 31)

    def days(self):
        return {row['id']: (row['day'], row['utc_offset_s'])
                for row in self.world.state.rows('SELECT id, day, utc_offset_s FROM sessions')}

    @fault('clock-zone', 'A runner who moves to another zone keeps the days of all sessions before, and of one that is under '
           'way, also when the database is lost then; later ones have the days of the new one.')
    def test_another_zone(self):
        self.begin(EAST)
        self.take_files('anna')
        self.set_utc(2027, 6, 15, 11, 0)
        self.world.start_ready()
        self.wait_metres(20)
        self.put('anna/run.gpx', gpx(datetime.datetime(2027, 6, 15, 10, 30, tzinfo=datetime.timezone.utc)))
        self.wait_for(self.days, 'the session of the file')
        file = dict(self.days())
        begun = self.calm()
        there, _ = self.stop_session()
        self.have_session()
        under_way = self.wait_metres(20)['id']
        self.world.write_config(self.world.config_text.replace(EAST, WEST))
        self.reload()
        ended, _ = self.stop_session()
        self.assertEqual(ended['id'], under_way)
        start = self.world.listener.wait('/event$', lambda m: m.json['id'] == under_way + '-start').json['body']
        self.have_session()
        self.wait_metres(20)
        here, _ = self.stop_session()
        days = {there['id']: ('2027-06-16', 14 * HOUR_S), under_way: ('2027-06-16', 14 * HOUR_S),
                here['id']: ('2027-06-15', -11 * HOUR_S)} | file
        self.assertEqual(list(file.values()), [('2027-06-16', 14 * HOUR_S)])
        self.assertEqual([body['day'] for body in (there, start, ended, here)], ['2027-06-16'] * 3 + ['2027-06-15'])
        self.wait_for(lambda: self.days() == days, 'the days %s' % days)
        self.have_session() # what comes outside of one is not counted
        self.wait_metres(20)
        self.check_packets(begun)
        self.check_stall()
        self.world.ctl('session', 'stop')
        self.check_events()
        days = self.days() | days
        self.world.stop()
        for path in glob.glob(os.path.join(self.world.state.path, 'strided.db*')):
            os.remove(path)
        self.world.start_ready()
        self.wait_for(lambda: days.items() <= self.days().items(), 'the same days: %s' % days)

    def check_day(self, day, hours):
        """Of a session that begins and ends now: what is told of it, and what is stored; its row."""
        self.have_session()
        self.wait_metres(20)
        end, _ = self.stop_session()
        row = self.row(end['id'])
        self.assertEqual((end['day'], row['day'], row['utc_offset_s']), (day, day, hours * HOUR_S))
        return row

    @fault('clock-zone-system', 'A machine that moves to another zone, or whose zone is broken or gone, keeps the days of all '
           'sessions before; a runner without `TimeZone=` has those of the new one, or of UTC, from the next reload or '
           'restart on.')
    def test_another_zone_of_the_machine(self):
        self.begin(None)
        etc = Etc(os.path.join(self.world.folder, 'machine'))
        if not etc.is_allowed():
            self.skipTest('no right to mount an /etc of its own')
        etc.move_to(EAST)
        self.set_utc(2027, 6, 15, 10, 30) # for half an hour more there are three days on earth
        self.world.start(prefix=etc.prefix()).wait_log(' is ready')
        self.wait_metres(20)
        begun = self.calm()
        rows = [self.check_day('2027-06-16', 14)]
        etc.move_to(WEST)
        rows.append(self.check_day('2027-06-16', 14)) # nobody told the daemon
        self.reload()
        rows.append(self.check_day('2027-06-14', -11))
        etc.write(BROKEN_ZONE)
        since = len(self.world.daemon.lines)
        self.reload()
        self.world.daemon.wait_log("the machine's time zone cannot be used; days of .Runner anna. are those of UTC", since=since)
        rows.append(self.check_day('2027-06-15', 0))
        etc.remove()
        self.reload()
        rows.append(self.check_day('2027-06-15', 0))
        self.have_session() # what comes outside of one is not counted
        self.wait_metres(20)
        self.check_packets(begun)
        self.world.ctl('session', 'stop')
        self.look_at_stall()
        etc.move_to(EAST)
        self.world.stop()
        self.world.start(prefix=etc.prefix()).wait_log(' is ready')
        self.world.wait_control()
        self.have_session()
        self.wait_metres(20)
        begun = self.calm()
        rows.append(self.check_day('2027-06-16', 14))
        self.assertEqual([self.row(row['id']) for row in rows], rows)
        self.have_session()
        self.wait_metres(20)
        self.finish(begun)

    @fault('clock-suspend', 'A machine that sleeps for minutes in the middle of a run loses no packet that came before or '
           'after, and the session goes on.', test=5, soak=50)
    def test_suspend(self):
        self.begin()
        self.world.start_ready()
        session = self.wait_metres(20)['id']
        for _ in range(self.times):
            begun = self.calm()
            self.world.pass_time(self.rng.uniform(5, 20))
            asleep, until = self.rng.choice((30, 120, 300)), self.world.now()[0]
            self.world.sim.ctl('clock suspend %d' % asleep)
            until += asleep
            self.assertGreaterEqual(self.world.now()[0], until)
            self.wait_for(lambda until=until: self.stored(until), 'a packet that came after the sleep')
            self.world.wait_sensor('pod', 'streaming')
            # whose silence was the machine's own sleep is connected anew: for the seconds that takes, it sends to nobody
            self.check_packets(begun, in_flight=ANEW_PACKETS, why='while connected anew')
        begun = self.calm()
        self.wait_metres(self.wait_session(lambda s: s['id'] == session, 'the session')['distance_m'] + 20)
        self.finish(begun)

    @fault('reload-broken', 'A reload of broken settings says what is wrong and changes nothing: the session goes on.', test=9,
           soak=90)
    def test_broken_settings(self):
        self.begin()
        self.world.start_ready()
        session = self.wait_metres(20)['id']
        begun, good = self.calm(), self.world.config_text
        for turn in range(self.times):
            since = len(self.world.daemon.lines)
            text, said = list(BROKEN.items())[turn % len(BROKEN)]
            self.world.write_config(good + text)
            self.world.daemon.process.send_signal(signal.SIGHUP)
            self.world.daemon.wait_log('the old one stays in force', since=since)
            self.assertIn(said, '\n'.join(self.world.daemon.lines[since:]))
        self.world.write_config(good)
        self.wait_metres(self.wait_session(lambda s: s['id'] == session, 'the session')['distance_m'] + 20)
        self.finish(begun)
