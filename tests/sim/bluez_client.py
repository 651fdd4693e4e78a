# SPDX-License-Identifier: MIT
"""A client of org.bluez that notes everything it hears, in order: for tests of the simulator."""
import asyncio
import logging
import os
import sys

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'integration'))
import harness  # noqa: E402

logging.getLogger('asyncio').setLevel(logging.ERROR) # no word on how long a test took

HCI = '/org/bluez/hci0'
ADAPTER, DEVICE = 'org.bluez.Adapter1', 'org.bluez.Device1'
CHARACTERISTIC, BATTERY = 'org.bluez.GattCharacteristic1', 'org.bluez.Battery1'
PROPERTIES, MANAGER = 'org.freedesktop.DBus.Properties', 'org.freedesktop.DBus.ObjectManager'


class Error(Exception):
    def __init__(self, name, text):
        super().__init__('%s: %s' % (name, text))
        self.name, self.text = name, text


def plain(value):
    if isinstance(value, Variant):
        return plain(value.value)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def device_path(address):
    return HCI + '/dev_' + address.replace(':', '_')


class Client:
    """Events are tuples: ('changed', path, interface, {changed}, [invalidated]), ('added', path,
    {interface: properties}), ('removed', path, [interfaces]), ('owner', old, new), and
    ('reply', member) for our own calls."""

    def __init__(self):
        self.events = []
        self.news = asyncio.Event()
        self.members = {}

    async def __aenter__(self):
        return self

    @classmethod
    async def connect(cls, bus):
        self = cls()
        self.bus = await MessageBus(bus_address=bus.address, bus_type=BusType.SYSTEM,
                                    negotiate_unix_fd=True).connect()
        self.bus.add_message_handler(self.hear)
        for rule in ("sender='org.bluez'", "member='NameOwnerChanged',arg0='org.bluez'"):
            await self.call('/org/freedesktop/DBus', 'org.freedesktop.DBus', 'AddMatch', 's',
                            "type='signal'," + rule, destination='org.freedesktop.DBus')
        self.events.clear()
        return self

    async def __aexit__(self, *_):
        self.bus.disconnect()
        await self.bus.wait_for_disconnect()

    def note(self, *event):
        self.events.append(event)
        self.news.set()

    def hear(self, m):
        body = plain(m.body)
        if m.message_type in (MessageType.METHOD_RETURN, MessageType.ERROR):
            if m.reply_serial in self.members:
                self.note('reply', self.members.pop(m.reply_serial))
        elif m.member == 'PropertiesChanged':
            self.note('changed', m.path, *body)
        elif m.member == 'InterfacesAdded':
            self.note('added', *body)
        elif m.member == 'InterfacesRemoved':
            self.note('removed', *body)
        elif m.member == 'NameOwnerChanged' and body[0] == 'org.bluez':
            self.note('owner', *body[1:])

    def start(self, path, interface, member, signature='', *body, destination='org.bluez'):
        """Sends a call; the task yields the answer's body or raises Error."""
        m = Message(destination=destination, path=path, interface=interface, member=member,
                    signature=signature, body=list(body), serial=self.bus.next_serial())
        self.members[m.serial] = member

        async def answer():
            reply = await self.bus.call(m)
            if reply.message_type == MessageType.ERROR:
                raise Error(reply.error_name, reply.body[0] if reply.body else '')
            self.fds = reply.unix_fds
            return plain(reply.body)
        return asyncio.ensure_future(answer())

    async def call(self, *args, **kwargs):
        return await asyncio.wait_for(self.start(*args, **kwargs), 30)

    async def error(self, *args, **kwargs):
        """The Error of a call that must fail."""
        try:
            await self.call(*args, **kwargs)
        except Error as e:
            return e
        raise AssertionError('%s should have failed' % (args,))

    async def objects(self):
        return (await self.call('/', MANAGER, 'GetManagedObjects'))[0]

    async def get(self, path, interface, name):
        return (await self.call(path, PROPERTIES, 'Get', 'ss', interface, name))[0]

    async def until(self, wanted, seconds=20):
        """The index of the first event that fits; waits for it."""
        async def wait():
            seen = 0
            while True:
                for i in range(seen, len(self.events)):
                    if wanted(self.events[i]):
                        return i
                seen = len(self.events)
                self.news.clear()
                await self.news.wait()
        try:
            return await asyncio.wait_for(wait(), seconds)
        except asyncio.TimeoutError:
            raise AssertionError('not heard in %g s; heard: %s' % (seconds, self.events)) from None

    async def until_changed(self, path, name, value=None, seconds=20):
        return await self.until(lambda e: e[0] == 'changed' and e[1] == path and name in e[3] and
                                (value is None or e[3][name] == value), seconds)

    def index(self, *kinds):
        """Where the first event is that begins so; -1: nowhere."""
        for i, e in enumerate(self.events):
            if e[:len(kinds)] == kinds:
                return i
        return -1

    # what most tests begin with

    async def discover(self, *paths):
        await self.call(HCI, ADAPTER, 'StartDiscovery')
        for path in paths:
            await self.until(lambda e, p=path: e[0] == 'added' and e[1] == p and DEVICE in e[2])
        await self.call(HCI, ADAPTER, 'StopDiscovery')
        await self.until_changed(HCI, 'Discovering', False)

    async def link(self, path):
        """Connects and waits until all that follows was heard."""
        self.events.clear()
        await self.call(path, DEVICE, 'Connect')
        await self.until_changed(path, 'ServicesResolved', True)
        await self.until(lambda e: e[0] == 'added' and e[1] == path and BATTERY in e[2])

    async def characteristic(self, path, uuid):
        for p, interfaces in (await self.objects()).items():
            c = interfaces.get(CHARACTERISTIC)
            if c and p.startswith(path) and c['UUID'].startswith('0000%04x' % uuid):
                return p
        raise KeyError('%04x' % uuid)
