# SPDX-License-Identifier: MIT
"""The services of a machine as a test wants them: systemd, timedated, bluetoothd and strided itself, each as
its answers on a private bus, which may be changed while it runs."""
import asyncio
import json
import threading

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

UNIT = '/org/freedesktop/systemd1/unit/strided_2eservice'
SYSTEMD, TIMEDATE = 'org.freedesktop.systemd1', 'org.freedesktop.timedate1'
BLUEZ, STRIDED = 'org.bluez', 'org.strided1'


def variants(properties):
    """{name: (signature, value)} as a{sv}"""
    return {name: Variant(*value) for name, value in properties.items()}


class Machine:
    """Who is in `services` has its name on the bus. `mute`: those who never answer."""

    def __init__(self, bus, services=(SYSTEMD, TIMEDATE, BLUEZ)):
        self.unit = {'LoadState': ('s', 'loaded'), 'ActiveState': ('s', 'active'), 'SubState': ('s', 'running'),
                     'UnitFileState': ('s', 'enabled'), 'NeedDaemonReload': ('b', False),
                     'ActiveEnterTimestamp': ('t', 1_790_000_000_000_000), 'ActiveEnterTimestampMonotonic': ('t', 1)}
        self.service = {'Result': ('s', 'success'), 'ExecMainStatus': ('i', 0), 'NRestarts': ('u', 0),
                        'PrivateTmp': ('b', False), 'ProtectHome': ('s', 'yes'), 'LoadCredential': ('a(ss)', []), 'ProtectSystem': ('s', 'strict'),
                        'ReadWritePaths': ('as', []), 'BindPaths': ('a(ssbt)', []), 'BindReadOnlyPaths': ('a(ssbt)', []),
                        # and some of each type that systemd has beside these
                        'ExecStart': ('a(sasbttttuii)', [['/usr/local/bin/strided', ['strided'], False, 1, 2, 3, 4, 5, -6, 0]]),
                        'CPUAffinity': ('ay', b'\1\0'), 'Nice': ('i', -5), 'Slack': ('x', -1), 'Most': ('t', 2**64 - 1),
                        'Share': ('d', 0.5), 'Byte': ('y', 7), 'Short': ('n', -2), 'Word': ('q', 2),
                        'Kind': ('g', 'a{sv}'), 'Pair': ('(so)', ['x', '/']), 'Map': ('a{sv}', {'a': Variant('as', ['b'])}),
                        'Void': ('a(ss)', [])}
        self.bluetooth = ['loaded', 'active']  # bluetooth.service: load, active
        self.synced = True
        self.adapters = {'hci0': {'Address': '00:1B:DC:00:00:01', 'Powered': True, 'Discovering': False}}
        self.devices = {}  # address: {property: (signature, value)}, with 'Percentage' of its battery
        self.status = {}  # what strided answers
        self.sensors = []
        self.changes = None  # before each of its answers
        self.refuses = False  # strided: not to us
        self.mute = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._connect(bus.address, services))

    def _run(self, what):
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(60)

    async def _connect(self, address, services):
        self.bus = await MessageBus(bus_address=address, bus_type=BusType.SYSTEM).connect()
        self.bus.add_message_handler(self._hear)
        for name in services:
            await self.bus.request_name(name)

    def own(self, name):
        self._run(self.bus.request_name(name))

    def disown(self, name):
        self._run(self.bus.release_name(name))

    def close(self):
        self._loop.call_soon_threadsafe(self.bus.disconnect)
        self._run(self.bus.wait_for_disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    # ---- answers ----

    def _hear(self, message):
        if message.message_type != MessageType.METHOD_CALL or message.destination == self.bus.unique_name:
            return None
        if message.destination in self.mute:
            return True
        answer = getattr(self, '_' + {SYSTEMD: 'systemd', TIMEDATE: 'timedate', BLUEZ: 'bluez',
                                      STRIDED: 'strided'}.get(message.destination, 'nobody'))(message)
        return answer if isinstance(answer, Message) else Message.new_method_return(message, *answer)

    def _nobody(self, message):
        return Message.new_error(message, 'org.freedesktop.DBus.Error.UnknownMethod', message.member)

    def _systemd(self, message):
        if message.member == 'GetAll':
            properties = self.unit if message.body[0].endswith('.Unit') else self.service
            return 'a{sv}', [variants(properties)]
        units = {'strided.service': [self.unit[key][1] for key in ('LoadState', 'ActiveState', 'SubState')],
                 'bluetooth.service': self.bluetooth + ['x']}
        return 'a(ssssssouso)', [[[name, '', *units[name], '', UNIT, 0, '', '/'] for name in message.body[0]]]

    def _timedate(self, message):
        return 'v', [Variant('b', self.synced)]

    def _bluez(self, message):
        if message.member == 'GetAll':
            adapter = self.adapters[message.path.split('/')[-1]]
            return 'a{sv}', [variants({'Discovering': ('b', adapter['Discovering'])})]
        objects = {}
        for name, properties in self.adapters.items():
            kinds = {'Address': 's', 'Powered': 'b', 'Discovering': 'b'}
            objects['/org/bluez/' + name] = {'org.bluez.Adapter1': variants(
                {key: (kinds[key], value) for key, value in properties.items()})}
        for address, properties in self.devices.items():
            rest = {key: value for key, value in properties.items() if key != 'Percentage'}
            path = '/org/bluez/hci0/dev_' + address.replace(':', '_')
            objects[path] = {'org.bluez.Device1': variants({'Address': ('s', address), **rest})}
            if 'Percentage' in properties:
                objects[path]['org.bluez.Battery1'] = variants({'Percentage': properties['Percentage']})
        return 'a{oa{sa{sv}}}', [objects]

    def _strided(self, message):
        if self.refuses:
            return Message.new_error(message, 'org.freedesktop.DBus.Error.AccessDenied', 'no')
        if self.changes:
            self.changes()
        data = self.status if message.member == 'Status' else {'sensors': self.sensors}
        return 's', [json.dumps({'status': 'ok', 'data': data, 'error': None, 'transaction': None})]


class Scanner:
    """Another program that scans on an adapter of org.bluez, until it is closed."""

    def __init__(self, bus, adapter='hci0'):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._begin(bus.address, '/org/bluez/' + adapter))

    def _run(self, what):
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(60)

    async def _begin(self, address, path):
        self.bus = await MessageBus(bus_address=address, bus_type=BusType.SYSTEM).connect()
        reply = await self.bus.call(Message(destination=BLUEZ, path=path, interface='org.bluez.Adapter1', member='StartDiscovery'))
        assert reply.message_type == MessageType.METHOD_RETURN, reply.body
        while True: # the scan, and what is told of it, follows a moment later
            reply = await self.bus.call(Message(destination=BLUEZ, path=path, interface='org.freedesktop.DBus.Properties',
                                                member='Get', signature='ss', body=['org.bluez.Adapter1', 'Discovering']))
            if reply.body[0].value:
                break

    def close(self):
        self._loop.call_soon_threadsafe(self.bus.disconnect)
        self._run(self.bus.wait_for_disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()
