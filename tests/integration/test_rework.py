# SPDX-License-Identifier: MIT
"""Files that came in are read again when they would come to something else: by settings that change, by
sessions that come later, by a refusal whose reason has passed; from the kept copies, whatever is killed."""
import datetime
import os
import random
import signal
from pathlib import Path

from files import ANNA, Folder, gpx, on_day
from world import run_tests

HEART = 'Sex=female\nRestHeartRate=50\nMaxHeartRate=%d\n'
READ_AGAIN = '%d imported files were read again'
KILLS = 12


def utc(*date):
    return datetime.datetime(*date, tzinfo=datetime.timezone.utc)


class Rework(Folder):
    def reload(self, *changes):
        text = self.world.config_text
        for before, after in changes:
            self.assertIn(before, text)
            text = text.replace(before, after)
        self.world.write_config(text)
        self.world.daemon.process.send_signal(signal.SIGHUP)
        self.world.daemon.wait_log('Configuration reloaded')

    def wait_read_again(self, n):
        self.world.daemon.wait_log(READ_AGAIN % n)

    def by_id(self, *columns):
        return {s['id']: tuple(s[c] for c in columns) for s in self.sessions()}

    # ---- settings ----

    def test_a_maximum_that_changes(self):
        self.start(ANNA + HEART % 200)
        for n in range(3):
            self.put('anna/%d.gpx' % n, on_day(n, heart=140))
        for n in range(3):
            self.wait_told('%d.gpx' % n)
        before = self.by_id('day', 'utc_offset_s', 'distance_m')
        loads = self.by_id('trimp', 'edwards')
        rows = self.imports()
        self.reload(('MaxHeartRate=200', 'MaxHeartRate=180'), ('Europe/London', 'Asia/Tokyo'))
        self.wait_read_again(3)
        after = self.wait_for(lambda: (lambda now: now if not set(now.values()) & set(loads.values()) else None)(
            self.by_id('trimp', 'edwards')), 'other loads')
        self.assertEqual(set(after), set(loads))
        for session, (trimp, _) in after.items():
            self.assertGreater(trimp, loads[session][0])
        self.assertEqual(self.by_id('day', 'utc_offset_s', 'distance_m'), before)  # a zone moves no old day
        self.assertEqual(sorted(self.told_imports()), ['0.gpx', '1.gpx', '2.gpx'])  # once, as they came
        self.assertEqual([(r['name'], r['at_usec']) for r in self.imports()],
                         [(r['name'], r['at_usec']) for r in rows])
        self.world.stop()
        self.world.start_ready()  # and nothing of it is done again
        self.put('anna/later.gpx', on_day(5, heart=140))
        later = self.wait_import('later.gpx')
        self.assertEqual({r['read_with'] for r in self.imports()}, {later['read_with']})
        self.assertFalse(self.world.daemon.logged('read again'))
        self.reload(('MaxHeartRate=180', 'MaxHeartRate=200'))
        self.wait_read_again(4)
        self.wait_for(lambda: {k: v for k, v in self.by_id('trimp', 'edwards').items() if k in loads} == loads or
                      None, 'the loads of before')

    def test_settings_that_change_while_it_is_not_running(self):
        self.start(ANNA)
        self.put('anna/run.gpx', gpx(heart=140))
        self.wait_imports(1)
        self.assertIsNone(self.sessions()[0]['trimp'])
        self.world.stop()
        self.world.write_config(self.world.config_text.replace(ANNA, ANNA + HEART % 190))
        self.world.start_ready()
        self.wait_read_again(1)
        self.wait_for(lambda: self.sessions()[0]['trimp'], 'the load')

    def test_the_days_are_corrected_and_the_past_raises_nothing(self):
        self.at(2027, 5, 31, 9)
        for day in range(1, 30, 2):
            self.put('anna/%02d.gpx' % day, gpx(utc(2027, 5, day, 8), seconds=1200,
                                                grade=-0.02 if day < 29 else -0.10))
        self.wait_imports(15)
        self.measures(lambda w: w['measures']['distance_m']['reference'])
        told = self.alert_events()
        since = self.world.listener.mark()
        self.reload((ANNA, ANNA + 'FileAltitude=barometric\n'))
        self.wait_read_again(15)
        week = self.measures(lambda w: w['measures']['downhill_drop_m']['total'], since=since)
        self.assertAlmostEqual(week['downhill_drop_m']['total'], 360, delta=8)
        alert = self.world.listener.wait('/anna/alert/weekly_downhill$', lambda m: m.json['verdict'] == 'warning')
        self.assertIsNotNone(alert)  # it is so,
        self.assertEqual(self.alert_events(), told)  # and nobody is told

    def test_a_copy_that_is_gone(self):
        self.start(ANNA + HEART % 200)
        for n in range(2):
            self.put('anna/%d.gpx' % n, on_day(n, heart=140))
        self.wait_imports(2)
        loads = self.by_id('trimp')
        gone = self.imports()[0]
        (Path(self.world.state.path) / 'imported' / 'anna' / (gone['hash'] + '.gz')).unlink()
        self.reload(('MaxHeartRate=200', 'MaxHeartRate=180'))
        self.wait_read_again(1)
        said = '1 imported files would be read otherwise now, but their kept copies are gone'
        self.world.daemon.wait_log(said)
        changed = self.wait_for(lambda: [k for k, v in self.by_id('trimp').items() if v != loads[k]] or None,
                                'the other load')
        self.assertEqual(len(changed), 1)
        self.world.stop()
        self.world.start_ready()
        self.put('anna/later.gpx', on_day(5))
        self.wait_import('later.gpx')
        self.wait_for(lambda: len({r['read_with'] for r in self.imports()}) == 1 or None, 'all of them')
        self.assertFalse(self.world.daemon.logged(said))  # once

    def test_a_copy_that_is_not_what_it_was(self):
        self.start(ANNA + HEART % 200)
        self.put('anna/run.gpx', gpx(heart=140))
        self.wait_imports(1)
        load = self.by_id('trimp')
        copy = Path(self.world.state.path) / 'imported' / 'anna' / (self.imports()[0]['hash'] + '.gz')
        copy.write_bytes(b'something else')
        self.reload(('MaxHeartRate=200', 'MaxHeartRate=180'))
        self.world.daemon.wait_log('import anna/run.gpx stays as it was read before')
        self.assertEqual(self.by_id('trimp'), load)

    # ---- what steps are compared with ----

    def season(self):
        """Forty runs of half a year, uphill and down; the first are compared with nothing."""
        rng = random.Random(7)
        first = utc(2027, 1, 4, 8)
        return {'%02d.gpx' % n: gpx(first + datetime.timedelta(days=4 * n - n % 3), seconds=900 + 60 * (n % 5),
                                    grade=rng.choice([0, 0, 0, -0.06, 0.05]), strides=80 + n % 7)
                for n in range(40)}

    def rows_of(self, names, files):
        """Of a daemon of its own that gets them in this order, when nothing is left to do."""
        self.at(2027, 6, 30, 9, runners=ANNA + 'FileAltitude=barometric\n')
        for i, name in enumerate(names):
            self.put('anna/' + name, files[name])
            if i % 8 == 7:
                self.wait_imports(i + 1)
        self.wait_imports(len(names))
        self.wait_for(lambda: not [r for r in self.imports() if r['unsure']] or None, 'nothing to be unsure')
        rows = [{k: v for k, v in s.items() if k != 'seq'} for s in self.sessions()]
        levels = self.world.state.rows('SELECT * FROM levels ORDER BY id')
        self.world.stop()
        return rows, levels

    def test_forty_files_in_any_order_are_the_same_rows(self):
        files = self.season()
        orders = [sorted(files), sorted(files, reverse=True), random.Random(3).sample(sorted(files), len(files))]
        first, *others = [self.rows_of(names, files) for names in orders]
        for other in others:
            self.assertEqual(other, first)
        knee = [s['knee_load_steps'] for s in first[0]]
        self.assertIsNone(knee[0])  # nothing to compare it with
        self.assertGreater(sum(k is not None for k in knee), 30)  # also of half a year ago
        self.assertEqual([k is None for k in knee], sorted((k is None for k in knee), reverse=True))

    # ---- kills ----

    def test_killed_while_it_reads_again(self):
        self.start(ANNA + HEART % 200, rate=60, broker=False)
        n = 40
        for i in range(n):
            self.put('anna/%02d.gpx' % i, on_day(i, heart=120 + i))
        self.wait_imports(n)
        before, old = self.by_id('day', 'distance_m'), self.imports()[0]['read_with']
        chance = random.Random(int(os.environ.get('STRIDED_SEED', 1)))
        self.world.write_config(self.world.config_text.replace('MaxHeartRate=200', 'MaxHeartRate=180'))
        self.world.daemon.process.send_signal(signal.SIGHUP)
        seen = [0]
        while len(seen) <= KILLS:
            want = min(seen[-1] + chance.randrange(1, 4), n)
            self.wait_for(lambda: self.n_other(old) >= want or None, '%d of them' % want)
            self.world.stop(signal.SIGKILL)
            seen.append(self.n_other(old))
            self.world.start_ready()
        self.assertEqual(seen, sorted(seen))  # what was done stays done
        self.assertGreater(len(set(seen)), 2, seen)
        self.wait_for(lambda: self.n_other(old) == n or None, 'all of them')
        self.assertEqual(self.by_id('day', 'distance_m'), before)
        rows = self.sessions()
        self.assertEqual(len(rows), n)
        loads = [s['trimp'] for s in rows]
        self.assertEqual(loads, sorted(loads))
        self.assertEqual(len(self.world.state.rows("SELECT id FROM events WHERE kind = 'import'")), n)
        self.world.stop()
        self.world.state.lose_database()
        self.world.start_ready()  # all anew: the same figures
        self.wait_imports(n)
        self.assertEqual([s['trimp'] for s in self.sessions()], loads)

    def n_other(self, old):
        """How many were read with something else than that."""
        return sum(r['read_with'] != old for r in self.imports())

    # ---- refusals ----

    def test_a_date_that_is_to_come_comes(self):
        self.at(2027, 5, 31, 9)
        self.put('anna/run.gpx', gpx(utc(2027, 6, 1, 8)))
        self.put('anna/text.gpx', b'hello')
        self.wait_imports(2)
        self.world.sim.ctl('clock wall %d' % utc(2027, 5, 31, 10).timestamp())  # not yet
        self.put('anna/other.gpx', gpx(utc(2027, 5, 30, 8)))
        self.wait_imports(3)
        self.world.sim.ctl('clock wall %d' % utc(2027, 6, 1, 10).timestamp())
        self.wait_for(lambda: next(r for r in self.imports() if r['name'] == 'run.gpx')['verdict'] == 'imported' or
                      None, 'the day')
        told = self.told_imports()
        self.assertEqual([told.count(name) for name in ('run.gpx', 'text.gpx', 'other.gpx')], [2, 1, 1])
        self.assertEqual(len(self.sessions()), 2)

    def test_a_date_that_came_while_it_was_not_running(self):
        self.at(2027, 5, 31, 9)
        self.put('anna/run.gpx', gpx(utc(2027, 6, 1, 8)))
        self.wait_imports(1)
        for day in (31, 32):
            self.world.stop()
            self.world.sim.ctl('clock wall %d' % (utc(2027, 5, 31, 10) +
                                                  datetime.timedelta(days=day - 31)).timestamp())
            self.world.start_ready()
            if day == 31:
                self.put('anna/other.gpx', gpx(utc(2027, 5, 30, 8)))
                self.wait_imports(2)
        self.wait_for(lambda: next(r for r in self.imports() if r['name'] == 'run.gpx')['verdict'] == 'imported' or
                      None, 'the day')
        self.assertEqual(self.told_imports().count('run.gpx'), 2)


if __name__ == '__main__':
    run_tests()
