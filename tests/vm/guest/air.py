#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
The air of the virtual machine: one radio (hci0) and around it the sensors of two runners and a treadmill.
Steered by datagrams on /run/air.sock, one line each, answered by "ok" or "error: ...":

    strap range 0|1            out of range (the link dies of its supervision timeout) or back
    strap drop [REASON]        end the link when its last word is heard; REASON in hex, default 13 (remote user)
    strap battery PERCENT      change and notify
    belt set incline_pct 4.0   any attribute named in SETTABLE
    strap connections          how often it was connected to
    pod odometer               metres it has run so far
    radio plug | radio unplug  the adapter itself

What went out to a subscriber stands in /run/air.log, with what happened to each link, one line a fact:

    USEC strap up | down                 USEC is CLOCK_BOOTTIME
    USEC strap subscribed UUID HEX       what was written to the client configuration
    USEC strap sent UUID HEX
"""
import asyncio
import os
import socket
import time

from hci import REMOTE_USER_ENDED, SUPERVISION_TIMEOUT, Controller
from peripherals import Pod, Strap, Treadmill

SOCKET, LOG = '/run/air.sock', '/run/air.log'
SUPERVISION_S = 0.42
GOODBYE_S = 0.3     # the kernel tells bluetoothd of the end of a link before it gives it what it has not read yet
SENSORS = (('strap', Strap), ('pod', Pod), ('belt', Treadmill), ('chest', Strap), ('foot', Pod), ('spare', Strap))
SETTABLE = {'heart_rate_bpm', 'contact', 'speed_m_s', 'strides_per_min', 'speed_km_h', 'incline_pct',
            'split', 'muted', 'deaf', 'failures', 'taken', 'signal_dbm', 'interval_s'}


class Air:
    def __init__(self, loop):
        self.loop = loop
        self.log_file = open(LOG, 'w', buffering=1, encoding='ascii')
        self.peripherals = {name: kind('Sim' + name.capitalize(), 'C0:DE:00:00:00:%02X' % number)
                            for number, (name, kind) in enumerate(SENSORS, 1)}
        self.names = {peripheral: name for name, peripheral in self.peripherals.items()}
        self.radio = Controller(loop, '00:1B:DC:00:00:01', list(self.peripherals.values()), self.log)
        self.radio.plug()

    def log(self, peripheral, what, uuid=None, value=b''):
        words = [str(time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000), self.names[peripheral], what]
        if uuid is not None:
            words += ['%04x' % uuid, value.hex()]
        self.log_file.write(' '.join(words) + '\n')

    def run(self, line):
        who, verb, *rest = line.split()
        if who == 'radio':
            {'plug': self.radio.plug, 'unplug': self.radio.unplug}[verb]()
            return 'ok'
        return getattr(self, '_' + verb)(self.peripherals[who], *rest) or 'ok'

    def _range(self, peripheral, there):
        peripheral.in_range = there == '1'
        if peripheral.link and not peripheral.in_range:
            peripheral.stop()
            self.loop.call_later(SUPERVISION_S, self.radio.drop, peripheral.link, SUPERVISION_TIMEOUT)

    def _drop(self, peripheral, reason='%x' % REMOTE_USER_ENDED):
        if peripheral.link:
            peripheral.stop()
            self.loop.call_later(GOODBYE_S, self.radio.drop, peripheral.link, int(reason, 16))

    def _battery(self, peripheral, percent):
        peripheral.set_battery(int(percent))

    def _set(self, peripheral, name, value):
        if name not in SETTABLE:
            raise KeyError(name)
        setattr(peripheral, name, type(getattr(peripheral, name))(float(value)))

    def _connections(self, peripheral):
        return str(peripheral.connections)

    def _odometer(self, peripheral):
        return '%.1f' % peripheral.odometer.read()


class Control(asyncio.DatagramProtocol):
    def __init__(self, air):
        self.air = air

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        try:
            answer = self.air.run(data.decode())
        except Exception as error:      # whatever a scenario got wrong is its answer
            answer = 'error: %r' % error
        self.transport.sendto(answer.encode(), address)


async def main():
    loop = asyncio.get_running_loop()
    air = Air(loop)
    if os.path.exists(SOCKET):
        os.unlink(SOCKET)
    control = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    control.bind(SOCKET)
    await loop.create_datagram_endpoint(lambda: Control(air), sock=control)
    await asyncio.Event().wait()


if __name__ == '__main__':
    asyncio.run(main())
