# SPDX-License-Identifier: MIT
"""kill -9, and what the process had not read yet.

Who is killed takes with him what lies in his socket, and nobody can tell then what had been in it. So he is stopped
first, at the same random moment: he does nothing from then on, and what he leaves in memory and on the disk is what
SIGKILL leaves. His sensors fall silent, the bus hands on what it still has, and a second descriptor of his socket
(pidfd_getfd) outlives him: what comes out of that is what he had not read."""
import ctypes
import os
import platform
import re
import signal
import socket
import subprocess

PIDFD_GETFD = 438 # on every processor
EPOLL_WAITS = {'x86_64': ('232', '281', '441'), 'aarch64': ('22', '441')} # epoll_wait, epoll_pwait, epoll_pwait2
PATIENCE_S = 60
CHARACTERISTIC = rb'/org/bluez/\w+/\w+/\w+/char[0-9a-f]{4}(?=\0)'
# What a signal says of a packet. One that was read to its second half, as sd-bus reads the first bytes alone to know
# how many there are, is unread; the path is in what is left.
VALUE = re.compile(rb'(%s)|org\.bluez\.GattCharacteristic1\0.{,15}Value\0' % CHARACTERISTIC, re.S)
PING = 'org.freedesktop.DBus.Peer.Ping'
_libc = ctypes.CDLL(None, use_errno=True)


def path_of(bus):
    return bus.address.partition('path=')[2].partition(',')[0]


def ask_bluetoothd(bus, member):
    """What it answers; all that it said before is in the sockets of who hears it then, for it said it to the same bus."""
    return subprocess.run(['dbus-send', '--bus=' + bus.address, '--dest=org.bluez', '--print-reply', '/', member],
                          check=True, timeout=PATIENCE_S, capture_output=True, text=True).stdout


def measurements(bus, uuids):
    """Paths of the characteristics with these."""
    objects = ask_bluetoothd(bus, 'org.freedesktop.DBus.ObjectManager.GetManagedObjects').split('dict entry(\n         object path "')
    return {text.split('"', 1)[0].encode() for text in objects
            if re.search(r'"UUID"\s+variant\s+string "0000(%s)-' % '|'.join(uuids), text) and '/char' in text.split('"', 1)[0]}


def freeze(pid):
    os.kill(pid, signal.SIGSTOP)
    os.waitid(os.P_PID, pid, os.WSTOPPED)


def is_waiting(pid):
    """Of one who is frozen: there was nothing to do for his loop, and nothing in his hands."""
    with open('/proc/%d/syscall' % pid) as f:
        return f.read().split()[0] in EPOLL_WAITS.get(platform.machine(), ())


def borrow(pid, fd):
    """Another descriptor of it, as a socket."""
    pidfd = os.pidfd_open(pid)
    try:
        ours = _libc.syscall(PIDFD_GETFD, pidfd, fd, 0)
        if ours < 0:
            raise OSError(ctypes.get_errno(), 'pidfd_getfd: ' + os.strerror(ctypes.get_errno()))
        return socket.socket(fileno=ours)
    finally:
        os.close(pidfd)


def sockets_to(pid, path):
    """Of one who is frozen."""
    found = []
    for fd in map(int, os.listdir('/proc/%d/fd' % pid)):
        if not os.readlink('/proc/%d/fd/%d' % (pid, fd)).startswith('socket:'):
            continue
        one = borrow(pid, fd)
        if one.family == socket.AF_UNIX and one.type == socket.SOCK_STREAM and peer(one) == path:
            found.append(one)
        else:
            one.close()
    return found


def peer(one):
    try:
        return one.getpeername()
    except OSError: # it listens
        return None


def rest(one):
    """All that is left in it, when its other end has closed it, too."""
    one.settimeout(PATIENCE_S)
    one.shutdown(socket.SHUT_WR)
    with one:
        return b''.join(iter(lambda: one.recv(1 << 16), b''))


def count_packets(data, paths):
    """Of these characteristics."""
    count, path = 0, None
    for found in VALUE.finditer(data):
        count += not found[1] and path in paths
        path = found[1] or path
    return count
