# SPDX-License-Identifier: MIT
"""A world whose disk, import folder and resolver fail as they are told to: the orders of slow_world.c."""
import os
import struct

from harness import find_program


class SlowWorld:
    """environment() preloads it into a daemon with that state folder, and import folder if it has one."""

    def __init__(self, folder, root, import_folder=''):
        self.path, self.root, self.import_folder = os.path.join(folder, 'orders'), root, import_folder
        self.orders = {'sync_ms': 0, 'error': 0, 'lookup_ms': 0, 'folder_ms': 0}
        self.order()

    def order(self, **orders):
        """What is not named stays as it is."""
        self.orders.update(orders)
        fd = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.pwrite(fd, struct.pack('=iiii', *self.orders.values()), 0)
        os.close(fd)

    def environment(self):
        return {'LD_PRELOAD': find_program('libslow_world.so', 'STRIDED_SLOW_WORLD'), 'SLOW_WORLD': self.path,
                'SLOW_WORLD_ROOT': self.root,
                **({'SLOW_WORLD_FOLDER': str(self.import_folder)} if self.import_folder else {})}
