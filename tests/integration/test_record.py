#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Recordings besides sessions: begun by a command, followed in a terminal, replayed to the run that was in them."""
import json
import os
import re
import signal
import subprocess
from datetime import datetime

from harness import find_program
from world import PATIENCE, POD, STRAP, Case, run_tests, sensor, wait_until

CONFIG = '[Runner anna]\nMaxHeartRate=190\nRestHeartRate=50\n' + sensor('pod', POD, CadenceUnit='steps') + \
    sensor('strap', STRAP, Connect='auto')


class Record(Case):
    def go(self, scenario, clock=10):
        self.world = self.make_world(CONFIG, ['pod:Pod:%s:steps,awake,scenario=%s' % (POD, scenario),
                                              'strap:Strap:%s:scenario=%s' % (STRAP, scenario)], clock=clock)
        self.heard = self.world.listen()
        self.world.start()
        self.world.wait_control()
        self.world.wait_sensor('pod', 'streaming')

    def ok(self, **arguments):
        answer = self.world.ask('record', arguments)
        self.assertEqual(answer['status'], 'ok', answer)
        return answer['data']

    def replay(self, *words):
        done = subprocess.run([find_program('strided-replay', 'STRIDED_REPLAY'), *words], capture_output=True,
                              text=True, timeout=PATIENCE)
        return done.returncode, done.stdout, done.stderr

    def follow(self, *words):
        child = subprocess.Popen([find_program('stridectl', 'STRIDECTL'), 'record', *words], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True, env={**os.environ, **self.world.environment()})
        self.addCleanup(child.kill)
        return child

    def test_a_recording_is_followed_to_its_end_and_replayed_to_the_run_in_it(self):
        self.go('steady')
        child = self.follow('start', 'minutes=2')
        out, err = child.communicate(timeout=PATIENCE)
        self.assertEqual((child.returncode, err), (0, ''))
        begun, end = re.search(r'^Recording all sensors to (\S+)$', out, re.M), re.search(
            r'^(\S+): (\d+) packets of (\d) sensors, \d+ KiB in 2:0\d min; its time was over\.$', out, re.M)
        self.assertTrue(begun and end, out)
        path = end.group(1)
        self.assertEqual((begun.group(1), end.group(3)), (path, '2'))
        self.assertIn('sudo strided-replay --anonymous copy.rec ' + path, out)
        self.assertTrue(path.startswith(os.path.join(str(self.world.state), 'records', '')))
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
        with open(path) as f:
            lines = f.read().splitlines()
        self.assertEqual(len([line for line in lines if line[0] == 'N']), int(end.group(2)))
        status, out, err = self.replay('--gateway', 'hall', path)
        self.assertEqual((status, err), (0, ''))
        told = [json.loads(line.split(' ', 1)[1]) for line in out.splitlines() if '/session ' in line]
        self.assertEqual((told[-1]['runner'], told[-1]['kind'], told[-1]['source']['heart_rate']), ('anna', 'run', 'strap'))
        # 3 m/s, for two minutes
        self.assertAlmostEqual(told[-1]['distance_m'], 360, delta=15)
        copy = os.path.join(self.world.folder, 'copy.rec')
        self.assertEqual(self.replay('--anonymous', copy, path)[0], 0)
        with open(copy) as f:
            text = f.read()
        for word in ('anna', POD, STRAP, ' pod ', 'strap'):
            self.assertNotIn(word, text)
        told = self.replay(copy)[1].splitlines()[-1]
        self.assertIn('"distance_m":%.1f' % json.loads(told.split(' ', 1)[1])['distance_m'], told)
        self.assertIn('runner/runner-1/', told)

    def test_a_sessions_own_recording_gives_what_was_published(self):
        """But for what no packet tells: what the clock says of its date, and what depends on the days before."""
        self.go('steady')
        self.heard.wait('runner/anna/live', lambda m: (m.json['distance_m'] or 0) > 300)
        session = self.world.ctl('session', 'stop')['data']['id']
        told = self.heard.wait('runner/anna/event', lambda m: m.json['id'] == session + '-end').json['body']
        path = self.world.state.recording(session)
        status, out, err = self.replay('--gateway', 'hall', path)
        self.assertEqual((status, err), (0, ''))
        again = [json.loads(line.split(' ', 1)[1]) for line in out.splitlines() if '/session ' in line][-1]
        self.assertEqual(again['id'], session)
        self.assertGreater(told['distance_m'], 290)
        self.assertEqual({key: (told[key], again[key]) for key in told if told[key] != again[key]}, {})
        self.compare_live(path, session)
        for name in ('pod', 'strap'):
            told = self.heard.all('sensor/%s$' % name)[-1].json
            again = [json.loads(line.split(' ', 1)[1]) for line in out.splitlines() if '/sensor/%s ' % name in line][-1]
            for key in ('name', 'kind', 'address', 'cadence_unit', 'drops', 'malformed', 'truncated'):
                self.assertEqual(again[key], told[key], (name, key))

    def compare_live(self, path, session):
        """Each live message as it was published, with that of the recording's second beside it."""
        told = [m.json for m in self.heard.all('runner/anna/live$') if m.json['session'] == session and m.json['distance_m']]
        again = [json.loads(line.split(' ', 1)[1]) for line in self.replay('--every', '1', path)[1].splitlines()
                 if '/live ' in line]
        second = {datetime.fromisoformat(a['t'].replace('Z', '+00:00')): a for a in again}
        self.assertGreater(len(told), 5)
        compared = 0
        for live in told:
            at = datetime.fromisoformat(live['t'].replace('Z', '+00:00'))
            near = min(second, key=lambda t: abs((t - at).total_seconds()))
            if abs((near - at).total_seconds()) > 1:
                continue # it had ended
            compared += 1
            for key, delta in (('distance_m', 7), ('steps', 8), ('elapsed_s', 2), ('speed_m_s', 0.2), ('cadence_spm', 4),
                               ('heart_rate_bpm', 3)):
                a, b = live[key], second[near][key]
                if a is not None and b is not None:
                    self.assertAlmostEqual(b, a, delta=delta, msg=(key, live['t']))
        self.assertEqual(again[-1]['source'], told[-1]['source'])
        self.assertGreater(compared, len(told) * 3 // 4)

    def test_outside_a_session_and_of_one_sensor(self):
        self.go('idle')
        self.world.wait_sensor('strap', 'streaming')
        data = self.ok(do='start', sensor='strap', minutes=240)
        self.assertEqual((data['recording'], data['sensor'], data['ended']), (True, 'strap', None))
        wait_until(lambda: self.ok(do='status')['packets'] > 20, PATIENCE, 'packets of the strap')
        self.assertEqual(self.world.ask('record', {'do': 'start'})['error']['code'], 'already')
        status, out, err = self.world.stridectl('record', 'status')
        self.assertIn('Recording strap to %s' % data['file'], out)
        # a link that goes and comes is in it
        self.world.sim.ctl('drop Strap')
        wait_until(lambda: self.ok(do='status')['link_changes'] >= 2, PATIENCE, 'the strap to come again')
        data = self.ok(do='stop')
        self.assertEqual((data['recording'], data['ended'], data['lost']), (False, 'it was stopped', 0))
        with open(data['file']) as f:
            lines = f.read().splitlines()
        self.assertEqual({line.split()[2] for line in lines if line[0] == 'N'}, {'0'})
        self.assertLessEqual({'up', 'down'}, {line.split()[3] for line in lines if line[0] == 'L'})
        self.assertEqual(os.path.getsize(data['file']), data['bytes'])
        status, out, err = self.replay(data['file'])
        self.assertEqual(status, 0)
        self.assertIn('nobody ran in it', err)
        strap = [json.loads(line.split(' ', 1)[1]) for line in out.splitlines()]
        self.assertEqual({line.split(' ', 1)[0] for line in out.splitlines()}, {'strided/replay/sensor/strap'})
        # and what it says of the drop is what was published
        told = self.heard.all('sensor/strap$')[-1].json
        self.assertEqual((told['drops'], told['malformed'], told['truncated']), (1, 0, 0))
        for key in ('name', 'kind', 'address', 'drops', 'malformed', 'truncated', 'cadence_unit'):
            self.assertEqual(strap[-1][key], told[key], key)
        self.assertIn('absent', [body['state'] for body in strap])
        self.assertEqual((strap[0]['state'], strap[-1]['state'], strap[-1]['battery_pct']), ('streaming', 'streaming', None))
        self.assertEqual(self.heard.all('runner/[^/]+/event$'), [])

    def test_ctrl_c_ends_it(self):
        self.go('idle')
        child = self.follow('start')
        wait_until(lambda: self.ok(do='status')['recording'], PATIENCE, 'the recording')
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=PATIENCE)
        self.assertEqual((child.returncode, err), (0, ''))
        self.assertIn('it was stopped.', out)
        self.assertFalse(self.ok(do='status')['recording'])

    def test_it_ends_with_the_daemon_and_loses_a_second_at_most_when_that_is_killed(self):
        self.go('idle')
        path = self.ok(do='start')['file']
        wait_until(lambda: self.ok(do='status')['packets'] > 5, PATIENCE, 'packets')
        self.world.stop()
        with open(path) as f:
            self.assertGreater(len([line for line in f if line[0] == 'N']), 5)
        self.assertEqual(self.replay(path)[0], 0)
        self.world.start()
        self.world.wait_control()
        data = self.ok(do='status')
        self.assertEqual((data['recording'], data['file'], data['ended']), (False, None, None))
        self.assertIn('Nothing is being recorded.', self.world.stridectl('record')[1])
        self.world.wait_sensor('pod', 'streaming')
        path = self.ok(do='start')['file']
        wait_until(lambda: os.path.getsize(path) > 2000, PATIENCE, 'the worker to write')
        self.world.stop(signal.SIGKILL)
        self.assertEqual(self.replay(path)[0], 0)


if __name__ == '__main__':
    run_tests()
