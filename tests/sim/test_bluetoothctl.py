# SPDX-License-Identifier: MIT
"""The simulator through the eyes of bluetoothctl, BlueZ's own client: commands in, screen out."""
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'integration'))
import harness  # noqa: E402

A, B = 'C0:DE:00:00:00:01', 'C0:DE:00:00:00:02'
COLOUR = re.compile(r'\x1b\[[0-9;]*m|[\x01\x02\r]')


class Screen:
    """An interactive bluetoothctl: says lines, waits for what appears after them."""

    def __init__(self, bus):
        self.child = harness.Child(['bluetoothctl'], env=bus.environment(), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.child.process.stdout.fileno(), False)
        self.text, self.seen = '', 0

    def look(self):
        data = self.child.process.stdout.read()
        self.text += COLOUR.sub('', data.decode(errors='replace')) if data else ''

    def say(self, line):
        self.look()
        self.seen = len(self.text)
        self.child.process.stdin.write(line.encode() + b'\n')
        self.child.process.stdin.flush()

    def expect(self, pattern, seconds=20):
        """Waits for the pattern in what came after the last line said."""
        def there():
            self.look()
            return re.search(pattern, self.text[self.seen:])
        try:
            return harness.wait_until(there, seconds, repr(pattern))
        except harness.Timeout as e:
            raise AssertionError('%s; the screen shows:\n%s' % (e, self.text)) from None


class Bluetoothctl(unittest.TestCase):
    def setUp(self):
        self.bus = harness.Bus()
        self.addCleanup(self.bus.close)
        self.sim = harness.Sim(self.bus, '--race-every', '0', '--sensor',
                               'strap:Strap:%s:scenario=steady' % A, '--sensor',
                               'pod:Pod:%s:scenario=steady,awake' % B)
        self.addCleanup(self.sim.close)
        self.screen = Screen(self.bus)
        self.addCleanup(self.screen.child.close)
        self.screen.expect('Agent registered')

    def test_it_lists_connects_reads_and_is_notified(self):
        screen = self.screen
        screen.say('show')
        screen.expect(r'Powered: yes')
        screen.say('scan on')
        screen.expect('Device %s Strap' % A)
        screen.expect('Device %s Pod' % B)
        screen.say('scan off')
        screen.expect('Discovering: no')
        screen.say('devices')
        screen.expect('Device %s Strap' % A)
        screen.say('connect ' + A)
        screen.expect('Connection successful')
        screen.expect('ServicesResolved: yes')
        screen.expect('Appearance: 0x0341') # the battery comes with it, without a line of its own
        screen.say('info ' + A)
        screen.expect(r'Battery Percentage: 0x57 \(87\)')
        screen.say('menu gatt')
        screen.expect('Menu gatt')
        screen.say('select-attribute 00002a29-0000-1000-8000-00805f9b34fb')
        screen.expect(r'char0017')
        screen.say('read')
        screen.expect(r'Simulated Sensor')
        screen.say('select-attribute 00002a37-0000-1000-8000-00805f9b34fb')
        screen.expect(r'char000b')
        screen.say('notify on')
        screen.expect('Notify started')
        screen.expect(r'16 8c ') # in contact, 140 a minute
        screen.say('notify off')
        screen.expect('Notify stopped')
        screen.say('back')
        screen.say('disconnect ' + A)
        screen.expect('Successful disconnected|Disconnection successful') # before BlueZ 5.8x, and since
        self.assertEqual(self.sim.truth('Strap')['connections'], 1)


if __name__ == '__main__':
    unittest.main()
