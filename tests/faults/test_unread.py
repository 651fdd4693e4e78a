#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The witness of what a process had not read: it gets all of that, of one who was killed, and counts the packets in it."""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

import unread

POD, OTHER = b'/org/bluez/hci0/dev_C0/service000a/char000b', b'/org/bluez/hci0/dev_C0/service0010/char0011'
# It reads 10 bytes, says so, and reads no more.
READER = '''import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.recv(10, socket.MSG_WAITALL); print('read', flush=True)
other = socket.socketpair()
time.sleep(600)'''


def signal_of(path, name=b'Value', interface=b'org.bluez.GattCharacteristic1'):
    return (b'l\4\1\1L\0\0\0m\0\0\0\xad\0\0\0\1\1o\0\x3a\0\0\0' + path + b'\0\2\1s\0org.freedesktop.DBus.Properties\0'
            b'\3\1s\0PropertiesChanged\0\x1d\0\0\0' + interface + b'\0\0\0\x1e\0\0\0\5\0\0\0' + name + b'\0\2ay\0\2\0\0\0\7\7')


class Counting(unittest.TestCase):
    def test_packets_are_told_from_all_else(self):
        rows = {'nothing': (b'', 0), 'a packet': (signal_of(POD), 1), 'two': (2 * signal_of(POD), 2),
                'of another characteristic': (signal_of(OTHER) + signal_of(POD) + signal_of(OTHER), 1),
                'no value': (signal_of(POD, b'Notifying'), 0), 'of a battery': (signal_of(POD, interface=b'org.bluez.Battery1'), 0),
                'an answer between them': (signal_of(POD) + b'l\2\1\1\0\0\0\0UUID' + signal_of(POD), 2),
                'one of which the beginning was read': (signal_of(POD)[24:] + signal_of(POD), 2)}
        for label, (data, count) in rows.items():
            with self.subTest(label):
                self.assertEqual(unread.count_packets(data, {POD}), count)


class Borrowing(unittest.TestCase):
    def test_what_was_not_read_outlives_the_reader(self):
        path = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), 'bus')
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(path)
            door.listen()
            with subprocess.Popen([sys.executable, '-c', READER, path], stdout=subprocess.PIPE) as reader:
                self.addCleanup(reader.kill)
                theirs = door.accept()[0]
                theirs.sendall(b'0123456789and the rest')
                self.assertEqual(reader.stdout.readline(), b'read\n')
                unread.freeze(reader.pid)
                found = unread.sockets_to(reader.pid, path)
                reader.kill()
                self.assertEqual(reader.wait(), -signal.SIGKILL)
        theirs.sendall(b', and more')
        theirs.close()
        self.assertEqual([unread.rest(one) for one in found], [b'and the rest, and more'])


if __name__ == '__main__':
    unittest.main()
