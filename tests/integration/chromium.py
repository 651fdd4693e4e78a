# SPDX-License-Identifier: MIT
"""A headless Chromium that is spoken to over a pipe (its DevTools protocol): what a page asks for, what it
complains of, how wide it is, and how it looks."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from harness import die_with_parent

PATIENCE = 60
FLAGS = ('--headless=new', '--remote-debugging-pipe', '--no-sandbox', '--disable-gpu', '--no-first-run',
         '--disable-background-networking', '--disable-component-update', '--disable-extensions',
         '--disable-dev-shm-usage', '--hide-scrollbars', '--force-color-profile=srgb',
         '--host-resolver-rules=MAP * ~NOTFOUND')


def find():
    return shutil.which('chromium')


class Chromium:
    def __init__(self):
        self.home = tempfile.mkdtemp(prefix='chromium-')
        to_it, ours = os.pipe()
        theirs, from_it = os.pipe()
        self.write_fd, self.read_fd = ours, theirs

        def hand_over():
            die_with_parent()
            high = [os.dup(fd) for fd in (to_it, from_it)] # out of the way of 3 and 4
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)
        self.process = subprocess.Popen(
            [find(), *FLAGS, '--user-data-dir=' + self.home, 'about:blank'], preexec_fn=hand_over, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, 'HOME': self.home})
        os.close(to_it)
        os.close(from_it)
        self.buffer, self.number, self.events = b'', 0, []

    def _message(self, deadline):
        while b'\0' not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.read_fd], [], [], left)[0]:
                raise TimeoutError('Chromium says nothing')
            data = os.read(self.read_fd, 1 << 20)
            if not data:
                raise AssertionError('Chromium is gone')
            self.buffer += data
        text, self.buffer = self.buffer.split(b'\0', 1)
        return json.loads(text)

    def ask(self, method, session=None, **params):
        self.number += 1
        request = {'id': self.number, 'method': method, 'params': params}
        if session:
            request['sessionId'] = session
        os.write(self.write_fd, json.dumps(request).encode() + b'\0')
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self._message(deadline)
            if message.get('id') == self.number:
                if 'error' in message:
                    raise AssertionError('%s: %s' % (method, message['error']))
                return message['result']
            self.events.append(message)

    def wait_event(self, method, session):
        deadline = time.monotonic() + PATIENCE
        while True:
            for event in self.events:
                if event.get('method') == method and event.get('sessionId') == session:
                    return event
            self.events.append(self._message(deadline))

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.write_fd)
        os.close(self.read_fd)
        shutil.rmtree(self.home, ignore_errors=True)


class Page:
    """One address, opened in a window of this size; scheme: light or dark."""

    def __init__(self, chromium, url, width, height=800, scheme='light', phone=False, media=''):
        self.chromium, self.url = chromium, url
        target = chromium.ask('Target.createTarget', url='about:blank')['targetId']
        self.session = chromium.ask('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Network', 'Log', 'Runtime'):
            self._ask(domain + '.enable')
        self._ask('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=2 if phone else 1,
                  mobile=phone)
        self._ask('Emulation.setEmulatedMedia', media=media,
                  features=[{'name': 'prefers-color-scheme', 'value': scheme}])
        self._ask('Page.navigate', url=url)
        chromium.wait_event('Page.loadEventFired', self.session)
        self.target = target

    def _ask(self, method, **params):
        return self.chromium.ask(method, self.session, **params)

    def value(self, expression):
        result = self._ask('Runtime.evaluate', expression=expression, returnByValue=True)
        assert 'exceptionDetails' not in result, result
        return result['result'].get('value')

    def _events(self, method):
        return [e['params'] for e in self.chromium.events
                if e.get('method') == method and e.get('sessionId') == self.session]

    def requests(self):
        """All addresses that it asked for but its own."""
        urls = [e['request']['url'] for e in self._events('Network.requestWillBeSent')]
        return [url for url in urls if url != self.url and not url.startswith('data:')]

    def complaints(self):
        return ([e['entry']['text'] for e in self._events('Log.entryAdded')] +
                [str(e['args']) for e in self._events('Runtime.consoleAPICalled')] +
                [str(e['exceptionDetails']) for e in self._events('Runtime.exceptionThrown')])

    def is_wider_than_its_window(self):
        return self.value('document.documentElement.scrollWidth > document.documentElement.clientWidth')

    def screenshot(self, path):
        with open(path, 'wb') as f:
            f.write(base64.b64decode(self._ask('Page.captureScreenshot', captureBeyondViewport=True)['data']))

    def print(self, path):
        with open(path, 'wb') as f:
            f.write(base64.b64decode(self._ask('Page.printToPDF', printBackground=True)['data']))

    def close(self):
        self.chromium.ask('Target.closeTarget', targetId=self.target)
