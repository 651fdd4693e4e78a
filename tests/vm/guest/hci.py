# SPDX-License-Identifier: MIT
"""
A virtual LE radio. /dev/vhci makes the kernel see an ordinary Bluetooth controller; what a chip would
answer is answered here, and the air is a list of peripherals that advertise and can be connected to.

Everything above the Host Controller Interface (kernel, bluetoothd) is the real thing. The peripherals
share no process and no bus with what is tested.

    packets: 01 command   opcode u16, length u8, parameters          host -> here
             02 ACL data  handle u12 + boundary u4, length u16, data  both ways
             04 event     code u8, length u8, parameters              here -> host
             FF vendor    what vhci itself says and is told
"""
import errno
import os
import random
import struct

from att import Server, get16, u16

ACL_LENGTH, ACL_PACKETS = 251, 8
CHANNEL_ATT, CHANNEL_SIGNALLING, CHANNEL_SECURITY = 4, 5, 6

SUPERVISION_TIMEOUT, REMOTE_USER_ENDED, LOCAL_HOST_ENDED, NOT_ESTABLISHED = 0x08, 0x13, 0x16, 0x3E
UNKNOWN_COMMAND, NO_CONNECTION, LIMIT_EXCEEDED, DISALLOWED = 0x01, 0x02, 0x09, 0x0C


def address_bytes(text):
    return bytes.fromhex(text.replace(':', ''))[::-1]


COMMANDS = {}       # opcode: (method, octet and bit in the mask of supported commands)


def command(opcode, octet, bit):
    def register(method):
        COMMANDS[opcode] = (method, octet, bit)
        return method
    return register


class Link:
    """One connection: puts L2CAP frames together and hands them to their fixed channel."""

    def __init__(self, controller, handle, peripheral):
        self.controller, self.handle, self.peripheral = controller, handle, peripheral
        self.server = Server(peripheral.database, lambda pdu: self.send(CHANNEL_ATT, pdu),
                             lambda *what: controller.log(peripheral, *what))
        self.alive = True
        self._frame = b''

    def send(self, channel, payload):
        frame, boundary = u16(len(payload)) + u16(channel) + payload, 2
        while frame and self.alive:
            piece, frame = frame[:ACL_LENGTH], frame[ACL_LENGTH:]
            self.controller.write(b'\x02' + u16(self.handle | boundary << 12) + u16(len(piece)) + piece)
            boundary = 1

    def receive(self, boundary, data):
        self._frame = self._frame + data if boundary == 1 else data
        if len(self._frame) < 4 or len(self._frame) < 4 + get16(self._frame):
            return
        channel, payload = get16(self._frame, 2), self._frame[4:4 + get16(self._frame)]
        self._frame = b''
        if not payload:
            return
        if channel == CHANNEL_ATT:
            if not self.peripheral.deaf:
                self.server.receive(payload)
        elif channel == CHANNEL_SECURITY and payload[0] == 0x01:    # Pairing Request: not supported
            self.send(CHANNEL_SECURITY, b'\x05\x05')
        elif channel == CHANNEL_SIGNALLING and payload[0] not in (0x01, 0x13):  # Command Reject
            self.send(CHANNEL_SIGNALLING, b'\x01' + payload[1:2] + b'\x02\x00\x00\x00')


class Controller:
    """slots: how many links it carries at once. log(peripheral, what, uuid, value) is told what it was that
    a peripheral sent, and of the begin and end of its links."""

    def __init__(self, loop, address, peripherals, log, slots=5):
        self.loop, self.address, self.peripherals = loop, address_bytes(address), peripherals
        self.log, self.slots = log, slots
        self.fd = -1
        self.links = {}
        self._next_handle = 0x40
        self._scan_parameters = bytes(7)
        self._forget()
        for peripheral in peripherals:
            self._advertise_later(peripheral)

    def _forget(self):
        """The state of a chip after a reset."""
        self._scanning = None       # (active, accept list only, filter duplicates)
        self._connecting = None     # 'accept list', or (address type, address)
        self._accept = set()
        self._heard = set()
        for link in list(self.links.values()):
            self._end(link)

    # ---- the plug ---------------------------------------------------------------------------
    def plug(self):
        if self.fd >= 0:
            return
        self.fd = os.open('/dev/vhci', os.O_RDWR | os.O_NONBLOCK)
        os.write(self.fd, b'\xff\x00')      # a primary controller, please
        self.loop.add_reader(self.fd, self._readable)

    def unplug(self):
        if self.fd < 0:
            return
        self._forget()
        self.loop.remove_reader(self.fd)
        os.close(self.fd)
        self.fd = -1

    def write(self, packet):
        """The kernel takes nothing from an adapter that it has shut, by rfkill without a word to it."""
        if self.fd >= 0:
            try:
                os.write(self.fd, packet)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise

    def _readable(self):
        packet = os.read(self.fd, 4096)
        if packet[0] == 0x01:
            self._run(get16(packet, 1), packet[4:])
        elif packet[0] == 0x02:
            handle = get16(packet, 1)
            link = self.links.get(handle & 0xFFF)
            if link:
                self._event(0x13, b'\x01' + u16(link.handle) + u16(1))     # one packet was sent
                link.receive(handle >> 12 & 3, packet[5:])

    # ---- the air ----------------------------------------------------------------------------
    def _advertise_later(self, peripheral):
        self.loop.call_later(peripheral.interval_s * random.uniform(0.9, 1.1), self._advertise,
                             peripheral)

    def _advertise(self, peripheral):
        self._advertise_later(peripheral)
        if self.fd < 0 or not peripheral.in_range or peripheral.link or peripheral.taken:
            return
        key = (peripheral.address_type, peripheral.address)
        if self._connecting == key or (self._connecting == 'accept list' and key in self._accept):
            self._connect(peripheral)
        elif self._scanning:
            active, accept_only, filtered = self._scanning
            if (filtered and key in self._heard) or (accept_only and key not in self._accept):
                return
            self._heard.add(key)
            self._report(peripheral, 0x00, peripheral.advertisement())
            if active:
                self._report(peripheral, 0x04, peripheral.scan_response())

    def _report(self, peripheral, kind, data):
        signal = (peripheral.signal_dbm + random.randint(-2, 2)) & 0xFF
        self._event(0x3E, b'\x02\x01' + bytes([kind, peripheral.address_type]) + peripheral.address +
                    bytes([len(data)]) + data + bytes([signal]))

    def _connect(self, peripheral):
        self._connecting = None
        self._next_handle += 1
        link = Link(self, self._next_handle, peripheral)
        self.links[link.handle] = peripheral.link = link
        self.log(peripheral, 'up')
        self._event(0x3E, struct.pack('<BBHBB6sHHHB', 0x01, 0, link.handle, 0, peripheral.address_type,
                                      peripheral.address, 0x18, 0, 0x2A, 0))
        if peripheral.failures > 0:
            peripheral.failures -= 1
            self.loop.call_later(0.15, self.drop, link, NOT_ESTABLISHED)
        else:
            peripheral.connections += 1
            peripheral.start(self.loop)

    def _end(self, link):
        link.alive = False
        self.log(link.peripheral, 'down')
        link.peripheral.link = None
        link.peripheral.stop()
        del self.links[link.handle]

    def drop(self, link, reason):
        if link.alive:
            self._end(link)
            self._event(0x05, b'\0' + u16(link.handle) + bytes([reason]))

    # ---- answers to the host -------------------------------------------------------------------
    def _event(self, code, parameters):
        self.write(bytes([0x04, code, len(parameters)]) + parameters)

    def _complete(self, opcode, parameters):
        self._event(0x0E, b'\x01' + u16(opcode) + parameters)

    def _status(self, opcode, status=0):
        self._event(0x0F, bytes([status, 1]) + u16(opcode))

    def _run(self, opcode, parameters):
        """A method gives what follows the status of Command Complete, or None: it answered itself."""
        row = COMMANDS.get(opcode)
        if not row:
            self._complete(opcode, bytes([UNKNOWN_COMMAND]))
            return
        answer = row[0](self, parameters)
        if answer is not None:
            self._complete(opcode, b'\0' + answer)

    @command(0x0406, 0, 5)
    def _disconnect(self, parameters):
        link = self.links.get(get16(parameters))
        self._status(0x0406, 0 if link else NO_CONNECTION)
        if link:
            self.drop(link, LOCAL_HOST_ENDED)

    @command(0x041D, 2, 7)
    def _read_remote_version(self, parameters):
        self._status(0x041D)
        self._event(0x0C, b'\0' + parameters[:2] + b'\x08\x0f\0\0\0')

    @command(0x0C03, 5, 7)
    def _reset(self, _):
        self._forget()
        return b''

    @command(0x1001, 14, 3)
    def _read_local_version(self, _):
        return b'\x08' + u16(0) + b'\x08' + u16(0x05F1) + u16(0)       # Bluetooth 4.2

    @command(0x1002, 14, 4)
    def _read_commands(self, _):
        mask = bytearray(64)
        for _, octet, bit in COMMANDS.values():
            mask[octet] |= 1 << bit
        return bytes(mask)

    @command(0x1003, 14, 5)
    def _read_features(self, _):
        return bytes([0, 0, 0, 0, 0x60, 0, 0, 0])                      # LE, no BR/EDR

    @command(0x1005, 14, 7)
    def _read_buffers(self, _):
        return u16(ACL_LENGTH) + b'\0' + u16(ACL_PACKETS) + u16(0)

    @command(0x1009, 15, 1)
    def _read_address(self, _):
        return self.address

    @command(0x1405, 15, 5)
    def _read_signal(self, parameters):
        link = self.links.get(get16(parameters))
        return parameters[:2] + bytes([(link.peripheral.signal_dbm if link else 127) & 0xFF])

    @command(0x0C2D, 10, 2)
    def _read_transmit_power(self, parameters):
        return parameters[:2] + b'\x04'

    @command(0x2002, 25, 1)
    def _le_read_buffers(self, _):
        return u16(ACL_LENGTH) + bytes([ACL_PACKETS])

    @command(0x2003, 25, 2)
    def _le_read_features(self, _):
        return bytes(8)

    @command(0x2007, 25, 6)
    def _le_read_advertising_power(self, _):
        return b'\x04'

    @command(0x200B, 26, 2)
    def _le_scan_parameters(self, parameters):
        self._scan_parameters = parameters
        return b''

    @command(0x200C, 26, 3)
    def _le_scan_enable(self, parameters):
        self._heard.clear()
        active, accept_only = self._scan_parameters[0], self._scan_parameters[6] & 1
        self._scanning = (active, accept_only, parameters[1]) if parameters[0] else None
        return b''

    @command(0x200D, 26, 4)
    def _le_create_connection(self, parameters):
        if self._connecting or len(self.links) >= self.slots:
            self._status(0x200D, DISALLOWED if self._connecting else LIMIT_EXCEEDED)
            return
        self._connecting = ('accept list' if parameters[4] else
                            (parameters[5], bytes(parameters[6:12])))
        self._status(0x200D)

    @command(0x200E, 26, 5)
    def _le_create_connection_cancel(self, _):
        if not self._connecting:
            self._complete(0x200E, bytes([DISALLOWED]))
            return
        self._connecting = None
        self._complete(0x200E, b'\0')
        self._event(0x3E, b'\x01' + bytes([NO_CONNECTION]) + bytes(17))

    @command(0x200F, 26, 6)
    def _le_accept_list_size(self, _):
        return b'\x08'

    @command(0x2010, 26, 7)
    def _le_accept_list_clear(self, _):
        self._accept.clear()
        return b''

    @command(0x2011, 27, 0)
    def _le_accept_list_add(self, parameters):
        self._accept.add((parameters[0], bytes(parameters[1:7])))
        return b''

    @command(0x2012, 27, 1)
    def _le_accept_list_remove(self, parameters):
        self._accept.discard((parameters[0], bytes(parameters[1:7])))
        return b''

    @command(0x2013, 27, 2)
    def _le_connection_update(self, parameters):
        self._status(0x2013)
        self._event(0x3E, b'\x03\0' + parameters[:2] + parameters[4:10])

    @command(0x2016, 27, 5)
    def _le_read_remote_features(self, parameters):
        self._status(0x2016)
        self._event(0x3E, b'\x04\0' + parameters[:2] + bytes(8))

    @command(0x2017, 27, 6)
    def _le_encrypt(self, _):
        return os.urandom(16)

    @command(0x2018, 27, 7)
    def _le_random(self, _):
        return os.urandom(8)

    @command(0x201C, 28, 3)
    def _le_supported_states(self, _):
        return b'\xff\xff\xff\xff\xff\x03\0\0'


# Masks, our own random address and our own advertising: accepted, and of no consequence here.
for _opcode, _octet, _bit in ((0x0C01, 5, 6), (0x2001, 25, 0), (0x2005, 25, 4), (0x2006, 25, 5),
                              (0x2008, 25, 7), (0x2009, 26, 0), (0x200A, 26, 1)):
    command(_opcode, _octet, _bit)(lambda self, parameters: b'')
