#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""config/notify/strided-notify between a real broker, a small HTTP server in the place of ntfy, and a sendmail that keeps
what it is given: what is handed on, once, also when either side was away, and that no secret is in an argument."""
import email
import email.policy
import http.server
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import threading
import unittest
from pathlib import Path

from harness import Mosquitto, free_port, wait_until
from rules import RulesCase
from world import PATIENCE, Case, Lines, run_tests

FOLDER = Path(os.environ['STRIDED_SOURCE_ROOT'], 'config/notify')
PROGRAM = FOLDER / 'strided-notify'
SENDMAIL = """#!/bin/sh
[ ! -e {folder}/refuse ] || {{ echo "no way" >&2; exit 75; }}
printf '%s\\n' "$@" >>{folder}/arguments
cat >{folder}/mail.new
mv {folder}/mail.new {folder}/mail.$(ls {folder} | grep -c '^mail')
"""
SECRETS = ('hunter2-at-the-broker', 'tk_hunter3')


class Ntfy:
    """Takes posts; `refuse` is the status it answers with in place of that."""

    def __init__(self):
        self.posts, self.refuse, self.tries = [], None, 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                outer.tries += 1
                body = self.rfile.read(int(self.headers['Content-Length']))
                if not outer.refuse:
                    outer.posts.append((self.path, dict(self.headers), json.loads(body)))
                self.send_response(outer.refuse or 200)
                self.end_headers()

            def log_message(self, *args):
                pass
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return 'http://127.0.0.1:%d/my_topic-1' % self.server.server_port

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def event(id='alert-1', news='crossed', verdict='warning', runner='anna', sentence='Ten km (+30 %).', **alert):
    return {'id': id, 'at': '2026-11-22T10:00:00.000Z', 'kind': 'alert', 'runner': runner, 'body': {'news': news, 'alert': {
        'rule': 'weekly_distance', 'verdict': verdict, 'sentence': sentence, 'explain': 'Why. See a doctor.', **alert}}}


class Out:
    """The two ways out, and the program, whatever the broker."""

    def prepare_ways(self, folder, broker, login=()):
        self.folder, self.broker = Path(folder), broker
        self.ntfy = Ntfy()
        self.addCleanup(self.ntfy.close)
        sendmail = self.folder / 'sendmail'
        sendmail.write_text(SENDMAIL.format(folder=self.folder))
        sendmail.chmod(0o755)
        for name, secret in zip(('mqtt-password', 'ntfy-token'), SECRETS):
            (self.folder / name).write_text(secret + '\n')
        self.conf = {'Broker': {'Host': '127.0.0.1', 'Port': broker.port, **dict(login)},
                     'Alerts': {}, 'Ntfy': {'Url': self.ntfy.url, 'TokenFile': 'ntfy-token'},
                     'Mail': {'To': 'anna@example.org', 'Sendmail': sendmail}}

    def write_conf(self):
        path = self.folder / 'notify.conf'
        path.write_text(''.join('[%s]\n%s\n' % (s, ''.join('%s=%s\n' % pair for pair in keys.items()))
                                for s, keys in self.conf.items()))
        return path

    def start(self, quick=True):
        """quick: its pauses between tries are not waited for"""
        code = 'import runpy, sys, time; time.sleep = lambda s: None; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")'
        argv = [sys.executable, '-c', code, PROGRAM] if quick else [PROGRAM]
        self.notify = Lines([*argv, self.write_conf()], stream='stderr',
                            env={**os.environ, 'STATE_DIRECTORY': str(self.folder), 'CREDENTIALS_DIRECTORY': str(self.folder)})
        self.addCleanup(self.notify.kill)
        return self.notify

    def start_listening(self):
        self.start().wait_log('connected')
        wait_until(lambda: re.search(r'Sending SUBACK to strided-notify', self.broker.log()), PATIENCE, 'the subscription')

    def mails(self):
        paths = sorted(p for p in self.folder.iterdir() if re.fullmatch(r'mail\.\d+', p.name))
        return [email.message_from_bytes(p.read_bytes(), policy=email.policy.default) for p in paths]

    def posts(self, n):
        wait_until(lambda: len(self.ntfy.posts) >= n, PATIENCE, '%d posts' % n)
        return [body for _, _, body in self.ntfy.posts]


class Notify(Out, Case):
    def setUp(self):
        self.broker = Mosquitto(['log_type all'])
        self.addCleanup(self.broker.close)
        self.prepare_ways(self.broker.folder, self.broker)

    def tell(self, body, runner='anna'):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        subprocess.run(['mosquitto_pub', '-p', str(self.broker.port), '-q', '1', '-t', 'strided/pi/runner/%s/event' % runner,
                        '-s' if data else '-n'],
                       input=data, check=True, timeout=PATIENCE)

    def tell_last(self, id='alert-last'):
        """What is handed on behind all that was told before."""
        self.tell(event(id, 'cleared', 'ok', sentence='Last.'))
        wait_until(lambda: any('Last.' in b['message'] for _, _, b in self.ntfy.posts), PATIENCE, 'the last')
        wait_until(lambda: any('Last.' in m.get_content() for m in self.mails()), PATIENCE, 'its mail')

    def test_what_is_sent(self):
        self.start_listening()
        self.tell(event(sentence='Runner Zoë: 3 µ.'))
        path, headers, body = (self.posts(1), self.ntfy.posts[0])[1]
        self.assertEqual((path, headers['Authorization'], headers['Content-Type']), ('/', 'Bearer tk_hunter3', 'application/json'))
        self.assertEqual(body, {'topic': 'my_topic-1', 'title': 'anna: weekly distance (warning)', 'priority': 4,
                                'message': 'Runner Zoë: 3 µ.\n\nWhy. See a doctor.', 'tags': ['running']})
        mail = wait_until(self.mails, PATIENCE, 'the mail')[0]
        self.assertEqual((mail['To'], mail['From'], mail['Subject']),
                         ('anna@example.org', 'strided', 'strided: anna: weekly distance (warning)'))
        self.assertEqual(mail.get_content().rstrip(), 'Runner Zoë: 3 µ.\n\nWhy. See a doctor.')
        self.assertEqual((self.folder / 'arguments').read_text().split(), ['-t', '-oi'])

    def test_each_news(self):
        self.start_listening()
        for n, (news, verdict) in enumerate((('crossed', 'caution'), ('reminded', 'warning'), ('cleared', 'ok'), ('retracted', 'ok'))):
            self.tell(event('alert-%d' % n, news, verdict))
        told = [(b['title'], b['message'].split('\n')[0], b['priority']) for b in self.posts(4)]
        self.assertEqual(told, [('anna: weekly distance (caution)', 'Ten km (+30 %).', 3),
                                ('anna: still: weekly distance (warning)', 'Still: Ten km (+30 %).', 4),
                                ('anna: over: weekly distance', 'Over: Ten km (+30 %).', 2),
                                ('anna: taken back: weekly distance', 'Taken back: Ten km (+30 %).', 2)])

    def test_only_what_is_wanted(self):
        self.conf['Alerts'] = {'News': 'crossed cleared', 'Runners': 'anna'}
        self.start_listening()
        self.tell(event('a', 'reminded'))
        self.tell(event('b', runner='ben'), 'ben')
        self.tell_last()
        self.assertEqual(len(self.ntfy.posts), 1)

    def test_what_makes_no_sense_ends_nothing(self):
        self.start_listening()
        broken = event()
        for body in (b'', b'{', b'\xff\xfe', b'[]', b'null', b'7', b'[' * 100000, {}, {'kind': 'session_end'}, {**broken, 'body': None},
                     {**broken, 'body': {'news': 'crossed', 'alert': 3}}, {**broken, 'id': 5}, {**broken, 'body': {'news': ['x']}},
                     event(sentence=None), event(verdict=None),
                     {**broken, 'body': {**broken['body'], 'news': ['x']}}, {**broken, 'body': {**broken['body'], 'news': {}}}):
            self.tell(body)
        self.tell_last()
        self.assertEqual(len(self.ntfy.posts), 1)
        self.assertTrue(self.notify.alive())

    def test_half_a_character_is_handed_on_as_a_question_mark(self):
        self.start_listening()
        self.tell(event(sentence='Ten \ud800 km.'))
        self.assertEqual(self.posts(1)[0]['message'].split('\n')[0], 'Ten ? km.')
        self.assertIn('Ten ? km.', wait_until(self.mails, PATIENCE, 'the mail')[0].get_content())

    def test_no_header_is_smuggled_in(self):
        self.start_listening()
        self.tell(event(runner='x\r\nBcc: evil@example.org\n\nbody', rule='a\nb\x00\x1b[2J' + 'r' * 5000, sentence='s' * 100000))
        mail = wait_until(self.mails, PATIENCE, 'the mail')[0]
        self.assertIsNone(mail['Bcc'])
        self.assertLess(len(mail['Subject']), 200)
        self.assertLessEqual(len(self.posts(1)[0]['message'].encode()), 3900)

    def test_once_over_a_restart_and_what_was_told_meanwhile(self):
        self.start_listening()
        self.tell(event('alert-1'))
        self.posts(1)
        wait_until(self.mails, PATIENCE, 'the mail')
        self.assertEqual(self.notify.end(signal.SIGINT), 0)
        self.tell(event('alert-1'))
        self.tell(event('alert-2', sentence='Two.'))
        self.start()
        self.tell_last()
        self.assertEqual([b['message'].split('\n')[0] for b in self.posts(3)], ['Ten km (+30 %).', 'Two.', 'Over: Last.'])
        self.assertEqual(len(self.mails()), 3)

    def test_what_is_being_handed_on_when_it_ends_is_noted(self):
        sendmail = self.conf['Mail']['Sendmail']
        slow = self.folder / 'slow-sendmail'
        os.mkfifo(self.folder / 'hold')
        slow.write_text('#!/bin/sh\nread word <%s/hold\nexec %s "$@"\n' % (self.folder, sendmail))
        slow.chmod(0o755)
        self.conf['Mail']['Sendmail'] = slow
        self.start_listening()
        self.tell(event('alert-1'))
        with open(self.folder / 'hold', 'w') as hold: # sendmail has begun
            self.notify.process.send_signal(signal.SIGTERM)
            hold.write('on\n')
        self.assertEqual(self.notify.process.wait(PATIENCE), 0)
        self.assertEqual(len(self.mails()), 1)
        self.conf['Mail']['Sendmail'] = sendmail
        self.start()
        self.tell_last()
        self.assertEqual(len(self.posts(2)), 2)
        self.assertEqual(len(self.mails()), 2)

    def test_what_could_not_be_handed_on_is_the_brokers(self):
        self.start_listening()
        self.ntfy.refuse = 503
        self.tell(event())
        self.assertEqual(self.notify.process.wait(PATIENCE), 75)
        self.assertEqual(self.ntfy.tries, 3)
        self.notify.wait_log('ntfy: HTTP Error 503')
        self.assertEqual(len(self.mails()), 1) # the other way is not held up
        (self.folder / 'refuse').touch()
        self.tell(event('alert-2', sentence='Two.'))
        self.ntfy.refuse = None
        self.start() # the first is told where it had not gone, the second by one way
        self.posts(2)
        self.assertEqual(self.notify.process.wait(PATIENCE), 75)
        self.notify.wait_log('sendmail ended with 75: no way')
        (self.folder / 'refuse').unlink()
        self.start()
        self.tell_last()
        self.assertEqual(len(self.ntfy.posts), 3) # not told again where it had gone
        self.assertEqual(len(self.mails()), 3)

    def test_the_broker_goes_and_comes(self):
        self.start_listening()
        self.broker.restart()
        self.notify.wait_log('the link is lost')
        self.tell(event())
        self.posts(1)

    def test_it_waits_between_tries(self):
        self.ntfy.refuse = 500
        self.start(quick=False).wait_log('connected')
        wait_until(lambda: re.search(r'Sending SUBACK to strided-notify', self.broker.log()), PATIENCE, 'the subscription')
        self.tell(event())
        wait_until(lambda: self.ntfy.tries, PATIENCE, 'a try')
        self.ntfy.refuse = None
        self.posts(1)
        self.assertEqual(self.ntfy.tries, 2)

    def test_a_login_that_no_argument_shows(self):
        users = os.path.join(self.broker.folder, 'users')
        subprocess.run(['mosquitto_passwd', '-b', '-c', users, 'notify', SECRETS[0]], check=True, capture_output=True)
        self.broker.stop()
        guarded = Mosquitto(['log_type all', 'password_file ' + users, 'listener %d 127.0.0.1' % free_port()], start=False)
        self.addCleanup(guarded.close)
        guarded.extra += ('allow_anonymous false',)
        guarded.start()
        self.conf['Broker'].update(Port=guarded.port, Username='notify', PasswordFile='mqtt-password')
        self.start().wait_log('connected')
        with open('/proc/%d/cmdline' % self.notify.process.pid) as f:
            shown = f.read()
        for secret in SECRETS:
            self.assertNotIn(secret, shown + '\n'.join(filter(None, self.notify.lines)))
        self.notify.kill()
        (self.folder / 'mqtt-password').write_text('wrong\n')
        self.start().wait_log('broker: .*(not authori[sz]ed|bad user name)', seconds=PATIENCE)

    def test_a_configuration_that_makes_no_sense(self):
        for section, key, value, said in (
                ('Ntfy', 'Url', 'https://ntfy.sh', 'https://SERVER/TOPIC'), ('Ntfy', 'Url', 'ftp://x/y', 'https://SERVER/TOPIC'),
                ('Ntfy', 'Urll', 'x', 'no Urll='), ('Alerts', 'News', 'crossed gossip', 'no gossip'),
                ('Broker', 'Port', 'x', 'Port='), ('Broker', 'CaFile', '/nowhere', '/nowhere'),
                ('Ntfy', 'TokenFile', '/nowhere', '/nowhere'), ('Mail', 'Sendmail', '/nowhere', '/nowhere')):
            with self.subTest(key, value=value):
                kept = dict(self.conf[section])
                self.conf[section][key] = value
                self.assertEqual(self.start().process.wait(PATIENCE), 78)
                self.notify.wait_log(re.escape(said))
                self.conf[section] = kept
        self.conf['Ntfy'], self.conf['Mail'] = {}, {}
        self.assertEqual(self.start().process.wait(PATIENCE), 78)
        self.notify.wait_log('neither Url=')
        done = subprocess.run([PROGRAM], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (2, 'usage: strided-notify CONFIG\n'))

    def test_the_file_as_it_is_shipped_has_every_key(self):
        spec = importlib.util.spec_from_loader('notify', importlib.machinery.SourceFileLoader('notify', str(PROGRAM)))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        text = (FOLDER / 'notify.conf').read_text()
        found = re.findall(r'^\[(\w+)\]|^#(\w+)=', text, re.M)
        keys, section = {}, None
        for head, key in found:
            section = head or section
            keys.setdefault(section, []).extend([key] if key else [])
        self.assertEqual({s: sorted(k) for s, k in keys.items()},
                         {s: sorted(set(k) - {'ClientId'}) for s, k in module.KEYS.items()})
        (self.folder / 'all.conf').write_text(re.sub(r'^#(?=\w+=)', '', text, flags=re.M))
        module.read_config(str(self.folder / 'all.conf'))

    def test_the_unit(self):
        done = subprocess.run(['systemd-analyze', 'security', '--offline=yes', '--threshold=25', '--no-pager',
                               FOLDER / 'strided-notify.service'], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-500:] + done.stderr)


class Strided(Out, RulesCase):
    def test_a_run_that_is_too_much(self):
        """The daemon itself says it; what it said before somebody listens is the broker's."""
        world = self.prepare()
        self.prepare_ways(world.folder, world.broker)
        self.start().wait_log('connected')
        self.world.start_ready()
        self.begin_to_run()
        self.wait_news('spike_distance', 'crossed', 'warning')
        self.posts(2)
        told = {e['body']['alert']['rule']: e['body']['alert'] for e in self.heard.events() if e['kind'] == 'alert'}
        for body in self.posts(1):
            rule = re.match(r'anna: (?:still: )?([a-z ]+) \(', body['title']).group(1).replace(' ', '_')
            self.assertIn(told[rule]['explain'], body['message'])
            self.assertIn('See a doctor', body['message'])


if __name__ == '__main__':
    try:
        import paho.mqtt.client # noqa: F401
    except ImportError:
        print('skipped: no python3-paho-mqtt')
        sys.exit(77)
    run_tests()
