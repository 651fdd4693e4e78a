# SPDX-License-Identifier: MIT
"""What is measured beside steps and beats: running power, air pressure, temperature, height. The whole
daemon against the simulated bluetoothd, on simulated time; the simulator knows what was sent."""
import os
import re
import subprocess

from harness import find_program
from world import PATIENCE, POD, RSC, STRAP, Case, run_tests, sensor

ANNA = '[Runner anna]\nMaxHeartRate=190\nRestHeartRate=50\n'
WATT, AIR, SKY = 'C0:DE:00:00:00:04', 'C0:DE:00:00:00:05', 'C0:DE:00:00:00:06'
POWER, PRESSURE, TEMPERATURE, LOCATION = '2a63', '2a6d', '2a6e', '2a67'
DOWNHILL = 'scenario=steady,noise=0,incline=-6,altitude=500'
WATTS = 70 * 3 * (1.04 - 0.06 * 3.5)  # of the simulated runner at 3 m/s on it: 174.3


def number(hexadecimal, signed=False):
    return int.from_bytes(bytes.fromhex(hexadecimal), 'little', signed=signed)


class Surroundings(Case):
    def prepare(self, sensors, config, rate=10, **options):
        """All but the daemon."""
        world = self.make_world(ANNA + ''.join(config), sensors, clock=rate, **options)
        if world.broker:
            world.listen()
        return world

    def start(self, sensors, config, **options):
        world = self.prepare(sensors, config, **options)
        world.start_ready()
        return world

    def sent(self, name, uuid):
        return self.world.sim.truth(name)['sent'].get(uuid, 0)

    def recorded(self, uuid):
        """The packets of a characteristic in the recordings: (seconds, sensor's number, hex)."""
        return [(int(w[1]) / 1e6, int(w[2]), w[4]) for w in self.world.state.records('N') if w[3] == uuid]

    def test_power_pod_and_barometer_beside_pod_and_strap(self):
        world = self.start(
            ['pod:P:%s:awake,%s' % (POD, DOWNHILL), 'strap:S:%s:%s' % (STRAP, DOWNHILL),
             'power:W:%s:awake,%s' % (WATT, DOWNHILL), 'barometer:A:%s:%s' % (AIR, DOWNHILL)],
            [sensor('pod', POD), sensor('strap', STRAP), sensor('watt', WATT), sensor('air', AIR)])
        for name, kind in (('pod', 'pod'), ('strap', 'strap'), ('watt', 'power'), ('air', 'barometer')):
            self.assertEqual(world.wait_sensor(name, 'streaming')['kind'], kind)
        status, table, _ = world.stridectl('sensors')
        self.assertEqual(status, 0)
        self.assertEqual({tuple(line.split()[:3]) for line in table.splitlines()[1:]},
                         {('pod', 'pod', 'anna'), ('strap', 'strap', 'anna'), ('watt', 'power', 'anna'),
                          ('air', 'barometer', 'anna')})
        for topic in 'live', 'now':
            seen = world.listener.wait('runner/anna/' + topic, lambda m: m.json['power_w'] is not None and
                                       m.json['temperature_c'] is not None).json
            self.assertEqual((seen['power_w'], seen['temperature_c']), (round(WATTS), 19.5))
            self.assertEqual(seen['source']['distance'], 'pod', 'neither tells how far')
        # what was sent is recorded: each watt, and a pressure that rises as the runner descends
        sent = self.sent('W', POWER)
        self.wait_for(lambda: len(self.recorded(POWER)) >= sent - 30, 'the power in the recording')
        self.assertEqual({hexadecimal for _, _, hexadecimal in self.recorded(POWER)}, {'0000ae00'})
        self.wait_for(lambda: len(self.recorded(PRESSURE)) > 60, 'a minute of air')
        air = [(at, number(p) / 10) for at, _, p in self.recorded(PRESSURE)]
        pressures = [pascals for _, pascals in air]
        self.assertEqual(pressures, sorted(pressures))
        (begun, low), (ended, high) = air[0], air[60]
        self.assertAlmostEqual((high - low) / (ended - begun), 0.18 * 11.4, delta=0.2) # Pa a second
        self.assertEqual({number(t) for _, _, t in self.recorded(TEMPERATURE)}, {1950})
        # a pod that falls silent: the watts are not known, never 0 and never the last ones
        world.sim.ctl('mute W 1')
        since = world.listener.mark()
        world.listener.wait('runner/anna/live', lambda m: m.json['power_w'] is None, since=since)
        self.assertIsNotNone(world.listener.all('runner/anna/live')[-1].json['cadence_spm'])
        world.sim.ctl('mute W 0')
        since = world.listener.mark()
        world.listener.wait('runner/anna/live', lambda m: m.json['power_w'] == round(WATTS), since=since)
        world.sim.ctl('malformed W 3')
        self.wait_for(lambda: (world.sensor('watt')['malformed'] or 0) == 3, 'the count of what was cut')
        since = world.listener.mark()
        world.ask('session', {'do': 'stop'})
        last = world.listener.wait('runner/anna/now', lambda m: m.json['state'] == 'ended', since=since).json
        self.assertEqual((last['power_w'], last['temperature_c']), (None, None))

    def test_home_assistant_has_power_and_temperature(self):
        world = self.start([], [])
        found = world.subscribe('homeassistant/#').wait('homeassistant/device/.*/config',
                                                        lambda m: '"power_w"' in m.text).json['cmps']
        for key, kind, unit in (('power_w', 'power', 'W'), ('temperature_c', 'temperature', '°C')):
            entity = found[key]
            self.assertEqual((entity['p'], entity['dev_cla'], entity['unit_of_meas'], entity['stat_cla']),
                             ('sensor', kind, unit, 'measurement'))
            self.assertRegex(entity['stat_t'], 'runner/anna/now$')

    def test_a_pod_with_power_is_one_sensor(self):
        world = self.start(['pod:Stryd:%s:awake,%s,also=power' % (POD, DOWNHILL)], [sensor('pod', POD)])
        self.assertEqual(world.wait_sensor('pod', 'streaming')['kind'], 'pod')
        seen = world.listener.wait('runner/anna/live', lambda m: m.json['power_w'] is not None).json
        self.assertEqual(seen['power_w'], round(WATTS))
        self.assertEqual(seen['source']['distance'], 'pod')
        self.assertGreater(self.sent('Stryd', RSC), 10)

    def test_they_wait_for_somebody_to_run_and_are_let_go_with_them(self):
        world = self.prepare(['pod:P:%s:awake,scenario=steady' % POD, 'barometer:A:%s:scenario=steady' % AIR,
                              'location:G:%s:scenario=steady' % SKY],
                             [sensor('pod', POD), sensor('air', AIR), sensor('sky', SKY)], rate=60,
                             broker=False)
        world.sim.ctl('vanish P')
        world.start_ready()
        for name, kind in (('air', 'barometer'), ('sky', 'location')):
            self.assertEqual(world.wait_sensor(name, 'seen')['kind'], kind)
        world.pass_time(200)
        for name in 'AG':
            self.assertEqual(world.sim.truth(name)['connections'], 0, 'nobody runs')
        world.sim.ctl('return P')
        world.wait_sensor('pod', 'streaming')
        for name in 'air', 'sky':
            world.wait_sensor(name, 'streaming')
        self.wait_for(lambda: len(self.recorded(LOCATION)) > 30 and len(self.recorded(PRESSURE)) > 30,
                      'both in the recording')
        world.sim.ctl('scenario P idle')
        for name in 'AG':
            world.sim.wait_truth(name, lambda t: not t['linked'], PATIENCE, 'the idle one to be let go')

    def test_a_slow_barometer_keeps_its_link(self):
        world = self.start(['pod:P:%s:awake,scenario=steady' % POD,
                            'barometer:A:%s:scenario=steady,hz=0.05' % AIR],
                           [sensor('pod', POD), sensor('air', AIR)], rate=60, broker=False)
        world.wait_sensor('air', 'streaming')
        world.sim.ctl('mute A 1') # the air stands still
        world.pass_time(300)
        self.assertEqual(world.sim.truth('A')['connections'], 1)
        self.assertEqual([p for p in self.world.problems() if 'air' in p], [])
        world.sim.ctl('mute A 0')
        before = len(self.recorded(TEMPERATURE))
        self.wait_for(lambda: len(self.recorded(TEMPERATURE)) > before, 'the next word')

    def test_what_a_scan_says_of_them(self):
        world = self.make_world('', ['pod:Stryd:%s:awake,scenario=steady,also=power' % POD,
                                     'power:Watt:%s:awake,scenario=steady' % WATT, 'barometer:Air:%s' % AIR,
                                     'location:Sky:%s' % SKY], clock=None, broker=False)
        def scan():
            text = subprocess.run([find_program('strided', 'STRIDED'), '--config', world.config,
                                   '--state-dir', str(world.state), '--scan', '3'], check=True,
                                  env={**os.environ, **world.environment()}, timeout=PATIENCE,
                                  capture_output=True, text=True).stdout
            return text if all(name in text for name in ('Stryd', 'Watt', 'Air', 'Sky')) else None
        text = self.wait_for(scan, 'all four to be heard', 120)
        for name, services in (('Stryd', 'running_speed_cadence cycling_power'), ('Watt', 'cycling_power'),
                               ('Air', 'environmental_sensing'), ('Sky', 'location_navigation')):
            self.assertRegex(text, r'(?m)^\S+ +%s +-\d+ dBm +%s +-$' % (name, services))
        sections = re.findall(r'\[Sensor (\S+)\]\nAddress=\S+\nRunner=(\S+)', text)
        self.assertEqual(dict(sections), {'pod-01': 'me', 'power-04': 'me', 'barometer-05': 'auto',
                                          'location-06': 'me'})


if __name__ == '__main__':
    run_tests()
