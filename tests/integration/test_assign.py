#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sensors bound by command: heard, assigned, replaced and forgotten, over restarts, beside the files of /etc."""
import json
import os
import re
import signal
import subprocess
import unittest

from harness import find_program, wait_until
from world import BELT, PATIENCE, POD, STRAP, Case, run_tests, sensor

CONFIG = '[Runner anna]\nMaxHeartRate=190\n'
OTHER = 'C0:DE:00:00:00:05'
SIM = ['pod:Foot:%s:steps,scenario=steady' % POD, 'strap:Chest:%s:scenario=steady' % STRAP]


class Assign(Case):
    def go(self, config=CONFIG, sim=SIM, clock=10):
        self.world = self.make_world(config, sim, clock=clock)
        self.heard = self.world.listen()
        self.world.start()
        self.heard.wait('hall/status', lambda m: m.text == 'online')
        self.world.wait_control()

    def file(self):
        return os.path.join(str(self.world.state), 'assigned.conf')

    def ok(self, verb, **arguments):
        answer = self.world.ask(verb, arguments)
        self.assertEqual(answer['status'], 'ok', answer)
        return answer['data']

    def refused(self, verb, code, **arguments):
        answer = self.world.ask(verb, arguments)
        self.assertEqual((answer['status'], (answer['error'] or {}).get('code')), ('error', code), answer)
        return answer['error']

    def check_config(self):
        done = subprocess.run([find_program('strided', 'STRIDED'), '--config', self.world.config, '--state-dir',
                               str(self.world.state), '--check-config'], capture_output=True, text=True,
                              timeout=PATIENCE)
        return done.returncode, done.stdout, done.stderr

    def test_scan_paste_run(self):
        self.go()
        status, out, err = self.world.stridectl('scan', '5')
        self.assertEqual((status, err), (0, ''))
        self.assertRegex(out, r'To use one: stridectl assign C0:DE:00:00:00:0[12] \[RUNNER\]')
        status, out, err = self.world.stridectl('assign', POD.lower())
        self.assertEqual((status, err), (0, ''))
        self.assertIn("%s is called pod-01 now; it is anna's." % POD, out)
        self.assertIn('Walk with it, and it advertises: it is connected if no watch has taken it 45 s later.', out)
        self.assertIn('stridectl forget pod-01', out)
        self.world.wait_sensor('pod-01', 'streaming')
        self.heard.wait('runner/anna/event', lambda m: m.json['kind'] == 'session_start')
        # another one while she runs: the session goes on, and gets the strap as well
        session = self.heard.wait('runner/anna/live', lambda m: m.json['distance_m']).json['session']
        data = self.ok('assign', address=STRAP, runner='anna', name='heart')
        self.assertEqual((data['sensor'], data['kind'], data['heard'], data['was'], data['overridden']),
                         ('heart', 'strap', True, None, None))
        self.assertIn('while a pod of its runner or a treadmill moves', data['next'])
        with open(data['file']) as f:
            self.assertEqual(f.read().splitlines()[data['line'] - 1], 'Address=' + STRAP)
        live = self.heard.wait('runner/anna/live', lambda m: m.json['heart_rate_bpm'] and m.json['cadence_spm'])
        self.assertEqual(live.json['session'], session)
        # and over kill -9 both are there again
        self.world.stop(signal.SIGKILL)
        self.world.start()
        self.world.wait_sensor('heart', 'streaming')
        self.world.wait_sensor('pod-01', 'streaming')
        status, out, err = self.check_config()
        self.assertEqual((status, err), (0, ''))
        self.assertRegex(out, r'\[Sensor heart\]\n# %s:\d+\nAddress=%s\n# %s:\d+\nRunner=anna\n' % (
            re.escape(self.file()), STRAP, re.escape(self.file())))

    def test_forgotten_it_is_let_go_and_leaves_no_word_behind(self):
        self.go()
        self.ok('assign', address=POD, name='foot')
        self.world.wait_sensor('foot', 'streaming')
        self.heard.wait('hall/sensor/foot', lambda m: m.text and m.json['state'] == 'streaming')
        self.world.sim.wait_truth('Foot', lambda t: t['linked'], PATIENCE, 'the link')
        self.assertIn('/sensor/foot', str(self.world.broker.retained(20, 'homeassistant/#')))
        since = self.heard.mark()
        status, out, err = self.world.stridectl('forget', 'foot')
        self.assertEqual((status, err), (0, ''))
        self.assertIn('foot (%s) is forgotten.' % POD, out)
        self.world.sim.wait_truth('Foot', lambda t: not t['linked'], PATIENCE, 'the end of the link')
        self.heard.wait('hall/sensor/foot', lambda m: m.text == '', since=since)
        self.heard.wait('hall/info', lambda m: m.text and m.json['sensors'] == [], since=since)
        self.assertEqual(self.world.broker.retained(1, 'strided/hall/sensor/#'), {})
        wait_until(lambda: '/sensor/foot' not in str(self.world.broker.retained(20, 'homeassistant/#')), PATIENCE,
                   'Home Assistant to be told that it is gone')
        self.assertEqual(self.refused('forget', 'not_found', sensor='foot')['allowed'], 'no sensor is bound by command')
        with open(self.file()) as f:
            self.assertNotIn('foot', f.read())
        self.world.stop()
        self.world.start_ready()
        self.world.wait_control()
        self.assertEqual(self.ok('sensors'), {'sensors': []})

    def test_a_new_device_takes_name_and_runner_and_learns_anew(self):
        self.go(sim=SIM + ['pod:Spare:%s:strides,scenario=off' % OTHER])
        self.ok('assign', address=POD, runner='anna', name='foot')
        self.world.wait_sensor('foot', 'streaming')
        self.heard.wait('hall/sensor/foot', lambda m: m.text and m.json['cadence_unit'] == 'steps')
        since = self.heard.mark()
        data = self.ok('replace', sensor='foot', address=OTHER)
        self.assertEqual((data['sensor'], data['was'], data['address'], data['runner']), ('foot', POD, OTHER, 'anna'))
        message = self.heard.wait('hall/sensor/foot', lambda m: m.text and m.json['address'] == OTHER, since=since)
        self.assertIsNone(message.json['cadence_unit'])
        self.world.sim.wait_truth('Foot', lambda t: not t['linked'], PATIENCE, 'the end of the link')
        # its own knowledge comes back with the old one
        since = self.heard.mark()
        self.ok('replace', sensor='foot', address=POD)
        self.heard.wait('hall/sensor/foot', lambda m: m.text and m.json['address'] == POD and
                        m.json['cadence_unit'] == 'steps', since=since)

    def home_hears_in_turn(self, old, new, since):
        """That one device goes, and then of the other. How long after (test_topics) a busy machine does not tell."""
        topic = lambda address: 'homeassistant/device/.*_sensor_%s/config' % address.replace(':', '').lower()
        cleared = self.home.wait(topic(old), lambda m: not m.text, since=since)
        announced = self.home.wait(topic(new), lambda m: m.text, since=since)
        self.assertGreater(announced.at, cleared.at)

    def test_a_device_that_took_anothers_place_unheard_keeps_its_entities(self):
        self.go(sim=SIM + ['pod:Spare:%s:strides,scenario=off' % OTHER], clock=1)
        self.ok('assign', address=POD, runner='anna', name='foot')
        self.heard.wait('hall/info', lambda m: m.text and m.json['sensors'] == ['foot'])
        # the broker is away
        self.world.broker.stop()
        self.ok('replace', sensor='foot', address=OTHER)
        self.world.daemon.process.send_signal(signal.SIGSTOP)
        self.world.broker.start()
        self.home = self.world.subscribe('homeassistant/#')
        since = self.home.mark()
        self.world.daemon.process.send_signal(signal.SIGCONT)
        self.home_hears_in_turn(POD, OTHER, since)
        # strided is
        self.world.stop()
        with open(self.file()) as f:
            text = f.read()
        with open(self.file(), 'w') as f:
            f.write(text.replace(OTHER, POD))
        since = self.home.mark()
        self.world.start_ready()
        self.home_hears_in_turn(OTHER, POD, since)

    def test_etc_wins_and_the_answer_says_the_line(self):
        self.go(CONFIG + '[Runner bert]\n' + sensor('pod', POD) + '[Sensor chest]\nRunner=bert\nAddress=%s\n' % BELT)
        lines = open(self.world.config).read().splitlines()
        place = '%s:%d' % (self.world.config, lines.index('Address=' + POD) + 1)
        for verb, arguments in (('forget', {}), ('replace', {'address': OTHER})):
            error = self.refused(verb, 'configured', sensor='pod', **arguments)
            self.assertEqual(error['message'], 'pod is bound by %s, which no command changes' % place)
        error = self.refused('assign', 'already', address=POD, runner='bert')
        self.assertEqual(error['message'], '%s is pod already: %s says so' % (POD, place))
        self.assertFalse(os.path.exists(self.file()))
        # whose it is, a file says; which device it is, the command
        self.world.write_config(self.world.config_text.replace('Address=%s\n' % BELT, ''))
        data = self.ok('assign', address=STRAP, runner='anna', name='chest')
        line = open(self.world.config).read().splitlines().index('[Sensor chest]') + 2
        self.assertEqual((data['runner'], data['overridden']), ('bert', {
            'key': 'Runner', 'value': 'bert', 'file': self.world.config, 'line': line}))
        status, out, err = self.world.stridectl('assign', STRAP, 'anna', 'chest')
        self.assertIn('Runner=bert of %s:%d wins over what was said here.' % (self.world.config, line), out)
        # what is not sound is not written
        self.world.write_config(self.world.config_text + '[Gateway]\nUnits=x\n')
        before = open(self.file()).read()
        error = self.refused('assign', 'unavailable', address=OTHER, runner='anna')
        self.assertIn('Units=x is not allowed', error['message'])
        self.assertEqual(open(self.file()).read(), before)

    def test_a_damaged_section_is_left_out_said_and_mended_by_a_command(self):
        world = self.world = self.make_world(CONFIG, SIM, clock=10)
        os.makedirs(str(world.state), exist_ok=True)
        with open(self.file(), 'w') as f:
            f.write('[Sensor foot]\nAddress=C0:DE\n[Sensor chest]\nAddress=%s\nRunner=anna\n' % STRAP)
        self.heard = world.listen()
        world.start().wait_log(r'assigned\.conf:2: Address=C0:DE is not allowed; allowed: an address such as .*; '
                               'what stands in this section is not used')
        world.wait_control()
        self.assertEqual([s['name'] for s in self.ok('sensors')['sensors']], ['chest'])
        status, out, err = self.check_config()
        self.assertEqual(status, 0)
        self.assertIn('warning: %s:2: Address=C0:DE is not allowed' % self.file(), err)
        self.assertIn('%s:2: Address=C0:DE is not allowed' % self.file(), world.problems()[0])
        self.ok('assign', address=POD, name='foot')
        self.assertEqual([p for p in world.problems() if 'assigned' in p], [])
        world.wait_sensor('foot', 'streaming')
        status, out, err = self.check_config()
        self.assertEqual((status, err), (0, ''))

    def test_what_is_not_for_the_broker(self):
        self.go(clock=None)
        for verb, arguments in (('assign', {'address': POD}), ('replace', {'sensor': 'a', 'address': POD}),
                                ('forget', {'sensor': 'a'})):
            since = self.heard.mark()
            self.world.publish('strided/hall/request/' + verb, json.dumps(arguments))
            answer = self.heard.wait('hall/response/' + verb, since=since).json
            self.assertEqual(answer['error']['code'], 'forbidden', answer)


if __name__ == '__main__':
    run_tests()
