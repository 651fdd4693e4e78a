# SPDX-License-Identifier: MIT
"""A world whose disk and resolver fail as they are told to: the orders of slow_world.c."""
import os
import struct

from harness import find_program


class SlowWorld:
    """environment() preloads it into a daemon with that state folder."""

    def __init__(self, folder, root):
        self.path, self.root = os.path.join(folder, 'orders'), root
        self.orders = {'sync_ms': 0, 'error': 0, 'lookup_ms': 0}
        self.order()

    def order(self, **orders):
        """What is not named stays as it is."""
        self.orders.update(orders)
        fd = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.pwrite(fd, struct.pack('=iii', *self.orders.values()), 0)
        os.close(fd)

    def environment(self):
        return {'LD_PRELOAD': find_program('libslow_world.so', 'STRIDED_SLOW_WORLD'), 'SLOW_WORLD': self.path,
                'SLOW_WORLD_ROOT': self.root}
