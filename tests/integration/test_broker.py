# SPDX-License-Identifier: MIT
"""A broker that is killed, or refuses: what becomes of the events."""
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import textwrap

from harness import Timeout, wait_until
from world import PATIENCE, POD, Case, run_tests, sensor

SETTLE_SECONDS = 5 # of the promise: every retained topic equals the store so soon after a reconnect


class BrokerCase(Case):
    def prepare(self, **options):
        self.make_world('[HomeAssistant]\nDiscovery=no\n[Runner anna]\n' + sensor('pod', POD),
                        ['pod:P:%s:awake,scenario=steady' % POD], clock=10, **options)

    def events(self, what='id'):
        """Of those that wait in the database."""
        return [row[what] for row in self.world.state.rows('SELECT * FROM events ORDER BY rowid')]


class Killed(BrokerCase):
    """With events waiting; it comes back with what it kept, and with nothing.

    It is frozen first: one event is then on the wire without an answer, and one waits behind it. The
    daemon is held while a subscriber takes its place, or it would be the subscriber that misses them."""

    def setUp(self):
        self.prepare()
        self.world.listen()
        self.kept = os.path.join(self.world.broker.folder, 'mosquitto.db')
        self.world.start_ready()
        self.world.wait_event('session_start')
        self.wait_for(lambda: not self.events(), 'the broker to have the first event')

    def kill_with_events_waiting(self):
        wait_until(lambda: os.path.exists(self.kept), PATIENCE, 'the broker to keep something')
        self.world.broker.child.send(signal.SIGSTOP)
        self.world.ctl('session', 'stop')
        self.world.ctl('session', 'start')
        self.wait_for(lambda: len(self.events()) == 2, 'an end and a start to wait')
        self.world.broker.stop(signal.SIGKILL)
        return self.events()

    def come_back(self):
        """A subscriber that was there before the daemon was."""
        links = self.links_of_daemon()
        self.world.daemon.process.send_signal(signal.SIGSTOP)
        try:
            self.world.broker.start()
            heard = self.world.subscribe('strided/#')
        finally:
            self.world.daemon.process.send_signal(signal.SIGCONT)
        self.wait_for(lambda: self.links_of_daemon() > links, 'the daemon at the broker')
        return heard

    def links_of_daemon(self):
        return self.world.broker.log().count(' as strided-')

    def differences(self):
        told = self.world.broker.retained(5)
        truth = {'status': 'online', 'sensor/pod': self.world.sensor('pod'),
                 'runner/anna/session': self.world.ctl('status')['data']['sessions'][0]}
        ever = {'last_seen', 'rssi'} # and what a running session counts: true each minute
        wrong = ['%s is missing' % topic for topic in [*truth, 'info'] if topic not in told]
        if told.get('status') != truth['status']:
            wrong.append('status is %s' % told.get('status'))
        for key, value in truth['sensor/pod'].items():
            if key not in ever and told.get('sensor/pod', {}).get(key, 'missing') != value:
                wrong.append('%s of the pod is not %s' % (key, value))
        for key in ('id', 'runner', 'kind', 'state', 'day', 'start', 'end'):
            if told.get('runner/anna/session', {}).get(key, 'missing') != truth['runner/anna/session'][key]:
                wrong.append('%s of the session is not %s' % (key, truth['runner/anna/session'][key]))
        return wrong

    def check_retained(self):
        wrong = []

        def equal():
            wrong[:] = self.differences()
            return not wrong
        try:
            wait_until(equal, SETTLE_SECONDS, 'retained topics to equal the store', 0.05, looks=3)
        except Timeout:
            self.fail('%s\n%s' % (wrong, self.world.log()[-5000:]))

    def check(self, keeps):
        waiting = self.kill_with_events_waiting()
        if not keeps:
            os.remove(self.kept)
        heard = self.come_back()
        self.check_retained()
        for one in waiting:
            heard.wait('runner/anna/event', lambda m: m.json['id'] == one, what='event ' + one)
        kinds = [m.json['kind'] for m in heard.all('runner/anna/event')]
        self.assertEqual([k for i, k in enumerate(kinds) if k not in kinds[:i]],
                         ['session_end', 'session_start'], 'in the order they happened')
        self.wait_for(lambda: not self.events(), 'no row left')
        self.assertEqual(self.world.ctl('status')['data']['health']['events_dropped'], 0)
        self.world.stop()

    def test_it_comes_back_with_what_it_kept(self):
        self.check(keeps=True)

    def test_it_comes_back_with_nothing(self):
        self.check(keeps=False)


class Refused(BrokerCase):
    def setUp(self):
        folder = tempfile.mkdtemp(prefix='strided-test-')
        self.addCleanup(shutil.rmtree, folder)
        self.rules = rules = os.path.join(folder, 'rules')
        with open(rules, 'w') as f:
            f.write('topic readwrite #\ntopic deny strided/hall/runner/anna/event\n')
        os.chmod(rules, 0o700)
        # with 0, for no limit, mosquitto 2.0 cuts the link of whoever it refuses a message
        self.prepare(broker_extra=['acl_file ' + rules, 'max_queued_messages 1000'])
        self.heard = self.world.subscribe('strided/#')
        self.world.start_ready()

    def refused(self):
        return self.world.log().count('it refuses event')

    def test_an_event_is_tried_three_times_marked_and_told_also_after_a_restart(self):
        self.wait_for(lambda: self.events('refused') == [1], 'the event to be marked')
        self.assertEqual(self.events('tries'), [3])
        self.assertIn('it is not tried again', self.world.log())
        self.assertEqual(self.refused(), 3)
        said = 'Events the broker refused three times: 1;'
        self.heard.wait('hall/health', lambda m: any(said in p for p in m.json['problems']))
        self.world.ctl('session', 'stop') # another event, of the same runner: it is not held up
        self.wait_for(lambda: self.events('refused') == [1, 1], 'the next event to be marked')
        self.world.stop()
        since = self.heard.mark()
        self.world.start_ready()
        self.heard.wait('hall/health', lambda m: any('three times: 2;' in p for p in m.json['problems']),
                        since=since)
        health = self.world.ctl('status')['data']['health']
        self.assertEqual((health['events_waiting'], health['events_dropped']), (0, 0))
        with open(self.rules, 'w') as f: # somebody mends it, and the broker is started again
            f.write('topic readwrite #\n')
        self.world.broker.stop()
        self.world.broker.start()
        self.wait_for(lambda: not self.events(), 'both events to be told')
        self.wait_for(lambda: not any('refused' in p for p in self.world.problems()), 'nothing to be wrong')


class Rights(Case):
    """The access rules that the README recommends are enough, and no more than that."""

    def setUp(self):
        folder = tempfile.mkdtemp(prefix='strided-test-')
        self.addCleanup(shutil.rmtree, folder)
        with open(os.path.join(os.environ['STRIDED_SOURCE_ROOT'], 'README.md')) as f:
            found = re.search(r'(?ms)^  user pi\n.*?(?=^  ```)', f.read()).group()
        rules = 'topic readwrite #\n\n' + textwrap.dedent(found).replace('/pi/', '/hall/') # the first line: of the test
        passwords = os.path.join(folder, 'passwords')
        for name in ('pi', 'anna'):
            subprocess.run(['mosquitto_passwd', *([] if os.path.exists(passwords) else ['-c']), '-b', passwords, name,
                            'secret'], check=True, capture_output=True)
        for name, text in (('rules', rules), ('password', 'secret')):
            with open(os.path.join(folder, name), 'w') as f:
                f.write(text)
        for name in os.listdir(folder):
            os.chmod(os.path.join(folder, name), 0o600)
        self.make_world('[Runner anna]\n' + sensor('pod', POD), ['pod:P:%s:awake,scenario=steady' % POD], clock=10,
                        broker_extra=['acl_file %s/rules' % folder, 'password_file %s/passwords' % folder,
                                      'max_queued_messages 1000'], # as above
                        mqtt=['Username=pi', 'PasswordFile=%s/password' % folder])
        self.heard = self.world.subscribe('strided/#', 'homeassistant/#', 'elsewhere/#')

    def as_anna(self, topic, payload, *options):
        self.world.publish(topic, payload, '-u', 'anna', '-P', 'secret', *options)

    def test_they_let_through_what_is_needed_and_nothing_else(self):
        self.world.start_ready()
        for topic in ('hall/status', 'hall/info', 'hall/sensor/pod', 'hall/runner/anna/live', 'hall/runner/anna/session',
                      'hall/runner/anna/event', 'homeassistant/device/.*/config'):
            self.heard.wait(topic)
        since = self.heard.mark()
        self.as_anna('strided/hall/info', '{"machine": "f"}') # is thrown away
        self.as_anna('strided/hall/request/sensors', '{}') # so is this
        self.as_anna('strided/hall/request/session', '{}', '-D', 'publish', 'response-topic', 'elsewhere/x')
        self.heard.wait('hall/response/session', since=since)
        self.as_anna('strided/hall/request/session', '{}', '-D', 'publish', 'response-topic', 'strided/hall/response/x')
        self.heard.wait('hall/response/x', since=since)
        self.heard.catch_up()
        self.assertEqual(self.heard.all('elsewhere|hall/info|/sensors', since=since), [])
        self.assertEqual(self.world.problems(), [])
        self.world.stop()
        self.heard.wait('hall/status', lambda m: m.text == 'offline', since=since)


class Asked(BrokerCase):
    """A response topic that the broker takes in a request, and cuts the link of whoever publishes to it."""

    def test_the_link_outlives_it(self):
        self.prepare()
        heard = self.world.subscribe('strided/#')
        self.world.start_ready()
        heard.wait('hall/status', lambda m: m.text == 'online')
        self.world.publish('strided/hall/request/status', '{}', '-D', 'publish', 'response-topic', 'a/' * 220 + 'a')
        answer = heard.wait('hall/response/status')
        self.assertEqual(answer.json['status'], 'ok')
        self.world.publish('strided/hall/request/sensors', '{}')
        heard.wait('hall/response/sensors')
        self.assertEqual(self.world.ctl('status')['data']['health']['broker_losses'], 0)
        self.world.stop()


class Small(Case):
    """A broker that takes no packet of the size of a runner's discovery: all else is said."""

    LIMIT = 8000

    def check(self, version):
        self.make_world('[Runner anna]\n' + sensor('pod', POD), ['pod:P:%s:awake,scenario=steady' % POD], clock=10,
                        broker_extra=['max_packet_size %d' % self.LIMIT], mqtt=['Version=' + version])
        self.world.listen()
        discovery = self.world.subscribe('homeassistant/#')
        self.world.start_ready()
        self.world.listener.wait('hall/status', lambda m: m.text == 'online')
        self.world.wait_event('session_start')
        discovery.wait('/config$')
        said = self.world.listener.wait('hall/health', lambda m: any('runner_anna/config' in p and 'max_packet_size' in p
                                                                    for p in m.json['problems']))
        self.world.daemon.wait_log('runner_anna/config is too large for it')
        losses = self.world.ctl('status')['data']['health']['broker_losses']
        self.assertEqual(losses, said.json['broker_losses'])
        self.world.broker.stop() # and somebody gives it a larger limit
        self.world.broker.extra = ()
        self.world.broker.start()
        again = self.world.subscribe('strided/#', 'homeassistant/#')
        again.wait('runner_anna/config$')
        self.wait_for(lambda: self.world.problems() == [], 'nothing to be wrong')
        self.world.stop()
        return losses

    def test_its_word_is_heeded(self):
        self.assertEqual(self.check('5'), 0)

    def test_the_links_it_ends_tell_where_it_has_no_word(self):
        self.assertLessEqual(self.check('3.1.1'), 4)
        self.assertEqual(self.world.daemon.logged('machine id'), [])


class WriteOnly(Case):
    """A broker that lets us write but not read: no request comes in, and nobody would know why.

    mosquitto's acl_file lets everybody subscribe and then keeps quiet; its plugin refuses."""

    def setUp(self):
        plugin = next(iter(glob.glob('/usr/lib/*/mosquitto_dynamic_security.so')), None)
        if not plugin:
            self.skipTest('skipped: no plugin of mosquitto for access rules')
        folder = tempfile.mkdtemp(prefix='strided-test-')
        self.addCleanup(shutil.rmtree, folder)
        rules = os.path.join(folder, 'rules')
        everything = dict.fromkeys(('publishClientSend', 'publishClientReceive', 'subscribe', 'unsubscribe'), True)
        no_reading = {'acltype': 'subscribePattern', 'topic': 'strided/hall/#', 'priority': 0, 'allow': False}
        with open(rules, 'w') as f:
            json.dump({'defaultACLAccess': everything, 'clients': [], 'anonymousGroup': 'all',
                       'groups': [{'groupname': 'all', 'clients': [], 'roles': [{'rolename': 'writer'}]}],
                       'roles': [{'rolename': 'writer', 'acls': [no_reading]}]}, f)
        os.chmod(rules, 0o600)
        self.rules = ['plugin ' + plugin, 'plugin_opt_config_file ' + rules]

    def check(self, version):
        self.make_world(broker_extra=self.rules, mqtt=['Version=' + version])
        heard = self.world.subscribe('strided/#')
        said = "does not let us read 'strided/hall/request/+'"
        self.world.start_ready()
        heard.wait('hall/health', lambda m: any(said in p for p in m.json['problems']), 30)
        self.world.stop()
        # several subscriptions were refused: the first stands for all
        self.assertEqual(len(self.world.daemon.logged('does not let us read')), 1)

    def test_it_is_logged_once_and_told_at_once(self):
        self.check('5')

    def test_it_is_logged_once_and_told_at_once_on_311(self):
        self.check('3.1.1')


class Stop(BrokerCase):
    """A broker that takes its time over the last words."""

    def test_a_reload_in_the_middle_of_a_stop_is_none(self):
        self.prepare()
        self.world.listen()
        self.world.start_ready()
        self.world.listener.wait('/sensor/pod$', lambda m: m.text and m.json['state'] == 'streaming')
        self.world.sim.ctl('clock rate 1')
        self.world.broker.child.send(signal.SIGSTOP)
        self.world.daemon.process.send_signal(signal.SIGTERM)
        self.world.daemon.wait_log('streaming -> released')
        self.world.write_config('[Runner ben]\n')
        self.world.daemon.process.send_signal(signal.SIGHUP)
        self.world.broker.child.send(signal.SIGCONT)
        self.world.stop()
        self.assertEqual(self.world.daemon.logged('Configuration reloaded'), [])
        self.world.listener.catch_up()
        self.assertEqual([m.text for m in self.world.listener.all('/status$')], ['online', 'offline'])
        self.assertNotEqual(self.world.listener.all('/sensor/pod$')[-1].text, '')


class Late(Case):
    """A broker that comes up long after us, and then does not let us in."""

    def test_a_refusal_is_told_though_the_tries_before_it_went_quiet(self):
        self.make_world(clock=10, broker_extra=['allow_anonymous false'])
        self.world.broker.stop()
        self.world.start().wait_log('no link.*further tries go on quietly')
        self.world.broker.start()
        self.world.daemon.wait_log('refuses us without a login: set Username=')
        # and no oftener than that: the next try is the broker's to see, and not the log's
        tried = self.world.broker.log().count('not authorised')
        self.wait_for(lambda: self.world.broker.log().count('not authorised') > tried + 1, 'two more tries')
        self.assertEqual(len(self.world.daemon.logged('without a login')), 1)
        self.assertEqual(len(self.world.daemon.logged('no link')), 3)
        self.world.stop()


if __name__ == '__main__':
    run_tests()
