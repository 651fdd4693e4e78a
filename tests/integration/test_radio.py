# SPDX-License-Identifier: MIT
"""The BlueZ client and the sensor machine against the simulated org.bluez, without the rest of strided.

What is asserted is what the simulator counted (connections, packets sent, writes) beside what the probe
printed, so neither side can agree with itself alone. All of it on simulated time.
"""
import contextlib
import os
import random
import signal
import subprocess
import threading
import unittest

from harness import Bus, Sim, Timeout, die_with_parent, find_program, wait_until

POD, STRAP, BELT = 'C0:DE:00:00:00:01', 'C0:DE:00:00:00:02', 'C0:DE:00:00:00:03'
RATE = 30 # of simulated time
SIM_POD = ('--sensor', 'pod:P:%s:awake' % POD)
SIM_RUNNER = ('--sensor', 'pod:P:%s:awake,scenario=steady' % POD) # never falls asleep
SIM_STRAP = ('--sensor', 'strap:S:%s:awake' % STRAP)
SIM_BELT = ('--sensor', 'belt:B:%s:awake' % BELT)


def now(sim):
    """Simulated seconds since boot."""
    return float(sim.ctl('clock now').split()[0])


def is_scanning(sim):
    asked = ['busctl', '--address=' + sim.bus.address, 'get-property', 'org.bluez', '/org/bluez/hci0',
             'org.bluez.Adapter1', 'Discovering']
    return subprocess.run(asked, capture_output=True, check=False).stdout == b'b true\n'


@contextlib.contextmanager
def another_scans(sim):
    """Somebody else's program looks for devices, all the time."""
    other = subprocess.Popen(['bluetoothctl', 'scan', 'on'], stdin=subprocess.PIPE,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             env=dict(os.environ, **sim.environment()), preexec_fn=die_with_parent)
    try:
        wait_until(lambda: is_scanning(sim), 30, 'the other to scan')
        yield
    finally:
        other.stdin.close()
        other.kill()
        other.wait()


class Probe:
    def __init__(self, sim, *sensors, bus=True):
        argv = os.environ.get('STRIDED_WRAPPER', '').split()
        argv += [find_program('radio_probe', 'STRIDED_RADIO_PROBE'), *sensors]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        bufsize=1, env=dict(os.environ, **sim.environment()),
                                        preexec_fn=die_with_parent)
        self.lines = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip('\n').split(' ', 1)[1])

    def send(self, command):
        self.process.stdin.write(command + '\n')
        self.process.stdin.flush()

    def mark(self):
        return len(self.lines)

    def find(self, text, start=0):
        return [line for line in self.lines[start:] if line.startswith(text)]

    def wait(self, text, seconds=30, start=0):
        def found():
            ended = self.process.poll() is not None
            if ended: # it may have said so last of all, a moment after we looked
                self.reader.join(10)
            lines = self.find(text, start)
            if not lines and ended:
                self.fail('the probe ended')
            return lines
        try:
            return wait_until(found, seconds, text)[0]
        except Timeout as e:
            self.fail(str(e))

    def after(self, text, seconds=30, start=0):
        """Waits for the line, too; the mark right behind it: what follows may be there before we look."""
        self.wait(text, seconds, start)
        return next(i for i in range(start, len(self.lines)) if self.lines[i].startswith(text)) + 1

    def fail(self, why):
        raise AssertionError('%s\n%s' % (why, self))

    def ask(self, command, text):
        start = self.mark()
        self.send(command)
        return self.wait(text, start=start)

    def __str__(self):
        return '\n'.join(line for line in self.lines if not line.startswith('packet'))

    def packets(self, name, uuid):
        return len(self.find('packet %s %s' % (name, uuid)))

    def stop(self):
        self.send('stop')
        self.wait('stopped')
        assert self.process.wait(10) == 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.process.kill()
        self.process.wait()
        self.reader.join(10)
        self.process.stdin.close()
        self.process.stdout.close()


def pod(**options):
    return argument('pod', POD, **options)


def strap(**options):
    return argument('strap', STRAP, **options)


def belt(**options):
    return argument('belt', BELT, **options)


def argument(name, address, **options):
    options.setdefault('grace', 0)
    return ','.join(['%s=%s' % (name, address)] +
                    ['%s=%s' % (key.replace('_', '-'), value) for key, value in options.items()])


class Radio(unittest.TestCase):
    def setUp(self):
        self.bus = self.enterContext(Bus()) if hasattr(self, 'enterContext') else self._enter(Bus())

    def _enter(self, context):
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def sim(self, *arguments, rate=RATE, systemd=False):
        sim = self._enter(Sim(self.bus, *arguments, clock=True, systemd=systemd))
        sim.ctl('clock rate %d' % rate)
        return sim

    def probe(self, sim, *sensors):
        return self._enter(Probe(sim, *sensors))

    def test_pod_and_strap_connect_and_every_packet_arrives(self):
        sim = self.sim(*SIM_POD, *SIM_STRAP)
        probe = self.probe(sim, pod(), strap())
        probe.wait('link pod up')
        probe.wait('link strap up')
        wait_until(lambda: probe.packets('strap', '2a37') >= 3, 30, 'three heart rates')
        start = probe.packets('pod', '2a53')
        sent = sim.truth('P')['sent']['2a53']
        wait_until(lambda: sim.truth('P')['sent']['2a53'] >= sent + 4, 30, 'four more packets')
        wait_until(lambda: probe.packets('pod', '2a53') >= start + 4, 5, 'all of them')
        wait_until(lambda: "kind='pod' state=streaming battery=87 maker='Simulated Sensors'" in
                   probe.ask('get pod', 'sensor pod'), 30, 'what is read of it')
        probe.stop()
        for name in 'PS':
            self.assertFalse(sim.truth(name)['linked'], 'links are left clean')
            self.assertEqual(sim.truth(name)['writes'], 0, 'never written to')
            self.assertEqual(sim.truth(name)['connections'], 1)

    def test_both_races_of_bluetoothd_at_every_connection(self):
        sim = self.sim('--race-every', '1', *SIM_POD)
        probe = self.probe(sim, pod())
        for n in range(1, 4):
            start = probe.mark()
            probe.wait('link pod up', start=0 if n == 1 else start)
            probe.wait('packet pod 2a53', start=start)
            self.assertEqual(sim.truth('P')['connections'], n)
            start = probe.mark()
            sim.ctl('drop P')
            probe.wait('link pod down', start=start)

    def test_a_dropped_link_is_taken_back_without_grace(self):
        sim = self.sim(*SIM_POD)
        probe = self.probe(sim, pod(grace=45))
        probe.wait('link pod up')
        sim.ctl('clock rate 5') # half a minute is not to pass while a busy machine is at other things
        before = now(sim)
        start = probe.mark()
        sim.ctl('drop P')
        probe.wait('link pod down', start=start)
        probe.wait('link pod up', start=start)
        self.assertLess(now(sim) - before, 30)
        self.assertIn('drops=1', probe.ask('get pod', 'sensor pod'))

    def test_what_comes_before_the_services_are_resolved_is_not_lost(self):
        """bluetoothd subscribes anew by itself, and takes its time over the rest."""
        sim = self.sim(*SIM_RUNNER, rate=5)
        probe = self.probe(sim, pod())
        probe.wait('packet pod 2a53')
        sim.ctl('slow P 4')
        for _ in range(3):
            start = probe.mark()
            sim.ctl('drop P')
            probe.wait('link pod down', start=start)
            probe.wait('link pod up', start=start)
            sim.wait_truth('P', lambda t: t['subscriptions']['2a53'] > 0, 30, 'a subscription')
        probe.stop()
        self.assertEqual(probe.packets('pod', '2a53'), sim.truth('P')['sent']['2a53'])

    def test_services_that_are_resolved_end_no_link_that_packets_proved(self):
        """Where bluetoothd never says that it is connected, the mirror may learn it last of all."""
        sim = self.sim('--race-every', '1', *SIM_RUNNER, rate=5)
        probe = self.probe(sim, pod())
        probe.wait('packet pod 2a53')
        sim.ctl('slow P 4')
        sim.ctl('late P 1')
        start = probe.mark()
        sim.ctl('drop P')
        probe.wait('link pod down', start=start)
        up = probe.after('link pod up', start=start)
        wait_until(lambda: probe.packets('pod', '2a53') >= 12, 30, 'ten seconds')
        self.assertEqual(probe.find('link pod', up), [])
        self.assertIn('drops=1 ', probe.ask('get pod', 'sensor pod'))
        self.assertEqual(sim.truth('P')['connections'], 2)

    def test_services_that_move_to_other_handles_are_subscribed_to_anew(self):
        sim = self.sim(*SIM_BELT)
        probe = self.probe(sim, belt())
        probe.wait('link belt up')
        for times in (1, 2, 3):
            sent = sim.truth('B')['sent']['2acd']
            sim.wait_truth('B', lambda t, n=sent: t['sent']['2acd'] > n + 3, 30, 'packets')
            if times < 3:
                sim.ctl('shift B')
        probe.stop()
        truth = sim.truth('B')
        self.assertEqual((truth['subscriptions']['2acd'], truth['connections']), (3, 1))

    def test_what_shows_only_later_is_subscribed_to_then(self):
        sim = self.sim('--sensor', 'strap:S:%s:also=rsc,awake,scenario=steady' % STRAP)
        sim.ctl('hide S 1 2a53')
        probe = self.probe(sim, strap(connect='auto'))
        probe.wait('link strap up')
        sim.wait_truth('S', lambda t: t['sent']['2a37'] > 3, 30, 'heart rates')
        sim.ctl('hide S 0 2a53')
        sim.wait_truth('S', lambda t: t['sent']['2a53'] > 3, 30, 'packets of the other')
        probe.stop()
        truth = sim.truth('S')
        self.assertEqual((truth['subscriptions'], truth['connections']), ({'2a37': 1, '2a53': 1}, 1))

    def test_out_of_range_and_back(self):
        sim = self.sim(*SIM_POD)
        probe = self.probe(sim, pod())
        probe.wait('link pod up')
        start = probe.mark()
        sim.ctl('vanish P 40')
        probe.wait('link pod down', start=start)
        probe.wait('link pod up', start=start)
        self.assertEqual(sim.truth('P')['connections'], 2)

    def test_the_watch_gets_its_sensor_twenty_seconds_after_it_wakes(self):
        sim = self.sim(*SIM_STRAP, rate=5) # it advertises already: we are to hear it before the watch does
        sim.ctl('watch take S after 20')
        probe = self.probe(sim, strap(grace=45, connect='auto'))
        probe.wait('state strap seen')
        sim.wait_truth('S', lambda t: t['taken'], 30, 'the watch to take its strap')
        sim.ctl('clock rate %d' % RATE)
        probe.wait('state strap absent adverts stopped during Grace: perhaps connected elsewhere')
        self.assertEqual(sim.truth('S')['connections'], 0)
        sim.ctl('watch off S')
        sim.ctl('give S')
        probe.wait('link strap up', 60)

    def test_a_strap_worn_all_day_costs_one_connection(self):
        sim = self.sim(*SIM_STRAP, rate=60)
        probe = self.probe(sim, strap(grace=45, connect='auto', idle=60))
        probe.wait('link strap up')
        probe.wait('state strap released idle')
        sim.ctl('clock rate 600') # nothing but adverts
        start = now(sim)
        wait_until(lambda: now(sim) > start + 1200, 60, 'twenty minutes')
        sim.ctl('clock rate 60')
        self.assertEqual(sim.truth('S')['connections'], 1)
        self.assertFalse(sim.truth('S')['linked'])
        sim.ctl('vanish S 150')
        back = probe.after('state strap absent free to come back: it was quiet for a minute')
        probe.wait('link strap up', start=back)

    def test_a_strap_waits_for_a_pod_of_its_runner(self):
        sim = self.sim(*SIM_STRAP, *SIM_POD)
        sim.ctl('vanish P')
        probe = self.probe(sim, strap(grace=10), pod(grace=10))
        probe.wait('state strap seen heard; waits for its runner to run')
        self.assertEqual(sim.truth('S')['connections'], 0)
        sim.ctl('return P')
        probe.wait('link pod up', 60)
        probe.wait('link strap up', 60)

    def test_a_strap_of_another_runner_stays_where_it_is(self):
        sim = self.sim(*SIM_STRAP, *SIM_POD)
        probe = self.probe(sim, strap(runner=1), pod(runner=0))
        probe.wait('link pod up')
        wait_until(lambda: probe.packets('pod', '2a53') >= 30, 30, 'half a minute')
        self.assertEqual(sim.truth('S')['connections'], 0)
        probe.send('session 1 1')
        probe.wait('link strap up')

    def test_a_strap_that_somebody_else_connected_is_taken_over_when_its_runner_runs(self):
        self.check_take_over('0')

    def test_also_where_bluetoothd_did_not_say_that_it_is_connected(self):
        self.check_take_over('1')

    def check_take_over(self, race_every):
        sim = self.sim(*SIM_STRAP, '--race-every', race_every)
        probe = self.probe(sim, strap())
        with another_scans(sim):
            probe.wait('state strap seen heard; waits for its runner to run')
            self.connect_by_another(sim, STRAP)
        probe.wait('state strap absent not heard for a minute', 60)
        self.assertEqual(probe.find('link strap up'), [])
        probe.send('session 0 1')
        probe.wait('link strap up')
        self.assertEqual(sim.truth('S')['connections'], 1)

    def connect_by_another(self, sim, address):
        subprocess.run(['busctl', '--address=' + sim.bus.address, 'call', 'org.bluez',
                        '/org/bluez/hci0/dev_' + address.replace(':', '_'), 'org.bluez.Device1', 'Connect'],
                       check=True, capture_output=True, timeout=30)

    def hold_by_another(self, sim, name, uuid):
        def held():
            try:
                return sim.ctl('hold %s 1 %s' % (name, uuid)) is not None
            except ValueError: # its services are not resolved yet
                return False
        wait_until(held, 30, 'another program to have %s' % uuid)

    def test_what_another_program_has_acquired_is_not_taken_from_it(self):
        sim = self.sim('--sensor', 'strap:S:%s:also=rsc,awake,scenario=steady' % STRAP)
        probe = self.probe(sim, strap(connect='with'))
        with another_scans(sim):
            probe.wait('state strap seen heard; waits for its runner to run')
            self.connect_by_another(sim, STRAP)
        self.hold_by_another(sim, 'S', '2a53')
        probe.send('session 0 1')
        probe.wait('state strap streaming no cadence from it')
        wait_until(lambda: probe.packets('strap', '2a37') >= 30, 60, 'some renewals')
        self.assertEqual(sim.ctl('held S 2a53'), '1')
        self.assertEqual(probe.packets('strap', '2a53'), 0)
        sim.ctl('hold S 0 2a53')
        probe.wait('packet strap 2a53', 60)

    def test_a_link_that_another_program_has_to_itself_is_left_to_it(self):
        sim = self.sim('--sensor', 'strap:S:%s:awake,scenario=steady' % STRAP)
        probe = self.probe(sim, strap(connect='with'))
        with another_scans(sim):
            probe.wait('state strap seen heard; waits for its runner to run')
            self.connect_by_another(sim, STRAP)
        self.hold_by_another(sim, 'S', '2a37')
        probe.send('session 0 1')
        left = 'state strap released it was connected by another program'
        probe.wait(left, 60, probe.after(left)) # and once more, a minute later
        truth = sim.truth('S')
        self.assertEqual((truth['connections'], truth['linked']), (1, True))
        self.assertEqual(sim.ctl('held S 2a37'), '1')
        sim.ctl('hold S 0 2a37')
        probe.wait('link strap up', 60)
        self.assertEqual(sim.truth('S')['connections'], 1)

    def check_left_to_another(self, how):
        """bluetoothd would subscribe for us at the next link, whoever makes it, and have it to nobody else."""
        sim = self.sim(*SIM_RUNNER)
        probe = self.probe(sim, pod(idle=60), strap(connect='auto'))
        probe.wait('link pod up')
        probe.wait('packet pod 2a53')
        probe.send(how)
        sim.wait_truth('P', lambda t: not t['linked'], 30, 'the link to end')
        with another_scans(sim):
            self.connect_by_another(sim, POD)
        self.hold_by_another(sim, 'P', '2a53')
        self.assertEqual(sim.truth('P')['subscriptions']['2a53'], 1)

    def test_what_is_released_is_not_subscribed_to_any_more(self):
        self.check_left_to_another('release pod 3600')

    def test_what_is_let_go_is_not_subscribed_to_any_more(self):
        self.check_left_to_another('session 0 0') # it is idle after a minute

    def test_what_a_reload_drops_is_not_subscribed_to_any_more(self):
        self.check_left_to_another('keep strap')

    def test_a_moving_belt_calls_the_straps(self):
        sim = self.sim(*SIM_STRAP, *SIM_BELT)
        probe = self.probe(sim, strap(runner=1), belt(runner='auto'))
        probe.wait('link belt up')
        self.assertEqual(sim.truth('S')['connections'], 0)
        probe.send('motion belt')
        probe.wait('link strap up')
        probe.wait('packet belt 2ad5')
        probe.wait('packet belt 2acd', start=probe.mark())
        self.assertEqual(len(probe.find('packet belt 2ad5')), 1, 'how steep it can be is read once')

    def test_idle_lets_go_and_motion_of_the_runner_brings_back(self):
        sim = self.sim(*SIM_STRAP, *SIM_POD)
        probe = self.probe(sim, strap(idle=30, connect='auto'), pod(idle=300))
        probe.wait('state strap released idle')
        self.assertFalse(sim.wait_truth('S', lambda t: not t['linked'], 10, 'the link to end')['linked'])
        probe.send('motion pod')
        back = probe.after('state strap absent free to come back: the runner moves')
        probe.wait('link strap up', start=back)

    def test_release_stays_away_for_its_time(self):
        sim = self.sim(*SIM_POD, rate=60)
        probe = self.probe(sim, pod())
        probe.wait('link pod up')
        start = probe.mark()
        released = now(sim)
        self.assertEqual(probe.ask('release pod 120', 'release'), 'release 0')
        sim.wait_truth('P', lambda t: not t['linked'], 10, 'the link to end')
        probe.wait('link pod up', 60, start)
        self.assertGreater(now(sim) - released, 119)

    def test_bluetoothd_killed_stopped_and_back(self):
        sim = self.sim(*SIM_POD, *SIM_STRAP)
        probe = self.probe(sim, pod(), strap(connect='auto'))
        probe.wait('link pod up')
        probe.wait('link strap up')
        for command in ('kill-name', 'stop'):
            start = probe.mark()
            sim.ctl(command)
            probe.wait('link pod down', start=start)
            probe.wait('state pod unavailable bluetoothd is not running', start=start)
            probe.wait('problem bluetoothd is not running', start=start)
            sim.ctl('start')
            probe.wait('link pod up', start=start)
            probe.wait('link strap up', start=start)
            probe.wait('packet strap 2a37', start=probe.mark())

    def test_a_bluetoothd_that_crashed_is_started_again(self):
        sim = self.sim(*SIM_POD, systemd=True)
        probe = self.probe(sim, pod())
        probe.wait('link pod up')
        sim.ctl('service break 1')
        killed = probe.mark()
        sim.ctl('kill-name')
        probe.wait('problem bluetoothd is not running: it crashed and does not start again', 60, killed)
        probe.wait('state pod unavailable bluetoothd is not running: it crashed', 60, killed)
        probe.wait('link pod up', 60, killed)
        self.assertEqual(sim.ctl('service activated'), '2')
        self.assertNotIn('problem', probe.ask('health', 'health '))

    def test_one_that_crashes_as_it_comes_is_started_though_an_answer_got_lost(self):
        sim = self.sim(*SIM_POD, systemd=True)
        probe = self.probe(sim, pod())
        probe.wait('link pod up')
        sim.ctl('service mute')
        sim.ctl('kill-name')
        wait_until(lambda: sim.ctl('service asked') == '1', 30, 'the question')
        killed = probe.mark()
        probe.process.send_signal(signal.SIGSTOP) # it sees both at once
        sim.ctl('start')
        sim.ctl('kill-name')
        sim.ctl('service unmute')
        probe.process.send_signal(signal.SIGCONT)
        probe.wait('link pod up', 60, killed)
        self.assertEqual(sim.ctl('service activated'), '1')

    def test_a_bluetoothd_that_was_stopped_or_masked_stays_where_it_is(self):
        sim = self.sim(*SIM_POD, systemd=True, rate=120)
        probe = self.probe(sim, pod())
        probe.wait('link pod up')
        for what, words in (('stop', "'sudo systemctl start bluetooth' starts it"),
                            ('kill-name', 'bluetooth.service is masked')):
            with self.subTest(what):
                start = probe.mark()
                if what == 'kill-name':
                    sim.ctl('service mask')
                sim.ctl(what)
                probe.wait('problem bluetoothd is not running: ' + words, start=start)
                until = now(sim) + 100
                wait_until(lambda: now(sim) >= until, 30, 'three questions')
                self.assertEqual(sim.ctl('service activated'), '0')
                start = probe.mark()
                if what == 'stop':
                    sim.ctl('start')
                    probe.wait('link pod up', 60, start)
        sim.ctl('service unmask') # it crashed, and nobody forbids it any longer
        probe.wait('link pod up', 60, start)
        self.assertEqual(sim.ctl('service activated'), '1')

    def test_an_adapter_that_is_stuck_is_switched_off_and_on(self):
        sim = self.sim(*SIM_POD, rate=120)
        sim.ctl('adapter wedge')
        probe = self.probe(sim, pod())
        probe.wait('problem scanning for sensors fails again and again (Operation failed)')
        probe.wait('link pod up', 60)
        self.assertEqual(sim.ctl('adapter switched'), '1')
        self.assertIn('is being switched off and on', '\n'.join(probe.find('state pod unavailable')))
        self.assertEqual(len(probe.find('state pod unavailable the Bluetooth adapter hci0 is off')), 0)

    def test_an_adapter_that_others_use_is_left_as_it_is(self):
        sim = self.sim(*SIM_RUNNER, rate=120)
        with another_scans(sim):
            sim.ctl('refuse P 100000')
            probe = self.probe(sim, pod())
            probe.wait('problem the Bluetooth adapter seems to be stuck', 60)
            until = now(sim) + 120
            wait_until(lambda: now(sim) >= until, 30, 'two minutes')
            self.assertEqual(sim.ctl('adapter switched'), '0')
        wait_until(lambda: sim.ctl('adapter switched') == '1', 60, 'nobody else is there any more')

    def test_a_daemon_that_ends_leaves_the_adapter_on(self):
        sim = self.sim(*SIM_POD, rate=120)
        sim.ctl('refuse P 100000')
        sim.ctl('adapter stays-off 100000')
        probe = self.probe(sim, pod())
        wait_until(lambda: sim.ctl('adapter powered') == '0', 60, 'the adapter to be off')
        sim.ctl('clock rate 1')
        sim.ctl('adapter stays-off 0')
        probe.stop()
        self.assertEqual(sim.ctl('adapter powered'), '1')

    def test_adapter_unplugged_off_and_blocked(self):
        sim = self.sim(*SIM_POD)
        probe = self.probe(sim, pod())
        probe.wait('link pod up')
        for away, back, sentence in (('remove', 'add', 'there is no Bluetooth adapter'),
                                     ('off', 'on', 'the Bluetooth adapter hci0 is off'),
                                     ('rfkill', 'on', 'the Bluetooth adapter hci0 is')):
            start = probe.mark()
            sim.ctl('adapter ' + away)
            probe.wait('link pod down', start=start)
            probe.wait('state pod unavailable ' + sentence, start=start)
            start = probe.mark()
            sim.ctl('adapter ' + back)
            probe.wait('link pod up', start=start)

    def test_a_configured_adapter_that_is_not_there(self):
        sim = self.sim(*SIM_POD)
        probe = self.probe(sim, pod())
        probe.wait('link pod up')
        probe.send('adapter hci7')
        probe.wait('state pod unavailable the Bluetooth adapter hci7 of the configuration is not there')
        start = probe.mark()
        probe.send('adapter any')
        probe.wait('link pod up', start=start)
        self.assertEqual(sim.truth('P')['connections'], 2, 'nothing of ours was left on the one we left')

    def test_no_bluetoothd_at_first(self):
        sim = self.sim(*SIM_POD)
        sim.ctl('stop')
        probe = self.probe(sim, pod())
        probe.wait('state pod unavailable bluetoothd is not running')
        sim.ctl('start')
        probe.wait('link pod up')

    def check_bus_refuses(self, member):
        """Out of memory, or at a limit of its own: it may have passed a moment later."""
        sim = self.sim(*SIM_POD)
        self.bus.forbid(member)
        probe = self.probe(sim, pod())
        probe.wait('state pod unavailable bluetoothd is being asked what it knows')
        until = now(sim) + 20
        wait_until(lambda: now(sim) >= until, 30, 'some tries')
        self.assertEqual(probe.find('link'), [])
        self.bus.forbid()
        probe.wait('link pod up')

    def test_a_bus_that_would_not_tell_of_bluetoothd_is_asked_again(self):
        self.check_bus_refuses('AddMatch')

    def test_a_bus_that_would_not_say_who_bluetoothd_is_is_asked_again(self):
        self.check_bus_refuses('GetNameOwner')

    def test_links_that_a_killed_daemon_left_are_adopted(self):
        sim = self.sim(*SIM_POD, *SIM_STRAP)
        first = self.probe(sim, pod(), strap(connect='auto'))
        first.wait('link pod up')
        first.wait('link strap up')
        first.process.kill()
        first.process.wait()
        second = self.probe(sim, pod(grace=45), strap(grace=45))
        second.wait('link pod up')
        second.wait('link strap up')
        second.wait('packet pod 2a53')
        second.wait('packet strap 2a37')
        self.assertEqual(sim.truth('P')['connections'], 1)
        self.assertEqual(sim.truth('S')['connections'], 1)
        second.stop()
        self.assertFalse(sim.truth('P')['linked'], 'an adopted link is let go as well')

    def test_a_mute_sensor_is_silent_and_then_connected_anew(self):
        sim = self.sim(*SIM_POD)
        probe = self.probe(sim, pod())
        probe.wait('packet pod 2a53')
        start = probe.mark()
        sim.ctl('mute P 1')
        probe.wait('state pod silent subscribed, but no packets for 10 s', start=start)
        probe.wait('state pod waiting silent for long', start=start)
        sim.ctl('mute P 0')
        probe.wait('link pod up', start=start)
        probe.wait('packet pod 2a53', start=probe.mark())

    def test_a_deaf_sensor_does_not_keep_the_others_waiting(self):
        sim = self.sim(*SIM_POD, *SIM_STRAP)
        sim.ctl('deaf P 1')
        probe = self.probe(sim, pod(), strap(connect='auto'))
        probe.wait('link strap up', 60)
        wait_until(lambda: probe.packets('strap', '2a37') >= 20, 60, 'twenty heart rates')
        self.assertEqual(probe.find('link pod up'), [])
        sim.ctl('deaf P 0')
        probe.wait('link pod up', 60)

    def check_turn(self, trouble, limit_s):
        """A strap that advertises now and then gets its turn beside pods in everlasting trouble."""
        pods = ['C0:DE:00:00:00:1%d' % i for i in range(3)]
        sim = self.sim(*[word for i, a in enumerate(pods)
                         for word in ('--sensor', 'pod:P%d:%s:awake,scenario=steady,interval=0.05' % (i, a))],
                       '--sensor', 'strap:S:%s:awake,interval=3' % STRAP, rate=20)
        for i in range(3):
            sim.ctl(trouble % ('P%d' % i))
        probe = self.probe(sim, *(argument('p%d' % i, a) for i, a in enumerate(pods)), strap(connect='auto'))
        begun = now(sim)
        probe.wait('link strap up', 60)
        self.assertLess(now(sim) - begun, limit_s)
        for _ in range(3): # and again, each time it is due
            start = probe.mark()
            probe.send('release strap 20')
            probe.wait('link strap down', 60, start)
            begun = now(sim)
            probe.wait('link strap up', 60, start)
            self.assertLess(now(sim) - begun, 20 + limit_s)

    def test_pods_that_somebody_else_dials_for_ever_leave_others_their_turn(self):
        self.check_turn('busy %s 1', 60)

    def test_pods_that_fail_for_ever_leave_others_their_turn(self):
        self.check_turn('refuse %s 1000000', 60)

    def test_pods_that_are_deaf_for_ever_leave_others_their_turn(self):
        self.check_turn('deaf %s 1', 150) # each tries twice at once, and holds the turn for 20 s

    def test_refused_connects_are_tried_again_with_backoff(self):
        sim = self.sim(*SIM_POD, rate=60)
        sim.ctl('refuse P 7')
        probe = self.probe(sim, pod())
        probe.wait('problem pod advertises, but 6 tries in a row to connect failed', 90)
        probe.wait('link pod up', 90)
        self.assertEqual(sim.truth('P')['refused'], 7)

    def test_what_bluetoothd_keeps_of_a_sensor_is_forgotten_when_connecting_fails_and_fails(self):
        sim = self.sim(*SIM_POD, rate=60)
        sim.ctl('refuse P 6')
        probe = self.probe(sim, pod())
        probe.wait('state pod absent connecting fails again and again: looking for it anew', 60)
        removed = probe.mark()
        probe.wait('link pod up', 60, removed)
        self.assertIn('maybe connected elsewhere', probe.find('problem pod advertises')[0])

    def test_what_its_owner_trusts_is_not_forgotten(self):
        sim = self.sim(*SIM_POD, rate=60)
        probe = self.probe(sim, pod())
        probe.wait('link pod up')
        trusted = ['org.bluez', '/org/bluez/hci0/dev_' + POD.replace(':', '_'), 'org.bluez.Device1', 'Trusted']
        busctl = ['busctl', '--address=' + sim.bus.address]
        subprocess.run([*busctl, 'set-property', *trusted, 'b', 'true'], check=True, timeout=30)
        sim.ctl('refuse P 7')
        start = probe.mark()
        sim.ctl('drop P')
        probe.wait('problem pod advertises, but ', 60, start)
        probe.wait('link pod up', 60, start)
        self.assertEqual(subprocess.check_output([*busctl, 'get-property', *trusted], timeout=30), b'b true\n')

    def test_an_adapter_that_starts_no_scan_is_said_and_tried_again(self):
        sim = self.sim(*SIM_POD, rate=60)
        sim.ctl('adapter wedge')
        probe = self.probe(sim, pod())
        probe.wait('problem scanning for sensors fails again and again (Operation failed)')
        sim.ctl('adapter unwedge')
        probe.wait('link pod up', 60)
        self.assertNotIn('scanning', probe.ask('health', 'health '))

    def test_no_connection_left_on_the_adapter(self):
        addresses = ['C0:DE:00:00:00:1%d' % i for i in range(6)]
        sensors = [word for i, address in enumerate(addresses)
                   for word in ('--sensor', 'pod:P%d:%s:awake' % (i, address))]
        sim = self.sim('--slots', '5', *sensors)
        probe = self.probe(sim, *(argument('p%d' % i, a) for i, a in enumerate(addresses)))
        line = probe.wait('problem ', 90)
        self.assertIn('seems to have no connection left (5 are up)', line)
        tries = probe.find('state %s connecting' % line.split()[1])
        self.assertLess(len(tries), 8, 'a try of which bluetoothd says nothing is a try')
        self.assertEqual(len({line for line in probe.find('link ') if line.endswith('up')}), 5)

    def test_a_scan_asked_for_completes_and_lists_strangers(self):
        sim = self.sim(*SIM_POD, *SIM_STRAP)
        probe = self.probe(sim, pod())
        probe.wait('link pod up')
        sim.ctl('clock rate 4') # the first is not to be over, nor what it heard old, before a busy machine asks
        self.assertEqual(probe.ask('scan 10', 'scan '), 'scan 0')
        self.assertEqual(probe.ask('scan 10', 'scan '), 'scan -16')
        probe.wait('scanned 0')
        line = probe.ask('heard', 'heard ' + STRAP)
        self.assertIn("'S' 'heart_rate' -", line)
        self.assertIn('sensor=-1', line)
        self.assertIn(STRAP, probe.ask('health', 'unknown '))

    def test_a_reload_keeps_links_and_lets_the_dropped_sensor_go(self):
        sim = self.sim(*SIM_POD, *SIM_STRAP)
        probe = self.probe(sim, strap(connect='auto'), pod())
        probe.wait('link pod up')
        probe.wait('link strap up')
        start = probe.mark()
        self.assertEqual(probe.ask('keep pod', 'reloaded'), 'reloaded 0')
        sim.wait_truth('S', lambda t: not t['linked'], 10, 'the strap to be let go')
        probe.wait('packet pod 2a53', start=probe.mark())
        self.assertEqual(sim.truth('P')['connections'], 1)
        self.assertEqual(probe.find('link pod', start), [])

    def test_another_adapter_is_taken_and_nothing_is_left_on_the_old_one(self):
        sim = self.sim(*SIM_POD)
        probe = self.probe(sim, pod(), strap(connect='auto')) # which is not there, so that it scans
        probe.wait('link pod up')
        sim.ctl('clock rate 4')
        wait_until(lambda: is_scanning(sim), 30, 'a burst')
        start = probe.mark()
        self.assertEqual(probe.ask('adapter hci9', 'reloaded'), 'reloaded 0')
        sim.wait_truth('P', lambda t: not t['linked'], 10, 'the pod to be let go')
        wait_until(lambda: not is_scanning(sim), 10, 'the scan to end')
        probe.wait('problem the Bluetooth adapter hci9 of the configuration is not there', start=start)
        self.assertEqual(len(probe.find('link pod', start)), 1)
        sim.ctl('clock rate %d' % RATE)
        start = probe.mark()
        probe.send('adapter any')
        probe.wait('link pod up', start=start)
        start = probe.mark()
        self.assertEqual(probe.ask('adapter hci0', 'reloaded'), 'reloaded 0') # that it is already
        probe.wait('packet pod 2a53', start=start)
        self.assertEqual(probe.find('link', start), [])
        self.assertEqual(sim.truth('P')['connections'], 2)

    def check_reload_names(self, how):
        """Whatever the order is now: who hears of it may have the old one."""
        sim = self.sim(*SIM_POD)
        probe = self.probe(sim, pod(idle=3600), strap())
        probe.wait('link pod up')
        wait_until(lambda: probe.packets('pod', '2a53') >= 3, 30, 'three seconds')
        start = probe.mark()
        self.assertEqual(probe.ask(how, 'reloaded'), 'reloaded 0')
        probe.wait('link pod down', start=start)
        self.assertEqual(probe.find('link strap', start), [])

    def test_a_reload_whose_rules_end_a_link_names_its_sensor(self):
        self.check_reload_names('keep strap pod,idle=1')

    def test_a_reload_whose_adapter_ends_a_link_names_its_sensor(self):
        self.check_reload_names('keep adapter=hci9 strap pod')

    def test_a_scan_of_another_program_is_no_hindrance(self):
        sim = self.sim(*SIM_POD)
        with another_scans(sim):
            probe = self.probe(sim, pod())
            probe.wait('link pod up', 60)
            probe.wait('packet pod 2a53')

    def test_thirty_random_troubles_end_in_two_links(self):
        troubles = ['drop P', 'drop S', 'vanish P 8', 'vanish S 20', 'refuse P 2', 'deaf S 1', 'deaf S 0',
                    'mute P 1', 'mute P 0', 'kill-name', 'stop', 'start', 'adapter remove', 'adapter add',
                    'adapter off', 'adapter on', 'battery P 50', 'malformed P 3', 'bus 0', 'bus 1',
                    'release pod 10', 'session 0 1', 'session 0 0', 'motion pod', 'scan 3']
        chance = random.Random(int(os.environ.get('STRIDED_SEED', '4')))
        sim = self.sim('--race-every', '3', *SIM_POD, *SIM_STRAP)
        probe = self.probe(sim, pod(), strap(connect='auto'))
        for _ in range(30):
            trouble = chance.choice(troubles)
            if trouble.split()[0] in ('bus', 'release', 'session', 'motion', 'scan'):
                probe.send(trouble)
            else:
                sim.ask(trouble) # some have no sense now and are refused
            until = now(sim) + chance.choice((0, 0.3, 2, 8))
            wait_until(lambda: now(sim) >= until, 30, 'time to pass')
        for command in ('start', 'adapter add', 'adapter on', 'deaf S 0', 'mute P 0', 'refuse P 0',
                        'return P', 'return S'):
            sim.ask(command)
        probe.send('bus 1')
        start = probe.mark()
        for name, packet in (('pod', '2a53'), ('strap', '2a37')):
            probe.send('motion ' + name)
            probe.wait('packet %s %s' % (name, packet), 90, start)
        for name in 'PS':
            self.assertEqual(sim.truth(name)['writes'], 0)
        probe.stop()

    def test_the_bus_goes_and_comes(self):
        sim = self.sim(*SIM_POD)
        probe = self.probe(sim, pod())
        probe.wait('link pod up')
        start = probe.mark()
        probe.send('bus 0')
        probe.wait('link pod down', start=start)
        probe.wait('state pod unavailable there is no system bus', start=start)
        probe.send('bus 1')
        probe.wait('link pod up', start=start)


if __name__ == '__main__':
    unittest.main(verbosity=2)
