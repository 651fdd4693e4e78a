# SPDX-License-Identifier: MIT
"""A road to the broker that can be bad: slow, or cut in the middle of a packet. Or one to a bus, for who can
reach no unix socket of this machine."""
import random
import selectors
import socket
import struct
import threading
import time

from harness import free_port


class Proxy:
    """Listens on `port` and hands on what it gets to and from the broker, until close(): its port, or the path of
    whatever listens.

    With slow(seconds) each handful of bytes takes that long; cut() lets a random part of the next one
    through, from the client or to it, and resets the link."""

    HANDFUL = 4096

    def __init__(self, target, rng=None):
        self.target, self.port = target, free_port()
        self.rng = rng or random.Random(0)
        self.delay_s, self.cuts, self.links = 0, 0, 0
        self._cutting = threading.Event()
        self._ended = threading.Event()
        self._listener = socket.create_server(('127.0.0.1', self.port))
        self._listener.settimeout(0.1)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def slow(self, seconds):
        self.delay_s = seconds

    def cut(self):
        """It comes with the next bytes; `cuts` counts when it has."""
        self._cutting.set()

    def close(self):
        self._ended.set()
        self._thread.join()
        self._listener.close()

    def _accept(self):
        while not self._ended.is_set():
            try:
                client = self._listener.accept()[0]
            except socket.timeout:
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _connect(self):
        if isinstance(self.target, int):
            return socket.create_connection(('127.0.0.1', self.target))
        one = socket.socket(socket.AF_UNIX)
        one.connect(self.target)
        return one

    def _serve(self, client):
        try:
            broker = self._connect()
        except OSError:
            client.close()
            return
        self.links += 1
        with client, broker, selectors.DefaultSelector() as both:
            for one, other in ((client, broker), (broker, client)):
                if one.family == socket.AF_INET:
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                both.register(one, selectors.EVENT_READ, other)
            try:
                while not self._ended.is_set():
                    for key, _ in both.select(0.1):
                        if not self._hand_on(key.fileobj, key.data):
                            self._reset(client, broker)
                            return
            except OSError:
                return

    def _hand_on(self, source, target):
        data = source.recv(self.HANDFUL)
        if not data:
            return False
        if self.delay_s:
            time.sleep(self.delay_s) # the road's own slowness
        if self._cutting.is_set() and len(data) > 1:
            self._cutting.clear()
            target.sendall(data[:self.rng.randrange(1, len(data))])
            self.cuts += 1
            return False
        target.sendall(data)
        return True

    @staticmethod
    def _reset(*sockets):
        for one in sockets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
