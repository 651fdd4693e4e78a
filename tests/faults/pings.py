#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long the daemon's loop keeps somebody waiting, seen from outside: each 20 ms he is asked for a word over the bus
(Peer.Ping, which his loop answers behind all that came before it), whatever he tells of himself.

Who asks is a process of its own that runs before all others, as a thread of a busy test would wait for its own turn.

usage: pings.py SOCKET NAME       prints `ready`, and JSON when its stdin ends"""
import contextlib
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time

EACH_S = 0.02
NOTED_S = 0.01 # what is answered sooner is counted only
PATIENCE_S = 60
PRIORITY = '2' # as the witness of standstill.py
BUS, PEER = 'org.freedesktop.DBus', 'org.freedesktop.DBus.Peer'
CALL, RETURN, ERROR = 1, 2, 3
PATH, INTERFACE, MEMBER, ANSWERS, TO, KINDS = 1, 2, 3, 5, 6, 8 # fields of a head


def aligned(at, size):
    return (at + size - 1) // size * size


def padding(data, size):
    return bytes(aligned(len(data), size) - len(data))


def text(value):
    return struct.pack('<I', len(value)) + value.encode() + b'\0'


def call(serial, to, path, interface, member, *arguments):
    """The bytes of one with strings as arguments."""
    fields = b''
    for code, kind, value in ((PATH, 'o', path), (INTERFACE, 's', interface), (MEMBER, 's', member), (TO, 's', to)):
        fields += padding(fields, 8) + struct.pack('<BB2s', code, 1, kind.encode() + b'\0') + text(value)
    body = b''
    if arguments:
        kinds = b's' * len(arguments)
        fields += padding(fields, 8) + struct.pack('<BB2sB', KINDS, 1, b'g\0', len(kinds)) + kinds + b'\0'
        for one in arguments:
            body += padding(body, 4) + text(one)
    head = struct.pack('<cBBBIII', b'l', CALL, 0, 1, len(body), serial, len(fields)) + fields
    return head + padding(head, 8) + body


def answered(head, fields):
    """The serial of the call that this message answers; None: it answers none."""
    order, at = '<' if head[:1] == b'l' else '>', 0
    while at < len(fields):
        code, _, kind = struct.unpack_from('BBc', fields, at)
        at += 4
        if kind == b'u':
            if code == ANSWERS:
                return struct.unpack_from(order + 'I', fields, at)[0]
            at += 4
        elif kind == b'g':
            at += 1 + fields[at] + 1
        else:
            at += 4 + struct.unpack_from(order + 'I', fields, at)[0] + 1
        at = aligned(at, 8)
    return None


class Link:
    """A client of the bus, one call at a time."""

    def __init__(self, path):
        self.socket, self.serial = socket.socket(socket.AF_UNIX), 0
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(path)
        self.socket.sendall(b'\0AUTH EXTERNAL %s\r\n' % str(os.getuid()).encode().hex().encode())
        assert self.socket.recv(4096).startswith(b'OK ')
        self.socket.sendall(b'BEGIN\r\n')
        self.ask(BUS, '/org/freedesktop/DBus', BUS, 'Hello')

    def take(self, length):
        data = b''
        while len(data) < length:
            more = self.socket.recv(length - len(data))
            if not more:
                raise ConnectionError('the bus is gone')
            data += more
        return data

    def ask(self, *what):
        """(its kind, the bytes of its body) of the answer."""
        self.serial += 1
        self.socket.sendall(call(self.serial, *what))
        while True:
            head = self.take(16)
            order = '<' if head[:1] == b'l' else '>'
            body, fields = struct.unpack_from(order + 'I', head, 4)[0], struct.unpack_from(order + 'I', head, 12)[0]
            rest = self.take(aligned(16 + fields, 8) - 16 + body)
            if head[1] in (RETURN, ERROR) and answered(head, rest[:fields]) == self.serial:
                return head[1], rest[aligned(16 + fields, 8) - 16:]


def ask_until_end(path, name):
    """JSON: how often he was asked, the longest in milliseconds, and (sent, answered) of all that were slow, by
    CLOCK_MONOTONIC."""
    link = Link(path)
    kind, body = link.ask(BUS, '/org/freedesktop/DBus', BUS, 'GetNameOwner', name)
    assert kind == RETURN, body
    owner = body[4:-1].decode()
    print('ready', flush=True)
    asked, longest_s, slow, due_s = 0, 0, [], time.monotonic()
    while not select.select([0], [], [], max(0, due_s - time.monotonic()))[0]:
        sent_s = time.monotonic()
        kind, body = link.ask(owner, '/', PEER, 'Ping')
        answered_s = time.monotonic()
        assert kind == RETURN, body
        asked += 1
        longest_s = max(longest_s, answered_s - sent_s)
        if answered_s - sent_s > NOTED_S:
            slow.append((sent_s, answered_s))
        due_s = max(due_s + EACH_S, answered_s)
    print(json.dumps({'asked': asked, 'longest_ms': 1000 * longest_s, 'slow': slow}))


class Pings:
    """That process, until end()."""

    def __init__(self, path, name):
        argv = ['chrt', '--fifo', PRIORITY, sys.executable, '-B', os.path.abspath(__file__), path, name]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        assert line == b'ready\n', line

    def end(self):
        """What ask_until_end() says."""
        out, _ = self.process.communicate(timeout=2 * PATIENCE_S)
        assert self.process.returncode == 0, 'who asked ended with %d' % self.process.returncode
        return json.loads(out)

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            stream.close()


if __name__ == '__main__':
    ask_until_end(*sys.argv[1:])
