#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A reload in the middle of a session, and what belongs to nobody but us on the broker.

The whole daemon on a private bus with the simulated bluetoothd, clock and a real mosquitto."""
import json
import os
import shlex
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Bus, Child, Mosquitto, Sim  # noqa: E402

POD, STRAP = 'C0:DE:00:00:00:01', 'C0:DE:00:00:00:02'
RUNNER = '''[Runner anna]
MaxHeartRate=190
RestHeartRate=50
PublishHeartRate={heart}
'''
SENSORS = {'pod': '[Sensor pod]\nAddress=%s\nRunner=anna\nGrace=0s\n' % POD,
           'strap': '[Sensor strap]\nAddress=%s\nRunner=anna\nGrace=0s\n' % STRAP}


class Ears:
    """Everything that is said under a filter, the newest of each topic, and the log of all."""

    def __init__(self, port, topic):
        self.child = Child(['mosquitto_sub', '-p', str(port), '-v', '-t', topic],
                           stdout=subprocess.PIPE)
        self.log = []

    def until(self, condition, seconds=60):
        """The first message from now on for which condition(topic, text) holds."""
        deadline = time.monotonic() + seconds
        while True:
            line = self.child.read_line(max(0.1, deadline - time.monotonic()))
            topic, _, text = line.partition(' ')
            text = '' if text == '(null)' else text  # how mosquitto_sub shows an empty payload
            self.log.append((topic, text))
            if condition(topic, text):
                return text

    def topic(self, name, condition=lambda body: True, seconds=60):
        return json.loads(self.until(
            lambda topic, text: topic.endswith(name) and text and condition(json.loads(text)),
            seconds))

    def close(self):
        self.child.stop()


class Reload(unittest.TestCase):
    def setUp(self):
        self.bus = Bus()
        self.addCleanup(self.bus.close)
        self.sim = Sim(self.bus, '--rate', '10', '--sensor',
                       'pod:Pod:%s:steps,odometer=120000,scenario=steady' % POD, '--sensor',
                       'strap:Strap:%s:scenario=steady' % STRAP, clock=True)
        self.addCleanup(self.sim.close)
        self.broker = Mosquitto()
        self.addCleanup(self.broker.close)
        self.folder = self.broker.folder
        self.config = os.path.join(self.folder, 'strided.conf')
        self.configure()
        self.ears = Ears(self.broker.port, 'gw/#')
        self.addCleanup(self.ears.close)
        self.daemon = Child(
            shlex.split(os.environ.get('STRIDED_WRAPPER', '')) +
            [os.environ['STRIDED_SIM'], '--config', self.config, '--state-dir',
             os.path.join(self.folder, 'state')], env=self.sim.environment())
        self.addCleanup(lambda: self.assertEqual(self.daemon.stop(seconds=60), 0))

    def configure(self, heart='yes', sensors=('pod', 'strap'), runner=True):
        with open(self.config + '.new', 'w') as f:
            f.write('[Gateway]\nName=hall\n[MQTT]\nUri=%s\nRoot=gw\n[HomeAssistant]\nDiscovery=yes\n'
                    % self.broker.uri)
            if runner:
                f.write(RUNNER.format(heart=heart))
            for name in sensors:
                f.write(SENSORS[name])
        os.rename(self.config + '.new', self.config)

    def reload(self):
        self.daemon.send(signal.SIGHUP)

    def say(self, topic, text, *flags):
        subprocess.run(['mosquitto_pub', '-p', str(self.broker.port), '-t', topic, '-m', text,
                        *flags], check=True, timeout=60)

    def live(self, condition):
        return self.ears.topic('/live', condition)

    def test_a_session_goes_on_through_reloads_and_ends_without_the_heart(self):
        before = self.live(lambda l: l['heart_rate_bpm'] and l['distance_m'] and
                           l['distance_m'] > 60)
        self.assertEqual(before['state'], 'running')
        # in another order: sensors are found again by their names
        self.configure(sensors=('strap', 'pod'))
        self.reload()
        self.ears.topic('/info', lambda i: i['sensors'] == ['strap', 'pod'])
        after = self.live(lambda l: l['heart_rate_bpm'] and l['distance_m'] > before['distance_m'] + 30)
        self.assertEqual(after['session'], before['session'])
        # what makes no sense changes nothing
        with open(self.config, 'a') as f:
            f.write('[Sensor nonsense]\nAddress=here\n')
        self.reload()
        self.live(lambda l: l['heart_rate_bpm'] and l['distance_m'] > after['distance_m'] + 30)
        # the heart is private from now on
        self.configure(heart='no', sensors=('strap', 'pod'))
        self.reload()
        self.live(lambda l: l['heart_rate_bpm'] is None and l['cadence_spm'])
        self.say('gw/hall/request/session', '{"do":"stop"}')
        now = self.ears.topic('/now', lambda n: n['heart_rate_bpm'] is None and not n['cadence_spm'])
        self.assertIsNone(now['speed_m_s'])
        event = self.ears.topic('/event', lambda e: e['kind'] == 'session_end')
        self.assertEqual(event['body']['id'], before['session'])
        self.assertGreater(event['body']['distance_m'], after['distance_m'])
        for key in ('heart_rate_mean_bpm', 'heart_rate_max_bpm', 'trimp', 'edwards'):
            self.assertIsNone(event['body'][key], key)
        self.assertEqual(event['body']['zone_s'], [None] * 5)
        self.assertIsNone(event['body']['source']['heart_rate'])

    def test_sensors_and_runner_that_go_in_a_session_leave_nothing_behind(self):
        self.live(lambda l: l['heart_rate_bpm'] and l['distance_m'] and l['distance_m'] > 30)
        self.configure(sensors=('pod',))
        self.reload()
        self.ears.until(lambda t, text: t.endswith('/sensor/strap') and text == '')
        self.live(lambda l: l['heart_rate_bpm'] is None and l['cadence_spm'])
        self.configure(sensors=(), runner=False)
        self.reload()
        self.ears.until(lambda t, text: t.endswith('/runner/anna/session') and text == '')
        self.configure()
        self.reload()
        self.ears.topic('/live', lambda l: l['heart_rate_bpm'] and l['cadence_spm'], 120)

    def test_offline_said_for_us_by_another_is_taken_back(self):
        self.ears.until(lambda t, text: t == 'gw/hall/status' and text == 'online')
        self.live(lambda l: l['cadence_spm'])
        self.say('gw/hall/status', 'offline', '-r')
        self.ears.until(lambda t, text: t == 'gw/hall/status' and text == 'offline')
        self.ears.until(lambda t, text: t == 'gw/hall/status' and text == 'online')


if __name__ == '__main__':
    unittest.main()
