#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""usage: test_outings.py ACTIVITY

The outings of the demo and their files: the same ones each time, as long and as hilly as they say when
the reader of the import reads them, and such that the demo's run has more downhill than is usual in them and
nothing else, whatever chance made of them.
"""
import collections
import datetime
import gzip
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import expected         # noqa: E402
import outing_files     # noqa: E402
import outings          # noqa: E402

NOW = datetime.datetime(2026, 3, 10, 17, 0, tzinfo=outings.UTC)
TILT_LEVEL_M, TILT_DOWN_M = 1200 * 3.0, 480 * 3.0    # of the simulator's scenario
TILT_DROP_M = 0.08 * TILT_DOWN_M
SEEDS = range(200)
SPIKE_DISTANCE_M = 1000     # under the limit of a single run at least



class Outings(unittest.TestCase):
    def test_the_same_seed_is_the_same_files(self):
        def once(seed):
            return [(f.name, f.data) for f in outing_files.files_of(outings.five_weeks(NOW, seed))]
        self.assertEqual(once(1), once(1))
        self.assertNotEqual(once(1), once(2))

    def test_five_weeks_that_end_before_now(self):
        for seed in SEEDS:
            there = outings.five_weeks(NOW, seed)
            self.assertEqual(len(there), 20)
            self.assertEqual(there, sorted(there, key=lambda o: o.start))
            self.assertLess(max(o.end for o in there), NOW)
            ago = [(NOW.date() - o.day).days for o in there]
            self.assertEqual((max(ago), min(ago)), (35, 2), ago)    # nothing of today
            per_week = collections.Counter((days - 1) // 7 for days in ago)
            self.assertEqual(set(per_week.values()), {4}, ago)

    def test_another_hour_of_the_day_is_the_same_week(self):
        late = NOW.replace(hour=23, minute=59)
        self.assertEqual([o.start for o in outings.five_weeks(late, 1)],
                         [o.start for o in outings.five_weeks(NOW, 1)])

    def test_the_run_is_too_much_downhill_and_nothing_else(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                rules = expected.rules(outings.five_weeks(NOW, seed), NOW)
                week, spike = rules['weekly_downhill'], rules['spike_descent']
                for rule in (week, spike):  # crossed on the way down, well before its end
                    self.assertGreater(rule.limit - rule.before, 20)
                    self.assertLess(rule.limit - rule.before, 0.9 * TILT_DROP_M)
                self.assertGreater(week.reference, 100)
                run_m = TILT_LEVEL_M + TILT_DOWN_M
                week, spike = rules['weekly_distance'], rules['spike_distance']
                self.assertLess(week.before + run_m, week.limit - 500)
                self.assertLess(run_m, spike.limit - SPIKE_DISTANCE_M)

    def test_references_of_a_plain_case(self):
        def outing(ago, distance_m, drop_m):
            return outings.Outing(NOW - ago * expected.DAY, distance_m, drop_m, 3.0, 1)
        rules = expected.rules([outing(34, 5000, 10), outing(31, 9000, 300), outing(20, 5000, 20),
                                outing(14, 5000, 30), outing(7, 5000, 40), outing(6, 4000, 25)], NOW)
        week = rules['weekly_downhill']
        # weeks of 310, 50 (20 and 14 days ago), 0 and 40: 1.3 times their mean is less than the most
        self.assertAlmostEqual(week.reference, 1.3 * 400 / 4)
        self.assertEqual((week.before, week.limit, week.warning), (25, 180, 180))
        spike = rules['spike_descent']  # 31 days ago is too long ago
        self.assertEqual((spike.before, spike.reference, spike.limit), (0, 40, 55))
        self.assertEqual(rules['weekly_distance'].reference, 1.3 * 29000 / 4)
        self.assertEqual(rules['spike_distance'].limit, 5500)


class Files(unittest.TestCase):
    def read(self, files):
        """What the reader of the import makes of them, by name."""
        with tempfile.TemporaryDirectory() as folder:
            for name, data in files:
                with open(os.path.join(folder, name), 'wb') as f:
                    f.write(data)
            out = subprocess.run([ACTIVITY, *(os.path.join(folder, name) for name, _ in files)], check=True,
                                 stdout=subprocess.PIPE).stdout.decode()
        return dict(zip((name for name, _ in files), map(json.loads, out.splitlines()), strict=True))

    def test_they_are_read_as_they_were_meant(self):
        files = outing_files.files_of(outings.five_weeks(NOW, 1))
        read = self.read([(f.name, f.data) for f in files])
        self.assertEqual(len(read), 21)     # and no two of a name
        for f in files:
            with self.subTest(f.name):
                facts = read[f.name]
                session, = facts['sessions']
                self.assertEqual((facts['verdict'], facts['troubles'], session['class']), ('ok', 0, 'run'))
                self.assertEqual(facts['barometer'], '.fit' in f.name)
                late_s = outing_files.PHONE_LATE_S + 1 if 'phone' in f.name else 0
                self.assertAlmostEqual(session['start_s'], f.outing.start.timestamp(), delta=late_s)
                # GPX has no distance, and who works it out may take a larger earth, by 0.1 %
                self.assertAlmostEqual(session['records']['distance_m'], f.outing.distance_m,
                                       delta=0.002 * f.outing.distance_m + late_s * f.outing.speed_m_s)
                self.assertEqual('heart_rate_mean_bpm' in session['records'], 'phone' not in f.name)

    def test_all_forms_are_there_and_packed_is_plain_inside(self):
        files = outing_files.files_of(outings.five_weeks(NOW, 1))
        for ending, _ in outing_files.FORMS:
            self.assertEqual(sum(f.name.endswith('.' + ending) for f in files), 5 + (ending == 'gpx'), ending)
            with self.subTest(ending):
                f = next(f for f in files if f.name.endswith('.' + ending))
                data = gzip.decompress(f.data) if ending.endswith('gz') else f.data
                self.assertTrue(data[8:12] == b'.FIT' if 'fit' in ending else data.startswith(b'<?xml'))

    def test_the_one_that_comes_twice_is_of_one_outing(self):
        counts = collections.Counter(f.outing for f in outing_files.files_of(outings.five_weeks(NOW, 1)))
        self.assertEqual(sorted(counts.values()), [1] * 19 + [2])

    def test_descents_are_found_to_the_rounding_of_their_edges(self):
        there = outings.five_weeks(NOW, 1)
        read = self.read([('%d.fit' % n, outing_files.fit(o)) for n, o in enumerate(there)])
        for n, outing in enumerate(there):
            with self.subTest(outing.start):
                relief = read['%d.fit' % n]['sessions'][0]['relief']
                self.assertEqual(relief['source'], 'barometer')
                missed = outing.drop_m - relief['downhill_drop_m']
                self.assertGreaterEqual(missed, -0.2)
                self.assertLessEqual(missed, expected.EDGES_M)
                self.assertAlmostEqual(relief['ascent_m'], outing.drop_m, delta=2)


if __name__ == '__main__':
    ACTIVITY = sys.argv.pop(1)
    unittest.main(verbosity=2)
