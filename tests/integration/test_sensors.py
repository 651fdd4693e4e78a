# SPDX-License-Identifier: MIT
"""When the daemon takes a sensor, leaves it to a watch, lets it go, and gets it back: the whole daemon
against the simulated bluetoothd, on simulated time. The simulator counts the connections."""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from datetime import datetime

from harness import find_program
from world import (BELT, HEART_RATE, PATIENCE, POD, RSC, STRAP, Case, NotifySocket, run_tests,
                   sensor)

ANNA = '[Runner anna]\nMaxHeartRate=190\nRestHeartRate=50\n'
SPARE = 'C0:DE:00:00:00:04'


class Door:
    """A way to a bus that can be shut: whoever went through is cut off, and the bus lives on."""

    def __init__(self, address):
        self.bus = re.search('unix:path=([^,]+)', address).group(1)
        self.folder = tempfile.mkdtemp(prefix='strided-test-')
        self.path = os.path.join(self.folder, 'bus')
        self.address = 'unix:path=' + self.path
        self.listener, self.pairs, self.lock = None, [], threading.Lock()
        self.open()

    def open(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def _accept(self, listener):
        while True:
            try:
                near = listener.accept()[0]
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.bus)
            with self.lock:
                self.pairs += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    @staticmethod
    def _carry(one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def shut(self):
        os.unlink(self.path)
        for one in [self.listener] + self.pairs:
            try:
                one.shutdown(socket.SHUT_RDWR) # wakes the thread that waits at it
            except OSError:
                pass
            one.close()
        self.listener, self.pairs = None, []

    def close(self):
        if self.listener:
            self.shut()
        os.rmdir(self.folder)


def write(path, text):
    with open(path, 'w') as f:
        f.write(text)


def with_class_folder(folder):
    """Words before a program that let it see `folder` as /sys/class; None: not allowed here."""
    unshare = ['unshare', '--mount'] + ([] if os.geteuid() == 0 else ['--map-current-user', '--keep-caps'])
    words = [*unshare, 'sh', '-c', 'mount --bind "$0" /sys/class && exec "$@"', folder]
    try:
        done = subprocess.run([*words, 'true'], check=False, stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        return None
    return words if done.returncode == 0 else None


class Sensors(Case):
    def prepare(self, *sensors, rate=20, broker=False, options=(), config=()):
        """All but the daemon."""
        world = self.make_world('[HomeAssistant]\nDiscovery=no\n' + ANNA + ''.join(config), sensors,
                                clock=rate, broker=broker, sim_options=options)
        if broker:
            world.listen()
        return world

    def start(self, *sensors, **options):
        world = self.prepare(*sensors, **options)
        world.start_ready()
        return world

    def state_of(self, name):
        return self.world.sensor(name)['state']

    def problems(self):
        return self.world.ctl('status')['data']['health']['problems']

    def wait_problem(self, words):
        return self.wait_for(lambda: [p for p in self.problems() if words in p],
                             'a problem that says "%s"' % words)[0]

    def wait_change(self, name, words, since):
        """In the log: a state that passes may be over before anybody asks for it."""
        return self.world.daemon.wait_log(r'\b%s: \w+ -> %s' % (name, words), since=since)

    def check_streams(self, name, sim_name, uuid):
        """State alone would be the daemon's own word: packets go out, and it has seen no harm."""
        self.world.wait_sensor(name, 'streaming')
        before = self.world.sim.truth(sim_name)['sent'].get(uuid, 0)
        self.world.sim.wait_truth(sim_name, lambda t: t['sent'].get(uuid, 0) >= before + 5, PATIENCE,
                            'five more packets of ' + name)
        self.world.wait_sensor(name, 'streaming')

    # ---- the watch comes first ----

    def test_the_watch_that_looks_for_its_strap_after_20_s_gets_it(self):
        sim = self.prepare('pod:P:%s:awake,scenario=steady' % POD, 'strap:S:%s:wake=120' % STRAP,
                           'strap:T:%s:wake=120' % SPARE, config=(
                               sensor('pod', POD), # runs already, so that the strap is wanted
                               sensor('strap', STRAP, Grace='45s'), # as without a line
                               '[Sensor other]\nAddress=%s\nRunner=anna\nConnect=auto\n' % SPARE)).sim
        sim.ctl('watch take S after 20')
        sim.ctl('watch take T after 20')
        self.world.start_ready()
        for name in 'ST':
            sim.wait_truth(name, lambda t: t['taken_by_watch'] == 1, PATIENCE, 'the watch of ' + name)
        for name in ('strap', 'other'):
            seen = self.world.wait_sensor(name, 'absent')
            self.assertIn('perhaps connected elsewhere', seen['reason'])
        self.world.pass_time(300, rate=120)
        for name in 'ST':
            self.assertEqual(sim.truth(name)['connections'], 0, 'it was never asked to come to us')
            self.assertTrue(sim.truth(name)['taken'])
        sim.ctl('watch off S')
        sim.ctl('give S') # the watch is done with it
        sim.wait_truth('S', lambda t: t['connections'] == 1, PATIENCE, 'our turn')
        self.check_streams('strap', 'S', HEART_RATE)

    def test_after_45_s_of_adverts_nobody_took_it_is_ours(self):
        sim = self.start('pod:P:%s:awake,scenario=steady' % POD, rate=5, # how long is told by our own look
                         config=('[Sensor pod]\nAddress=%s\nRunner=anna\n' % POD,)).sim
        self.wait_change('pod', 'seen', 0)
        heard = self.world.now()[0]
        sim.ctl('watch take P after 300')
        sim.wait_truth('P', lambda t: t['linked'], PATIENCE, 'the pod')
        passed = self.world.now()[0] - heard
        self.assertGreater(passed, 35, 'the first advert was heard a moment before we saw it')
        self.assertLess(passed, 90)
        self.check_streams('pod', 'P', RSC)

    # ---- worn all day ----

    def test_a_strap_worn_all_day_costs_at_most_one_connection(self):
        sim = self.start('strap:S:%s:awake,scenario=idle' % STRAP,
                         'strap:T:%s:awake,scenario=idle' % SPARE, rate=60, config=(
                             sensor('strap', STRAP), sensor('other', SPARE, Connect='auto'))).sim
        self.check_streams('other', 'T', HEART_RATE)
        self.world.wait_sensor('other', 'released')
        self.assertEqual(self.state_of('strap'), 'seen', 'nobody runs with it')
        self.world.pass_time(16 * 3600, rate=1200)
        self.assertEqual(sim.truth('S')['connections'], 0)
        # a machine that stood still for a twentieth of a second heard nothing for a minute: only then again
        ended = self.world.daemon.logged(r'\bother: released -> ')
        for line in ended:
            self.assertIn('released -> absent (free to come back: it was quiet for a minute)', line)
        if not ended:
            self.assertEqual(sim.truth('T')['connections'], 1)
        self.world.wait_sensor('other', 'released')

    # ---- let go, and back ----

    def test_an_idle_pod_is_let_go_after_5_minutes_and_taken_again_when_it_comes_back(self):
        sim = self.start('pod:P:%s:awake,scenario=idle,sleep=100000' % POD, rate=60,
                         config=(sensor('pod', POD),)).sim
        # how long is what the simulator tells: it answers at once, also on a busy machine
        sim.wait_truth('P', lambda t: t['linked'], PATIENCE, 'the pod')
        begun = self.world.now()[0]
        with self.world.at_rate(40):
            sim.wait_truth('P', lambda t: not t['linked'], PATIENCE, 'the link to be gone')
            self.assertAlmostEqual(self.world.now()[0] - begun, 300, delta=30)
        seen = self.world.wait_sensor('pod', 'released')
        self.assertIn('idle', seen['reason'])
        self.world.pass_time(600, rate=600) # it advertises all the time, and is left alone
        self.assertEqual(sim.truth('P')['connections'], 1)
        self.assertEqual(self.state_of('pod'), 'released')
        sim.ctl('vanish P 200')
        sim.wait_truth('P', lambda t: t['connections'] == 2, PATIENCE, 'the pod again')
        self.check_streams('pod', 'P', RSC)

    def test_release_keeps_away_for_its_time(self):
        sim = self.start('pod:P:%s:awake,scenario=steady' % POD, config=(sensor('pod', POD),)).sim
        self.check_streams('pod', 'P', RSC)
        begun = self.world.now()[0]
        self.world.ctl('release', 'pod', '120')
        self.world.wait_sensor('pod', 'released')
        sim.wait_truth('P', lambda t: not t['linked'], PATIENCE, 'the link to be gone')
        sim.wait_truth('P', lambda t: t['linked'], PATIENCE, 'the pod again')
        self.assertGreaterEqual(self.world.now()[0] - begun, 119)
        self.assertEqual(sim.truth('P')['connections'], 2)
        self.check_streams('pod', 'P', RSC)

    def test_a_release_outlives_a_restart_of_the_daemon_and_of_the_machine(self):
        sim = self.start('pod:P:%s:awake,scenario=steady' % POD, config=(sensor('pod', POD),)).sim
        self.check_streams('pod', 'P', RSC)
        begun = self.world.now()[1]
        self.world.ctl('release', 'pod', '600') # each start takes a busy machine a minute of it
        self.world.wait_sensor('pod', 'released')
        self.world.stop()
        self.world.start_ready()
        self.world.wait_sensor('pod', 'released')
        self.world.pass_time(250, rate=120)
        self.world.stop(signal.SIGKILL)
        self.world.start_ready()
        self.world.wait_sensor('pod', 'released')
        self.world.stop(signal.SIGKILL)
        sim.ctl('clock reboot')
        self.world.start_ready()
        self.world.wait_sensor('pod', 'released')
        self.assertEqual(sim.truth('P')['connections'], 1)
        sim.wait_truth('P', lambda t: t['linked'], PATIENCE, 'the pod again')
        self.assertGreaterEqual(self.world.now()[1] - begun, 598)
        self.assertLess(self.world.now()[1] - begun, 700)
        self.check_streams('pod', 'P', RSC)

    def test_a_release_that_was_over_is_not_begun_anew_at_a_boot_without_a_clock(self):
        sim = self.start('pod:P:%s:awake,scenario=steady' % POD, config=(sensor('pod', POD),)).sim
        self.check_streams('pod', 'P', RSC)
        self.world.ctl('release', 'pod', '120')
        self.world.wait_sensor('pod', 'released')
        self.check_streams('pod', 'P', RSC) # it was over
        for _ in range(2): # one boot without a clock, and another
            self.world.stop(signal.SIGKILL)
            sim.ctl('clock reboot')
            sim.ctl('clock wall 5000') # 1970, as a Pi without a battery clock may begin
            self.world.start_ready()
            self.check_streams('pod', 'P', RSC)
            self.assertFalse(self.world.daemon.logged('pod: .* -> released'))

    # ---- trouble with the sensor ----

    def test_both_races_of_bluetoothd_still_stream(self):
        for seed in (1, 2, 3):
            with self.subTest(seed=seed):
                sim = self.start('pod:P:%s:awake,scenario=steady' % POD,
                                 'strap:S:%s:awake,scenario=steady' % STRAP,
                                 options=('--race-every', '1', '--seed', str(seed)),
                                 config=(sensor('pod', POD), sensor('strap', STRAP))).sim
                for times in range(1, 4):
                    self.check_streams('pod', 'P', RSC)
                    self.check_streams('strap', 'S', HEART_RATE)
                    self.assertEqual(sim.truth('P')['connections'], times)
                    if times < 3:
                        sim.ctl('drop P')
                        sim.wait_truth('P', lambda t, n=times: t['connections'] > n, PATIENCE,
                                       'the pod again')
                self.world.stop()
                self.world.close()

    def test_a_strap_that_speaks_the_other_bluetooth_too_is_reached_by_low_energy(self):
        sim = self.start('strap:S:%s:awake,dual,public' % STRAP, config=(
            sensor('strap', STRAP, Connect='auto'),)).sim
        self.check_streams('strap', 'S', HEART_RATE)
        self.assertNotIn('br-connection', self.world.log())
        self.assertEqual(sim.truth('S')['connections'], 1)

    def test_a_strap_that_wants_to_be_read_before_it_is_subscribed_to(self):
        sim = self.start('strap:S:%s:awake,picky' % STRAP, rate=4, config=( # it is known by ends within 5 s
            sensor('strap', STRAP, Connect='auto'),)).sim
        sim.wait_truth('S', lambda t: t['sent']['2a37'] > 5, PATIENCE, 'packets')
        self.check_streams('strap', 'S', HEART_RATE)
        known = sim.truth('S')['connections']
        self.assertLess(known, 6)
        sim.ctl('drop S') # bluetoothd subscribes by itself when it is back: that must not be for ever
        sim.wait_truth('S', lambda t: t['connections'] > known, PATIENCE, 'the strap again')
        before = sim.truth('S')['sent']['2a37']
        sim.wait_truth('S', lambda t: t['sent']['2a37'] > before + 30, PATIENCE, 'packets again')
        self.check_streams('strap', 'S', HEART_RATE)

    def test_a_mute_pod_is_silent_and_streams_when_it_speaks(self):
        sim = self.start('pod:P:%s:awake,scenario=steady' % POD, config=(sensor('pod', POD),)).sim
        self.check_streams('pod', 'P', RSC)
        since = len(self.world.daemon.lines)
        sim.ctl('mute P 1')
        self.wait_change('pod', 'silent .*no packets', since)
        sim.ctl('mute P 0')
        self.check_streams('pod', 'P', RSC)
        self.assertEqual(sim.truth('P')['connections'], 1, 'patience, not a new link')

    def test_a_deaf_pod_is_tried_again_and_never_given_up(self):
        sim = self.prepare('pod:P:%s:awake,scenario=steady' % POD, config=(sensor('pod', POD),)).sim
        sim.ctl('deaf P 1') # before anybody may connect
        self.world.start_ready()
        sim.wait_truth('P', lambda t: t['connections'] >= 2, PATIENCE, 'a second try')
        self.assertNotEqual(self.state_of('pod'), 'streaming')
        sim.ctl('deaf P 0')
        self.check_streams('pod', 'P', RSC)

    def test_refused_links_are_tried_later_and_later_and_never_given_up(self):
        world = self.prepare('pod:P:%s:awake,scenario=steady' % POD, rate=60, config=(sensor('pod', POD),))
        sim = world.sim
        sim.ctl('refuse P 100') # before anybody may connect
        world.start_ready()
        sim.wait_truth('P', lambda t: t['refused'] >= 7, PATIENCE, 'seven refused links')
        self.wait_problem('tries in a row to connect failed')
        before, begun = sim.truth('P')['refused'], self.world.now()[0]
        sim.wait_truth('P', lambda t: t['refused'] >= before + 2, PATIENCE, 'it is not given up')
        self.assertGreater(self.world.now()[0] - begun, 20, 'the tries are far apart by now')
        sim.ctl('refuse P 0')
        self.check_streams('pod', 'P', RSC)
        self.wait_for(lambda: self.problems() == ['No broker is configured: set Uri= in [MQTT]'],
                      'the sentence to go')

    def test_a_machine_with_nothing_we_can_read_is_said_and_left_alone_until_it_was_away(self):
        sim = self.start('belt:B:%s:awake,no-data' % BELT, rate=60, config=(sensor('belt', BELT),)).sim
        seen = self.world.wait_sensor('belt', 'released')
        self.assertIn('nothing that can be read', seen['reason'])
        self.wait_problem('belt has nothing that can be read')
        self.assertEqual(sim.truth('B')['connections'], 2, 'bluetoothd might have remembered another')
        self.world.ctl('session', 'start')
        self.world.pass_time(1200, rate=600)
        self.assertEqual(sim.truth('B')['connections'], 2)
        self.assertEqual(self.state_of('belt'), 'released')
        sim.ctl('vanish B 300') # switched off
        self.wait_for(lambda: not any('can be read' in p for p in self.problems()), 'the sentence to go')
        sim.wait_truth('B', lambda t: t['connections'] == 3, PATIENCE, 'another look')
        self.world.wait_sensor('belt', 'released')

    # ---- one of several subscriptions ----

    def start_strap_with_steps(self, *before, scenario='steady', broker=False):
        world = self.prepare('strap:S:%s:also=rsc,awake,scenario=%s' % (STRAP, scenario), broker=broker,
                             config=(sensor('strap', STRAP, Connect='auto'),))
        for command in before:
            world.sim.ctl(command)
        world.start_ready()
        self.world.wait_sensor('strap', 'streaming')
        return world.sim

    def wait_reason(self, words):
        return self.wait_for(lambda: (lambda s: s if words in s['reason'] else None)(
            self.world.sensor('strap')), 'a reason that says "%s"' % words)

    def wait_subscriptions(self, uuid, count):
        self.world.sim.wait_truth('S', lambda t: t['subscriptions'][uuid] >= count, PATIENCE,
                                  '%d subscriptions of %s' % (count, uuid))

    def test_a_refused_subscription_is_asked_for_again_while_the_other_goes_on(self):
        sim = self.start_strap_with_steps('refuse-notify S 1 2a53', broker=True)
        self.assertEqual(self.wait_reason('no cadence from it')['state'], 'streaming')
        self.wait_subscriptions('2a53', 3)
        self.assertEqual(sim.truth('S')['sent']['2a53'], 0)
        self.wait_for(lambda: 'no cadence' in self.world.broker.retained(4).get('sensor/strap', {})
                      .get('reason', ''),
                      'the retained reason')
        sim.ctl('refuse-notify S 0 2a53')
        self.check_streams('strap', 'S', RSC)
        self.check_streams('strap', 'S', HEART_RATE)
        self.wait_for(lambda: 'no cadence' not in self.world.sensor('strap')['reason'], 'all of it')
        truth = sim.truth('S')
        self.assertEqual((truth['connections'], truth['subscriptions']['2a37']), (1, 1), 'it went on')
        said = re.findall(r'strap: streaming -> streaming \((.+)\)', self.world.log())
        self.assertEqual(said, ['no cadence from it', 'all of it comes'])

    def test_a_subscription_that_falls_silent_unnoticed_is_renewed(self):
        for uuid, words in ((RSC, 'no cadence from it'), (HEART_RATE, 'no heart rate from it')):
            with self.subTest(uuid=uuid):
                sim = self.start_strap_with_steps()
                self.check_streams('strap', 'S', uuid)
                since = len(self.world.daemon.lines)
                sim.ctl('unsubscribe S ' + uuid)
                self.wait_change('strap', 'streaming .' + words, since)
                self.wait_subscriptions(uuid, 2)
                self.check_streams('strap', 'S', uuid)
                self.wait_reason('all of it comes')
                self.assertEqual(sim.truth('S')['connections'], 1)
                self.world.close()

    def test_a_cadence_that_stays_away_is_asked_for_a_few_times_only(self):
        sim = self.start_strap_with_steps()
        self.check_streams('strap', 'S', RSC)
        sim.ctl('mute S 1 2a53')
        self.wait_reason('no cadence from it')
        with self.world.at_rate(60):
            self.wait_subscriptions('2a53', 6)
        self.world.pass_time(600, rate=60) # faster, a busy machine makes a silence of every hiccup
        self.assertEqual(sim.truth('S')['subscriptions'], {'2a37': 1, '2a53': 6})
        seen = self.world.sensor('strap')
        self.assertEqual((seen['state'], seen['reason']), ('streaming', 'no cadence from it'))
        sim.ctl('mute S 0 2a53')
        self.wait_reason('all of it comes')

    def test_a_strap_that_says_nothing_of_steps_while_its_wearer_stands_is_left_alone(self):
        sim = self.start_strap_with_steps(scenario='idle')
        self.check_streams('strap', 'S', RSC)
        sim.ctl('mute S 1 2a53')
        self.world.pass_time(120, rate=60)
        self.assertEqual(sim.truth('S')['subscriptions'], {'2a37': 1, '2a53': 1})
        self.assertNotIn('cadence', self.world.sensor('strap')['reason'])

    # ---- trouble with the radio ----

    def check_trouble(self, begin, end, words, connected=True):
        self.world.sim.ctl(begin)
        seen = self.world.wait_sensor('pod', 'unavailable')
        self.assertIn(words, seen['reason'])
        self.wait_problem(words)
        self.world.sim.ctl(end)
        self.check_streams('pod', 'P', RSC)
        self.wait_for(lambda: not any(words in p for p in self.problems()), 'the sentence to go')

    def test_bluetoothd_and_adapter_go_and_come(self):
        self.start('pod:P:%s:awake,scenario=steady' % POD, config=(sensor('pod', POD),))
        self.check_streams('pod', 'P', RSC)
        for begin, end, words in [
                ('kill-name', 'start', 'bluetoothd is not running'),
                ('stop', 'start', 'bluetoothd is not running'),
                ('adapter remove', 'adapter add', 'there is no Bluetooth adapter'),
                ('adapter off', 'adapter on', "'bluetoothctl power on' switches it on")]:
            with self.subTest(trouble=begin):
                self.check_trouble(begin, end, words)

    def test_a_daemon_that_was_killed_finds_its_links_again(self):
        sim = self.start('pod:P:%s:awake,scenario=steady' % POD,
                         'strap:S:%s:awake,scenario=steady' % STRAP,
                         config=(sensor('pod', POD), sensor('strap', STRAP))).sim
        self.check_streams('pod', 'P', RSC)
        self.check_streams('strap', 'S', HEART_RATE)
        self.world.stop(signal.SIGKILL)
        self.world.start_ready()
        self.check_streams('pod', 'P', RSC)
        self.check_streams('strap', 'S', HEART_RATE)
        self.assertEqual(sim.truth('P')['connections'], 1, 'the link that was there is taken over')
        self.assertEqual(sim.truth('S')['connections'], 1)
        self.world.stop()
        for name in 'PS':
            self.assertFalse(sim.truth(name)['linked'], 'links are left clean')

    def test_each_change_of_state_is_a_retained_topic_and_a_line(self):
        self.start('pod:P:%s:awake,scenario=steady' % POD, broker=True, config=(sensor('pod', POD),))
        self.check_streams('pod', 'P', RSC)
        self.world.sim.ctl('drop P')
        self.world.sim.wait_truth('P', lambda t: t['connections'] == 2, PATIENCE, 'the pod again')
        self.check_streams('pod', 'P', RSC)
        self.wait_for(lambda: [told for told in [self.world.broker.retained(4).get('sensor/pod')]
                               if told and (told['state'], told['drops']) == ('streaming', 1)],
                      'the retained state')
        self.world.listener.catch_up()
        lines = re.findall(r'pod: (\w+) -> (\w+) \((.+)\)', self.world.log())
        self.assertIn(('streaming', 'absent', 'the link was lost'), lines)
        told = [m['state'] for m in self.world.listener.bodies('/sensor/pod$')]
        self.assertEqual(told[-1], 'streaming')
        self.assertLess(told.index('streaming'), len(told) - 1, 'it was told before the drop, too')

    def test_last_seen_follows_a_sensor_that_streams_at_most_once_a_minute(self):
        self.start('pod:P:%s:awake,scenario=steady' % POD, rate=60, broker=True,
                   config=(sensor('pod', POD),))
        self.check_streams('pod', 'P', RSC)
        self.world.pass_time(120) # what a broker is told at a connect, and what is read of it, are over
        start = len(self.world.listener.bodies('/sensor/pod$'))
        self.world.pass_time(300, rate=15) # what is told is when it spoke last: no hiccup is to be between
        told = self.world.listener.bodies('/sensor/pod$')[start:]
        seen = [datetime.fromisoformat(m.pop('last_seen').rstrip('Z') + '+00:00').timestamp()
                for m in told]
        self.assertGreater(seen[-1], self.world.now()[1] - 120, 'five minutes later it is news')
        same = [seen[i] - seen[i - 1] for i in range(1, len(told)) if told[i] == told[i - 1]]
        self.assertGreaterEqual(len(same), 3)
        self.assertTrue(all(59 <= seconds <= 90 for seconds in same), same)

    def test_the_bus_breaks_while_bluetoothd_owes_answers(self):
        world = self.make_world(ANNA + sensor('pod', POD), ['pod:P:%s:awake' % POD], clock=10)
        door = Door(world.bus.address)
        self.addCleanup(door.close)
        heard = world.subscribe('strided/#')
        world.sim.ctl('deaf P 1')
        world.start(env={'DBUS_SYSTEM_BUS_ADDRESS': door.address})
        for owed in ('connecting', 'streaming'): # the link; what is read of it
            heard.wait('sensor/pod$', lambda m, state=owed: m.json['state'] == state)
            since = heard.mark()
            door.shut()
            heard.wait('sensor/pod$', lambda m: m.json['state'] == 'unavailable' and
                       'no system bus' in m.json['reason'], since=since)
            world.sim.ctl('deaf P 0')
            since = heard.mark()
            door.open()
            heard.wait('sensor/pod$', lambda m: m.json['state'] == 'streaming', since=since)
        sent = world.sim.truth('P')['sent']['2a53']
        world.sim.wait_truth('P', lambda t: t['sent']['2a53'] > sent + 5, PATIENCE, 'packets')
        self.assertEqual(world.daemon.end(signal.SIGTERM), 0)
        self.assertFalse(world.sim.truth('P')['linked'])

    # ---- what only a person can mend ----

    def test_rfkill_is_said_in_log_status_and_health_and_ends(self):
        folder = tempfile.mkdtemp(prefix='strided-test-')
        self.addCleanup(shutil.rmtree, folder)
        switch = os.path.join(folder, 'rfkill', 'rfkill0')
        os.makedirs(switch)
        write(switch + '/type', 'bluetooth\n')
        write(switch + '/hard', '0\n')
        write(switch + '/soft', '0\n')
        prefix = with_class_folder(folder) # in the place of /sys/class, for the daemon alone
        if not prefix:
            self.skipTest('skipped: no right to a mount namespace')
        world, notify = self.make_world(ANNA + sensor('pod', POD), ['pod:P:%s:awake' % POD], clock=10), NotifySocket()
        self.addCleanup(notify.close)
        heard = world.subscribe('strided/#')
        world.start(env={'NOTIFY_SOCKET': notify.path}, prefix=prefix)
        heard.wait('sensor/pod$', lambda m: m.json['state'] == 'streaming')
        since = heard.mark()
        write(switch + '/soft', '1\n')
        world.sim.ctl('adapter rfkill')
        sentence = "the Bluetooth adapter hci0 is blocked: 'sudo rfkill unblock bluetooth' frees it, if Debian's package rfkill is there"
        heard.wait('hall/health', lambda m: sentence in m.json['problems'], since=since)
        world.daemon.wait_log(sentence)
        notify.wait('^STATUS=.*' + sentence)
        heard.wait('sensor/pod$', lambda m: m.json['state'] == 'unavailable' and
                   m.json['reason'] == sentence, since=since)
        since = heard.mark()
        write(switch + '/soft', '0\n')
        world.sim.ctl('adapter on')
        heard.wait('sensor/pod$', lambda m: m.json['state'] == 'streaming', since=since)
        heard.wait('hall/health', lambda m: m.json['problems'] == [], since=since)

    # ---- --scan ----

    def scan(self):
        with self.world.at_rate(5): # or it is over in a breath, in which a busy machine does nothing
            return subprocess.run([find_program('strided-sim', 'STRIDED_SIM'), '--config', self.world.config,
                                   '--state-dir', self.world.state, '--scan', '30'],
                                  env=dict(os.environ, **self.world.sim.environment()), check=True,
                                  stdout=subprocess.PIPE, timeout=60).stdout.decode()

    def test_an_address_that_changes_is_not_to_be_pasted_and_said_if_it_was(self):
        phone, watch = '5A:00:00:00:00:05', '3B:00:00:00:00:06' # resolvable; not even that
        old = 'public,awake' # a maker's own, which may begin with any bits
        self.start('strap:S:%s:awake' % phone, 'strap:T:%s:%s' % ('00:22:D0:00:00:07', old),
                   'strap:U:%s:awake' % watch, config=(sensor('watch', watch, Connect='auto'),))
        self.wait_problem("watch has an address that changes every few minutes: 'bluetoothctl pair %s'" % watch)
        said = self.scan()
        self.assertEqual(re.findall(r'\nAddress=(.*)', said), ['00:22:D0:00:00:07'])
        self.assertIn("'bluetoothctl pair %s'" % phone, said)

    def test_scan_gives_each_sensor_a_name_of_its_own_to_paste(self):
        ends = ('11:11:0A', '22:11:0A', '11:22:0A', '11:33:0B')
        self.start('pod:P:C0:DE:00:44:11:0A:awake', *(
            'strap:S%d:C0:DE:00:%s:awake' % (i, end) for i, end in enumerate(ends)), config=(
                sensor('strap-0b', STRAP), sensor('pod-0c', POD)))
        pasted = re.findall(r'\[Sensor (.*)\]\nAddress=C0:DE:00:(.*)', self.scan())
        self.assertEqual(dict(map(reversed, pasted)), {
            '44:11:0A': 'pod-0a', # another kind: the last byte does
            '11:11:0A': 'strap-11110a', '22:11:0A': 'strap-22110a', '11:22:0A': 'strap-220a',
            '11:33:0B': 'strap-330b'}) # strap-0b is configured, and is another one


if __name__ == '__main__':
    run_tests()
