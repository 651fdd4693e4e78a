#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A reload in the middle of a session, and what belongs to nobody but us on the broker.

The whole daemon on a private bus with the simulated bluetoothd, clock and a real mosquitto."""
import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Bus, Child, Mosquitto, Sim, affordable, wait_until  # noqa: E402
from world import PATIENCE, Case, Subscriber, sensor  # noqa: E402

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
        self.sim = Sim(self.bus, '--rate', '%g' % affordable(10), '--sensor',
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

    def configure(self, heart='yes', sensors=('pod', 'strap'), runner=True, adapter=''):
        with open(self.config + '.new', 'w') as f:
            f.write('[Gateway]\nName=hall\n%s[MQTT]\nUri=%s\nRoot=gw\n[HomeAssistant]\nDiscovery=yes\n'
                    % ('Adapter=%s\n' % adapter if adapter else '', self.broker.uri))
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

    def test_a_reload_turns_no_figure_of_an_open_session_back(self):
        told = self.ears.topic('/session', lambda s: s['state'] == 'running' and s['elapsed_s'] > 55)
        self.live(lambda l: l['distance_m'] and l['distance_m'] > told['distance_m'] + 10)
        self.reload()
        after = self.ears.topic('/session')
        self.assertEqual(after['id'], told['id'])
        self.assertGreater(after['distance_m'], told['distance_m'])
        self.assertGreater(after['elapsed_s'], told['elapsed_s'])

    def heart_of_status(self, transaction=None):
        """What the answer to `status` tells of the heart, of the one open session."""
        self.say('gw/hall/request/status', json.dumps({'transaction': transaction} if transaction else {}))
        session = self.ears.topic('/response/status')['data']['sessions'][0]
        self.assertGreater(session['distance_m'], 0)
        return [session[key] for key in ('heart_rate_mean_bpm', 'heart_rate_max_bpm', 'trimp', 'edwards')] + \
            session['zone_s'] + [session['source']['heart_rate']]

    def test_an_answer_tells_no_more_of_the_heart_than_the_topics(self):
        self.live(lambda l: l['heart_rate_bpm'] and l['distance_m'] and l['distance_m'] > 60)
        # a heart that was heard a moment ago has no mean and no load yet
        wait_until(lambda: None not in self.heart_of_status(), PATIENCE, 'all that is told of the heart')
        self.assertNotIn(None, self.heart_of_status('t'))
        self.configure(heart='no')
        self.reload()
        self.live(lambda l: l['heart_rate_bpm'] is None and l['cadence_spm'])
        self.assertEqual(set(self.heart_of_status()), {None})
        self.assertEqual(set(self.heart_of_status('t')), {None}) # nor what was told in it before

    def test_an_answer_tells_nothing_of_the_heart_of_who_is_not_configured_any_more(self):
        self.live(lambda l: l['heart_rate_bpm'] and l['distance_m'] and l['distance_m'] > 60)
        self.configure(heart='no')
        self.reload()
        self.live(lambda l: l['heart_rate_bpm'] is None and l['cadence_spm'])
        self.configure(sensors=(), runner=False)
        self.reload()
        self.ears.until(lambda t, text: t.endswith('/runner/anna/session') and text == '')
        self.assertEqual(set(self.heart_of_status()), {None})

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

    def test_a_sensor_that_was_away_for_a_reload_is_still_let_go(self):
        def of_pod(*states):
            return self.ears.topic('/sensor/pod', lambda s: s['state'] in states)

        def take_away_and_back():
            self.configure(sensors=('strap',))
            self.reload()
            self.ears.until(lambda t, text: t.endswith('/sensor/pod') and text == '')
            self.configure()
            self.reload()

        self.live(lambda l: l['heart_rate_bpm'] and l['cadence_spm'])
        self.say('gw/hall/request/release', '{"sensor":"pod","for_s":600}')
        of_pod('released')
        take_away_and_back()
        self.assertEqual(of_pod('released', 'connecting', 'streaming')['state'], 'released')
        self.assertEqual(self.sim.truth('Pod')['connections'], 1)
        self.say('gw/hall/request/release', '{"sensor":"pod","for_s":1}')
        of_pod('streaming')
        take_away_and_back() # it was over
        self.assertEqual(of_pod('released', 'streaming')['state'], 'streaming')
        self.assertEqual(self.sim.truth('Pod')['connections'], 3)

    def test_an_adapter_that_was_none_and_a_sensor_go_in_one_reload(self):
        self.live(lambda l: l['heart_rate_bpm'] and l['cadence_spm'])
        self.configure(adapter='hci7')
        self.reload()
        self.ears.topic('/health', lambda h: any('hci7' in problem for problem in h['problems']))
        # health is well again while the sensors are fewer than a moment before
        self.configure(sensors=('pod',))
        self.reload()
        self.ears.until(lambda t, text: t.endswith('/sensor/strap') and text == '')
        self.ears.topic('/sensor/pod', lambda s: s['state'] == 'streaming')
        self.say('gw/hall/request/status', '{}')
        self.assertEqual(self.ears.topic('/response/status')['data']['health']['problems'], [])

    def test_offline_said_for_us_by_another_is_taken_back(self):
        self.ears.until(lambda t, text: t == 'gw/hall/status' and text == 'online')
        self.live(lambda l: l['cadence_spm'])
        self.say('gw/hall/status', 'offline', '-r')
        self.ears.until(lambda t, text: t == 'gw/hall/status' and text == 'offline')
        self.ears.until(lambda t, text: t == 'gw/hall/status' and text == 'online')


class Move(Case):
    """A reload after which the gateway speaks elsewhere: what it said before is not left behind."""

    def setUp(self):
        self.make_world(sensors=['pod:P:%s:awake,scenario=idle' % POD], clock=10)
        self.heard = self.world.subscribe('#')

    def configure(self, broker=None, name='hall', root='strided', prefix='homeassistant', more=''):
        with open(self.world.config + '.new', 'w') as f:
            f.write('[Gateway]\nName=%s\n[MQTT]\nUri=%s\nRoot=%s\n%s\n[HomeAssistant]\nDiscovery=yes\n'
                    'Prefix=%s\n[Runner anna]\n%s' % (name, (broker or self.world.broker).uri, root, more,
                                                     prefix, sensor('pod', POD)))
        os.rename(self.world.config + '.new', self.world.config)

    def start(self, **how):
        self.configure(**how)
        self.world.start_ready()
        self.heard.wait('^strided/hall/status$', lambda m: m.text == 'online')

    def reload(self, **how):
        """Returns from where on it is heard what comes of it."""
        since, logged = self.heard.mark(), len(self.world.daemon.lines)
        self.configure(**how)
        self.world.daemon.process.send_signal(signal.SIGHUP)
        self.world.daemon.wait_log('Configuration reloaded', since=logged)
        return since

    def move(self, **how):
        """The same, once the old link is closed; a machine busy with other things has the time it is given."""
        def closed():
            return len(re.findall(r'Client strided-\w+ disconnected', self.world.broker.log()))
        before = closed()
        with self.world.at_rate(1):
            since = self.reload(**how)
            self.wait_for(lambda: closed() > before, 'the old link to be closed')
        return since

    @contextlib.contextmanager
    def frozen(self):
        self.world.broker.child.send(signal.SIGSTOP)
        try:
            yield
        finally:
            self.world.broker.child.send(signal.SIGCONT)

    def kept(self, *filters, broker=None):
        """What the broker keeps, by topic."""
        reader = Subscriber(broker or self.world.broker, *filters)
        self.world.subscribers.append(reader)
        reader.catch_up()
        return {m.topic: m.text for m in reader.all() if m.text}

    def another_broker(self):
        broker = Mosquitto()
        self.addCleanup(broker.close)
        return broker

    def check_new(self, root='strided', name='hall', prefix='homeassistant', broker=None):
        """All of it comes, some of it a moment after the 'online' that was heard."""
        def all_there():
            kept = self.kept(root + '/#', prefix + '/#', broker=broker)
            return {'%s/%s/%s' % (root, name, topic) for topic in ('status', 'info', 'sensor/pod')} <= set(kept) \
                and [t for t in kept if t.startswith(prefix + '/device/')]
        self.wait_for(all_there, 'all that is ours below %s/%s and %s' % (root, name, prefix))

    def test_another_name_or_root_leaves_nothing_of_the_old_tree(self):
        self.start()
        since = self.move(name='attic')
        self.heard.wait('^strided/attic/status$', lambda m: m.text == 'online', since=since)
        self.check_new(name='attic')
        self.assertEqual(self.kept('strided/hall/#'), {})
        since = self.move(name='attic', root='gw')
        self.heard.wait('^gw/attic/status$', lambda m: m.text == 'online', since=since)
        self.check_new(name='attic', root='gw')
        self.assertEqual(self.kept('strided/#'), {})
        self.world.stop()

    def test_another_name_leaves_no_verdict_that_was_never_judged(self):
        """Without a clock what a start before said of the week is left alone, and goes with the name."""
        self.world.sim.ctl('clock wall 5000') # 1970
        week, alert = ('strided/hall/runner/anna/' + topic for topic in ('week', 'alert/weekly_distance'))
        for topic in (week, alert, 'strided/hall/runner/zoe/week', 'strided/hall/runner/zoe/alert/weekly_distance'):
            self.world.publish(topic, '{}', '-r')
        self.start()
        self.wait_for(lambda: self.kept('strided/hall/runner/+/week', 'strided/hall/runner/+/alert/+') ==
                      {week: '{}', alert: '{}'}, 'the verdicts of nobody to be cleared')
        since = self.move(name='attic')
        self.heard.wait('^strided/attic/status$', lambda m: m.text == 'online', since=since)
        self.check_new(name='attic')
        self.assertEqual(self.kept('strided/hall/#'), {})
        self.world.stop()

    def test_another_prefix_leaves_no_discovery_behind(self):
        self.start()
        since = self.move(prefix='other')
        self.heard.wait('^strided/hall/status$', lambda m: m.text == 'online', since=since)
        self.check_new(prefix='other')
        self.assertEqual(self.kept('homeassistant/#'), {})
        # what is true under both is not taken away in between
        self.assertEqual([m for m in self.heard.all('^strided/', since=since) if not m.text], [])
        self.world.stop()

    def test_another_broker_is_left_with_nothing(self):
        self.start()
        other = self.another_broker()
        heard = Subscriber(other, '#')
        self.world.subscribers.append(heard)
        self.move(broker=other)
        heard.wait('^strided/hall/status$', lambda m: m.text == 'online')
        self.check_new(broker=other)
        self.assertEqual(self.kept('strided/#', 'homeassistant/#'), {})
        self.world.stop()

    def test_a_broker_that_does_not_answer_is_not_waited_for(self):
        self.start()
        other = self.another_broker()
        heard = Subscriber(other, '#')
        self.world.subscribers.append(heard)
        with self.frozen():
            self.reload(broker=other)
            heard.wait('^strided/hall/status$', lambda m: m.text == 'online')
        self.check_new(broker=other)
        self.world.stop()

    def test_a_stop_in_the_middle_of_it_is_no_hang(self):
        self.start()
        with self.frozen():
            self.reload(name='attic')
            self.world.stop()
        self.world.daemon.wait_log(r"stays at .*'mosquitto_sub -h .* -t strided/hall/# .*' clears it")
        self.heard.wait('^strided/hall/status$', lambda m: m.text != 'online') # as it lay in the socket

    def test_a_second_reload_in_the_middle_of_it_is_the_one_that_counts(self):
        self.start()
        with self.world.at_rate(1):
            with self.frozen():
                self.reload(name='attic')
                since = self.reload(name='cellar')
            self.heard.wait('^strided/cellar/status$', lambda m: m.text == 'online', since=since)
        self.check_new(name='cellar')
        self.assertEqual(self.kept('strided/hall/#', 'strided/attic/#'), {})
        self.world.stop()

    def gone(self):
        """The broker is away, and the daemon knows."""
        logged = len(self.world.daemon.lines)
        self.world.broker.stop()
        self.world.daemon.wait_log('broker: ', since=logged)

    def test_what_stands_at_a_broker_that_is_away_is_cleared_when_it_is_back(self):
        self.start()
        self.gone()
        self.reload(name='attic', prefix='other')
        self.reload(name='cellar', prefix='other') # while it is still away
        with self.world.at_rate(1): # it looks for what is left for ten seconds
            self.world.broker.start()
            self.wait_for(lambda: self.kept('strided/cellar/status') == {'strided/cellar/status': 'online'},
                          'the new name')
            self.check_new(name='cellar', prefix='other')
            self.wait_for(lambda: self.kept('strided/hall/#', 'strided/attic/#', 'homeassistant/#') == {},
                          'nothing of the old ones')
        self.assertEqual(self.world.daemon.logged('stays at'), [])
        self.world.stop()

    def test_what_is_still_to_be_cleared_when_strided_ends_is_said_with_how_to_clear_it(self):
        self.start()
        self.gone()
        self.reload(name='attic', prefix='other')
        line = self.world.daemon.wait_log('still to be cleared at ' + re.escape(self.world.broker.uri))
        self.world.stop()
        self.world.broker.start()
        command = shlex.split(re.search("'(mosquitto_sub .*)'", line.string).group(1))
        subprocess.run(command, stdout=subprocess.DEVNULL, timeout=PATIENCE)
        self.assertEqual(self.kept('strided/#', 'homeassistant/#'), {})

    def test_what_clears_the_old_names_leaves_alone_what_is_still_said(self):
        self.start()
        self.gone()
        self.reload(prefix='other') # of the same tree
        line = self.world.daemon.wait_log('still to be cleared at ' + re.escape(self.world.broker.uri))
        self.assertIn(' -t homeassistant/device/', line.string)
        self.assertNotIn(' -t strided/', line.string)
        self.world.stop()

    def test_what_stays_at_another_broker_that_is_away_is_said_with_how_to_clear_it(self):
        self.start()
        other = self.another_broker()
        heard = Subscriber(other, '#')
        self.world.subscribers.append(heard)
        self.gone()
        self.reload(broker=other)
        heard.wait('^strided/hall/status$', lambda m: m.text == 'online')
        line = self.world.daemon.wait_log('stays at ' + re.escape(self.world.broker.uri))
        self.check_new(broker=other)
        self.world.broker.start()
        self.assertTrue(self.kept('strided/#'))
        command = shlex.split(re.search("'(mosquitto_sub .*)'", line.string).group(1))
        subprocess.run(command, stdout=subprocess.DEVNULL, timeout=PATIENCE) # as a person would
        self.assertEqual(self.kept('strided/#', 'homeassistant/#'), {})
        self.world.stop()

    def test_a_broker_that_was_never_reached_is_left_without_a_word(self):
        self.world.broker.stop()
        self.configure()
        self.world.start_ready()
        self.world.daemon.wait_log('broker: ')
        other = self.another_broker()
        heard = Subscriber(other, '#')
        self.world.subscribers.append(heard)
        self.reload(broker=other, name='attic')
        heard.wait('^strided/attic/status$', lambda m: m.text == 'online')
        self.assertEqual(self.world.daemon.logged('stays at'), [])
        self.world.stop()

    def test_another_way_to_the_same_tree_takes_nothing_away(self):
        self.start()
        since = self.move(more='Version=3.1.1')
        said = [self.heard.wait('^strided/hall/status$', since=since)]
        self.assertEqual(said[0].text, 'offline')
        self.heard.wait('^strided/hall/status$', lambda m: m.text == 'online', since=since)
        self.assertEqual([m for m in self.heard.all('^(strided|homeassistant)/', since=since) if not m.text], [])
        self.check_new()
        self.world.stop()

    def test_the_tree_of_another_gateway_is_not_ours_to_clear(self):
        theirs = json.dumps({'machine': '0' * 32})
        self.world.publish('strided/hall/info', theirs, '-r')
        self.configure()
        with self.world.at_rate(1): # three seconds it listens who is there
            self.world.start_ready()
            self.world.daemon.wait_log("used the gateway name 'hall' before")
        since = self.move(name='attic')
        self.heard.wait('^strided/attic/status$', lambda m: m.text == 'online', since=since)
        self.assertEqual(self.kept('strided/hall/#'), {'strided/hall/info': theirs})
        self.world.stop()


if __name__ == '__main__':
    unittest.main()
