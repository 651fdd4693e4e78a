#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""config/node-red/flow.json in a real Node-RED with its dashboard, at the broker of a real strided with a runner, whose
five weeks make the rules speak: the flow connects, the page is served, figures arrive in it, and its buttons do what
they say. With chromium, the page as people see it.

Node-RED comes from npm, into a cache beside the tree (STRIDED_NODE_RED, or ~/.cache/strided/node-red); skipped without npm
or a network. STRIDED_PICTURES names a folder that keeps the pictures.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

from harness import free_port, wait_until
from rules import SETTINGS, TODAY, USUAL, RulesCase
from world import PATIENCE, POD, STRAP, Lines, run_tests, sensor

FLOW = Path(os.environ['STRIDED_SOURCE_ROOT'], 'config/node-red/flow.json')
PACKAGES = ('node-red@4', '@flowfuse/node-red-dashboard@1')
CACHE = Path(os.environ.get('STRIDED_NODE_RED') or
             Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache', 'strided/node-red'))
INSTALL_S = 400
START_S = 180
STORED = '/dashboard/_debug/datastore/'


def installed():
    return all((CACHE / 'node_modules' / p.rsplit('@', 1)[0] / 'package.json').exists() for p in PACKAGES)


def install():
    """Whether it is there, or why not."""
    if not shutil.which('node'):
        return 'no node'
    if installed():
        return None
    if not shutil.which('npm'):
        return 'no npm'
    CACHE.mkdir(parents=True, exist_ok=True)
    try: # nothing of the packages is run for it
        done = subprocess.run(['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', CACHE,
                               *PACKAGES], capture_output=True, text=True, timeout=INSTALL_S)
    except subprocess.TimeoutExpired:
        return 'npm install took more than %d s' % INSTALL_S
    return None if done.returncode == 0 and installed() else 'npm install: ' + (done.stderr.strip().splitlines() or ['failed'])[-1]


class NodeRed(Lines):
    def __init__(self, folder, broker):
        self.folder, self.port = Path(folder), free_port()
        self.folder.mkdir()
        flow = json.loads(FLOW.read_text())
        mine = [n for n in flow if n['type'] == 'mqtt-broker']
        assert [(n['broker'], n['port']) for n in mine] == [('localhost', '1883')]
        mine[0].update(broker='127.0.0.1', port=str(broker.port))
        (self.folder / 'flow.json').write_text(json.dumps(flow))
        (self.folder / 'settings.js').write_text(
            'module.exports = { uiHost: "127.0.0.1", telemetry: { enabled: false }, logging: { console: { level: "info" } },'
            ' externalModules: { autoInstall: false }, diagnostics: { enabled: false } };\n')
        super().__init__(['node', CACHE / 'node_modules/node-red/red.js', '--userDir', self.folder, '--settings',
                          self.folder / 'settings.js', '--port', str(self.port), 'flow.json'], stderr=subprocess.STDOUT,
                         cwd=self.folder, env={**os.environ, 'HOME': str(self.folder), 'NO_UPDATE_NOTIFIER': '1'})

    @property
    def url(self):
        return 'http://127.0.0.1:%d' % self.port

    def get(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as answer:
                return answer.read().decode()
        except OSError: # busy, or not there yet
            return ''

    def shown(self, widget):
        """What a browser that comes now is told for this part of the page."""
        text = self.get(STORED + widget)
        return json.loads(text or 'null')


def shown(node, state, ask):
    """What a part of the page makes of a state: its script as it lies there, without a browser."""
    text = next(n for n in json.loads(FLOW.read_text()) if n['id'] == node)['format']
    script = re.search(r'<script>\s*export default (.*)</script>', text, re.S).group(1)
    program = """
        const part = %s, it = { msg: { payload: %s } };
        for (const [name, get] of Object.entries(part.computed)) Object.defineProperty(it, name, { get: () => get.call(it) });
        for (const [name, call] of Object.entries(part.methods || {})) it[name] = call.bind(it);
        console.log(JSON.stringify(%s))""" % (script, json.dumps(state), ask)
    done = subprocess.run(['node', '-e', program], capture_output=True, text=True, check=True, timeout=PATIENCE)
    return json.loads(done.stdout)


class Words(unittest.TestCase):
    @staticmethod
    def state(status='online', session=None, **verdicts):
        alerts = {rule: {'verdict': v, 'sentence': 'A sentence.', 'explain': ''} for rule, v in verdicts.items()}
        return {'hall': {'status': status, 'sensors': {}, 'runners': {'anna': {'alerts': alerts, 'session': session}}}}

    def said(self, **state):
        return shown('strided-alerts', self.state(**state), """[it.alerts.map(a => a.verdict),
            it.unjudged.map(u => u.rule + ': ' + u.verdict + '. ' + u.sentence), it.quiet]""")

    def test_it_says_no_limit_is_passed_only_of_what_is_judged(self):
        self.assertEqual(self.said(weekly_distance='ok', weekly_time='ok'), [[], [], ['No limit is passed.']])
        self.assertEqual(self.said(weekly_distance='ok', weekly_downhill='insufficient_data'),
                         [[], ['weekly downhill: insufficient data. A sentence.'], ['No limit is passed by what is judged.']])
        self.assertEqual(self.said(weekly_distance='warning', spike_descent='no_baseline'),
                         [['warning'], ['spike descent: no baseline. A sentence.'], []])
        self.assertEqual(self.said(weekly_distance='insufficient_history'),
                         [[], ['weekly distance: insufficient history. A sentence.'], []])
        self.assertEqual(self.said(), [[], [], ['Nothing is heard of a rule yet.']])
        self.assertEqual(self.said(status='offline', weekly_distance='ok'), [[], [], [
            'Gateway hall is offline: of anna this is what it said last.', 'No limit is passed.']])

    def test_it_says_the_day_of_the_last_run_if_it_is_known(self):
        for day, said in (('2026-11-21', 'last run, 2026-11-21'), (None, 'last run')):
            state = self.state(session={'state': 'ended', 'day': day})
            self.assertEqual(shown('strided-now', state, 'it.said(it.each[0])'), said)


class Dashboard(RulesCase):
    def setUp(self):
        world = self.make_world(SETTINGS + sensor('pod', POD) + sensor('strap', STRAP),
                                ['pod:P:%s:awake,scenario=idle,sleep=100000' % POD, 'strap:S:%s:scenario=idle' % STRAP], clock=20)
        self.heard = world.listen()
        world.sim.ctl('clock wall %d' % TODAY.timestamp())
        world.start_ready()
        world.stop()
        self.seed([(ago, metres, 0, 'run') for ago, metres in USUAL], TODAY)
        world.start_ready()
        self.red = NodeRed(os.path.join(world.folder, 'node-red'), world.broker)
        self.addCleanup(self.red.kill)
        self.red.wait_log('Started flows', START_S)
        self.red.wait_log('Connected to broker', START_S)

    def state(self):
        message = self.red.shown('strided-now')
        return message['payload'].get('hall', {}) if message else {}

    def runner(self):
        return self.state().get('runners', {}).get('anna', {})

    def wait_state(self, condition, what):
        return wait_until(lambda: condition(self.state()), PATIENCE, what, 0.2)

    def wait_runner(self, condition, what):
        return wait_until(lambda: condition(self.runner()), PATIENCE, what, 0.2)

    def run_too_far(self):
        self.begin_to_run()
        self.world.sim.ctl('scenario S steady')
        self.wait_news('weekly_distance', 'crossed', 'warning')

    def test_figures_arrive(self):
        red = self.red
        # every node of it is there, and the page with all of its parts is served
        self.assertFalse(red.logged(r'\[error\]|missing|[Ww]aiting for'))
        self.assertIn('<div id="app">', red.get('/dashboard/strided'))
        flow = json.loads(FLOW.read_text())
        self.assertLess({n['id'] for n in flow if n['type'] in ('ui-template', 'ui-chart')}, set(self.parts()))

        # what was retained before it came
        self.wait_state(lambda s: s.get('status') == 'online' and s, 'the gateway')
        self.wait_state(lambda s: set(s.get('sensors', {})) == {'pod', 'strap'}, 'the sensors')
        self.wait_runner(lambda r: r.get('week') and r['alerts'].get('weekly_distance'), 'the week')
        self.run_too_far()
        live = self.wait_runner(lambda r: r.get('live') and r['live']['distance_m'] and r['live']['heart_rate_bpm'] and r['live'], 'live figures')
        told = [m.json for m in self.heard.all('/live$')]
        self.assertIn(live, told)
        self.wait_runner(lambda r: r['alerts'].get('weekly_distance', {}).get('verdict') == 'warning', 'the warning')
        wait_until(lambda: {p['topic'] for p in red.shown('strided-chart') or []} == {'heart rate/bpm', 'cadence/spm'}, PATIENCE,
                   'both lines of the chart', 0.2)
        with self.world.at_rate(2): # a browser has much to do on a busy machine
            self.look_at_a_run()

        # it ends, and what is cleared goes
        self.world.ctl('session', 'stop')
        self.wait_runner(lambda r: r['session'] and r['session']['state'] == 'ended' and not r['live'], 'the end')
        self.look_at_the_end()
        for topic in ('strided/old/status', 'strided/old/sensor/x', 'strided/hall/sensor/__proto__', 'strided/hall/runner/zoe/week'):
            self.world.publish(topic, '{"name": ' if topic.endswith('week') else '{"name": "x"}')
        self.world.publish('strided/hall/sensor/strap', '', '-r')
        self.wait_state(lambda s: 'strap' not in s['sensors'], 'the sensor to be gone')
        self.assertNotIn('zoe', self.state()['runners'])
        self.world.stop(signal.SIGTERM)
        self.wait_state(lambda s: s['status'] == 'offline', 'the gateway to be offline')
        self.assertFalse(red.logged(r'\[error\]'))

    def parts(self):
        """Of the page, as the server tells a browser."""
        base = '/dashboard/socket.io/?EIO=4&transport=polling'
        opened = json.loads(self.red.get(base)[1:])
        address = base + '&sid=' + urllib.parse.quote(opened['sid'])
        request = urllib.request.Request(self.red.url + address, b'40', {'Content-Type': 'text/plain'})
        urllib.request.urlopen(request, timeout=PATIENCE).close()
        heard = ''
        def config():
            nonlocal heard
            heard += self.red.get(address)
            for frame in heard.split('\x1e'):
                if frame.startswith('42["ui-config"'):
                    return json.loads(frame[2:])
            return None
        found = wait_until(config, PATIENCE, 'the configuration of the page')
        return found[-1]['widgets']

    # ---- as people see it ----

    def look(self, **look):
        if not hasattr(self, 'page'):
            self.pictures = os.environ.get('STRIDED_PICTURES') or self.world.folder
            os.makedirs(self.pictures, exist_ok=True)
            browser = Lines(['chromium', '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
                             '--disable-background-networking', '--remote-debugging-port=0',
                             '--user-data-dir=%s/chromium' % self.world.folder, 'about:blank'], stream='stderr', start_new_session=True)
            self.addCleanup(browser.kill)
            address = browser.wait_line(lambda line: re.search(r'DevTools listening on (ws:\S+)', line), 'its address').group(1)
            script = Path(__file__).with_name('node_red_page.js')
            self.page = Lines(['node', script, CACHE, address, self.red.url + '/dashboard/strided', self.pictures],
                              stdin=subprocess.PIPE)
            self.addCleanup(self.page.kill)
            self.addCleanup(self.page.process.stdin.close)
        since = len(self.page.lines)
        self.page.process.stdin.write(json.dumps({'width': 1280, 'height': 1150, 'dark': False, 'stay': True, **look}).encode() + b'\n')
        self.page.process.stdin.flush()
        seen = self.page.wait_line(json.loads, 'the page', 6 * PATIENCE, since)
        with self.subTest(look['name']):
            for word in look['words']:
                self.assertIn(word.lower(), seen['text'].lower())
            self.assertEqual(seen['errors'], [])
            self.assertLessEqual(seen['wider'], 0) # nothing is to be scrolled sideways
        return seen['text']

    def look_at_a_run(self):
        if not shutil.which('chromium'):
            print('skipped: the page as it is seen (no chromium)')
            return
        words = ['anna', 'running', 'distance', 'heart rate', 'bpm', 'Seven days', 'descent', 'warning', 'Longest run in 30 days',
                 'streaming', 'Stop', 'gateway hall is online']
        self.look(name='run-wide-light', words=words, stay=False)
        self.look(name='run-wide-dark', words=words, dark=True)
        self.look(name='run-phone-dark', words=words, width=390, height=2100, dark=True)
        text = self.look(name='run-phone-light', words=words, width=390, height=2100)
        self.assertNotRegex(text, r'\b(NaN|undefined|null)\b|\{\{')
        # its buttons
        self.look(name='incline', words=['Set incline'], click="""
            (() => { const i = document.querySelector('.sd-incline input'); i.value = '-8'; i.dispatchEvent(new Event('input')); })();
            setTimeout(() => document.querySelector('.sd-incline button').click(), 100)""")
        self.heard.wait('/response/node-red/page$', lambda m: m.json['data'] == {'runner': 'anna', 'percent': -8.0})
        self.look(name='refused', words=['Allowed', '45'], width=1280, click="""
            (() => { const i = document.querySelector('.sd-incline input'); i.form.noValidate = true; i.value = '60'; i.dispatchEvent(new Event('input')); })();
            setTimeout(() => document.querySelector('.sd-incline button').click(), 100)""")

    def look_at_the_end(self):
        if not shutil.which('chromium'):
            return
        self.look(name='ended', words=['last run', 'Start', 'mean heart rate'])
        self.look(name='started', words=['Stop'], click="document.querySelector('.sd-head .sd-button').click()")
        self.heard.wait('/response/node-red/page$', lambda m: m.json['status'] == 'ok' and 'id' in m.json['data'])
        self.look(name='stopped', words=['Start', 'last run'], click="document.querySelector('.sd-head .sd-button').click()")


if __name__ == '__main__':
    missing = install()
    if missing:
        print('skipped: ' + missing)
        sys.exit(77)
    run_tests()
