# SPDX-License-Identifier: MIT
"""
A GATT server: a database of attributes, and the Attribute Protocol that reads, writes and subscribes
to it. Knows nothing of radio or links: a Server gets PDUs and gives PDUs.

    db = Database()
    db.service(0x180D)
    rate = db.characteristic(0x2A37, NOTIFY)
    server = Server(db, send, log)  # one for each link: subscriptions and MTU are per connection
    server.receive(pdu)             # answers through send(pdu)
    server.push(rate, b'...')       # notifies or indicates, if the client asked for it: log('sent', ...)
"""
import struct

READ, WRITE, NOTIFY, INDICATE = 0x02, 0x08, 0x10, 0x20

PRIMARY, CHARACTERISTIC, CLIENT_CONFIGURATION = 0x2800, 0x2803, 0x2902

INVALID_HANDLE, READ_NOT_PERMITTED, WRITE_NOT_PERMITTED = 0x01, 0x02, 0x03
REQUEST_NOT_SUPPORTED, INVALID_OFFSET, NOT_FOUND, BAD_GROUP = 0x06, 0x07, 0x0A, 0x10
CCC_IMPROPER = 0xFD

MTU_DEFAULT, MTU_OURS = 23, 185


def u16(value):
    return struct.pack('<H', value)


def get16(data, offset=0):
    return struct.unpack_from('<H', data, offset)[0]


class AttError(Exception):
    def __init__(self, code, handle=0):
        super().__init__('ATT error 0x%02x' % code)
        self.code, self.handle = code, handle


class Attribute:
    """One row: value is bytes, or a function of the server (the link) that returns them."""

    def __init__(self, handle, kind, value=b'', readable=True, on_write=None):
        self.handle, self.kind, self.value = handle, kind, value
        self.readable, self.on_write = readable, on_write
        self.group_end = handle     # last handle of the service, for a service's own row
        self.ccc = None             # handle of the client configuration, for a value that has one

    def read(self, server):
        if not self.readable:
            raise AttError(READ_NOT_PERMITTED, self.handle)
        return self.value(server) if callable(self.value) else self.value


class Database:
    def __init__(self):
        self.rows = []
        self._service = None

    def _add(self, kind, *args, **named):
        row = Attribute(len(self.rows) + 1, kind, *args, **named)
        self.rows.append(row)
        if self._service:
            self._service.group_end = row.handle
        return row

    def service(self, uuid):
        self._service = None
        self._service = self._add(PRIMARY, u16(uuid))

    def characteristic(self, uuid, properties, value=b'', on_write=None):
        declaration = self._add(CHARACTERISTIC)
        row = self._add(uuid, value, readable=bool(properties & READ), on_write=on_write)
        declaration.value = bytes([properties]) + u16(row.handle) + u16(uuid)
        if properties & (NOTIFY | INDICATE):
            row.ccc = len(self.rows) + 1
            self._add(CLIENT_CONFIGURATION,
                      lambda server, handle=row.ccc: u16(server.subscriptions.get(handle, 0)),
                      on_write=lambda server, data, handle=row.ccc: server.subscribe(handle, data))
        return row

    def at(self, handle):
        if not 1 <= handle <= len(self.rows):
            raise AttError(INVALID_HANDLE, handle)
        return self.rows[handle - 1]

    def between(self, first, last):
        if first == 0 or first > last:
            raise AttError(INVALID_HANDLE, first)
        return self.rows[first - 1:last]


class Server:
    def __init__(self, database, send, log):
        self.database, self.send, self.log = database, send, log
        self.mtu = MTU_DEFAULT
        self.subscriptions = {}

    def subscribe(self, handle, data):
        self.subscriptions[handle] = get16(data.ljust(2, b'\0'))
        self.log('subscribed', self.database.at(handle - 1).kind, data)

    def push(self, row, value):
        wanted = self.subscriptions.get(row.ccc, 0)
        if wanted & 3:
            self.log('sent', row.kind, value)
        if wanted & 1:
            self.send(b'\x1b' + u16(row.handle) + value[:self.mtu - 3])
        elif wanted & 2:
            self.send(b'\x1d' + u16(row.handle) + value[:self.mtu - 3])

    def receive(self, pdu):
        opcode = pdu[0]
        if opcode == 0x1E:      # Confirmation of an indication
            return
        try:
            method = self.METHODS.get(opcode)
            if not method:
                raise AttError(REQUEST_NOT_SUPPORTED)
            answer = method(self, pdu)
        except AttError as error:
            answer = bytes([0x01, opcode]) + u16(error.handle) + bytes([error.code])
        if not opcode & 0x40:   # a command gets no answer
            self.send(answer)

    def _exchange_mtu(self, pdu):
        self.mtu = max(MTU_DEFAULT, min(get16(pdu, 1), MTU_OURS))
        return b'\x03' + u16(MTU_OURS)

    def _find_information(self, pdu):
        rows = self.database.between(get16(pdu, 1), get16(pdu, 3))
        found = b''.join(u16(row.handle) + u16(row.kind) for row in rows[:(self.mtu - 2) // 4])
        if not found:
            raise AttError(NOT_FOUND, get16(pdu, 1))
        return b'\x05\x01' + found

    def _find_by_value(self, pdu):
        kind, value = get16(pdu, 5), pdu[7:]
        found = [u16(row.handle) + u16(row.group_end)
                 for row in self.database.between(get16(pdu, 1), get16(pdu, 3))
                 if row.kind == kind and row.value == value]
        if not found:
            raise AttError(NOT_FOUND, get16(pdu, 1))
        return b'\x07' + b''.join(found[:(self.mtu - 1) // 4])

    def _list(self, pdu, header, longest):
        """Rows of one type as items of one length: that of the first, the others that fit follow."""
        first, kind = get16(pdu, 1), get16(pdu, 5)
        items, room = [], self.mtu - 2
        if len(pdu) != 7:       # a 128-bit type: there is none here
            raise AttError(NOT_FOUND, first)
        for row in self.database.between(first, get16(pdu, 3)):
            if row.kind != kind:
                continue
            try:
                item = header(row) + row.read(self)[:longest]
            except AttError:
                if items:
                    break
                raise
            if (items and len(item) != len(items[0])) or len(item) > room:
                break
            items.append(item)
            room -= len(item)
        if not items:
            raise AttError(NOT_FOUND, first)
        return bytes([pdu[0] + 1, len(items[0])]) + b''.join(items)

    def _read_by_type(self, pdu):
        return self._list(pdu, lambda row: u16(row.handle), self.mtu - 4)

    def _read_by_group(self, pdu):
        if get16(pdu, 5) != PRIMARY:
            raise AttError(BAD_GROUP, get16(pdu, 1))
        return self._list(pdu, lambda row: u16(row.handle) + u16(row.group_end), self.mtu - 6)

    def _read(self, pdu):
        return b'\x0b' + self.database.at(get16(pdu, 1)).read(self)[:self.mtu - 1]

    def _read_blob(self, pdu):
        value, offset = self.database.at(get16(pdu, 1)).read(self), get16(pdu, 3)
        if offset > len(value):
            raise AttError(INVALID_OFFSET, get16(pdu, 1))
        return b'\x0d' + value[offset:offset + self.mtu - 1]

    def _write(self, pdu):
        row = self.database.at(get16(pdu, 1))
        if not row.on_write:
            raise AttError(WRITE_NOT_PERMITTED, row.handle)
        row.on_write(self, pdu[3:])
        return b'\x13'

    METHODS = {0x02: _exchange_mtu, 0x04: _find_information, 0x06: _find_by_value,
               0x08: _read_by_type, 0x0A: _read, 0x0C: _read_blob, 0x10: _read_by_group,
               0x12: _write, 0x52: _write}
