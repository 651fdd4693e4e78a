# SPDX-License-Identifier: MIT
"""A machine whose power can be cut: QEMU, in which the daemon runs on a data disk of its own. The broker and bluetoothd
(the simulated one) are not in it and live on, so that what was sent and what was delivered is known whatever happens
to the machine. machine_guest.sh is what it does when its power is on.

What SIGKILL takes is what a power cut takes. The guest's page cache goes with QEMU. What the guest had written to its
disk and not flushed goes, too, as from the write cache of a real disk: each boot writes to a fresh qcow2 layer with
clusters as large as a block, whose tables QEMU keeps in its memory and writes when the guest flushes (cache=writeback
tells the guest that it has to). So of the blocks written since the last flush those that are new to the layer are
gone, and those that an earlier flush had placed are there: some of the later writes without some of the earlier ones,
as real disks have it. The host's own page cache outlives QEMU and is no part of this."""
import math
import os
import signal
import subprocess
import time

from fault import FaultWorld
from harness import find_program
from proxy import Proxy
from world import Lines

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GUESTS = os.path.join(TREE, 'tests', 'vm')
HOST, LOOPBACK = '10.0.2.2', '127.0.0.1' # of QEMU's network, the one is the other
DISK_MB, BLOCK = 256, 4096
SYNCS = 'LD_PRELOAD=/build/tests/faults/libtold_syncs.so'
BOOT_S = 300 # emulation is slow; only a failure waits so long


def make_image():
    """Of all machines, once; why there is none, it says itself."""
    subprocess.run([os.path.join(GUESTS, 'image.sh')], stdout=subprocess.DEVNULL)


class Disk:
    """An ext4 that outlives its machine."""

    def __init__(self, folder):
        self.base, self._layer = os.path.join(folder, 'data.ext4'), None
        with open(self.base, 'wb') as f:
            f.truncate(DISK_MB << 20)
        subprocess.run(['mke2fs', '-q', '-t', 'ext4', '-b', str(BLOCK), self.base], check=True)

    def layer(self):
        """For one boot; what reached the one before is part of the disk now."""
        self.settle()
        self._layer = self.base + '.layer'
        subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', '-o', 'cluster_size=%d' % BLOCK,
                        '-b', self.base, '-F', 'raw', self._layer], check=True)
        return self._layer

    def settle(self):
        if self._layer:
            subprocess.run(['qemu-img', 'commit', '-q', self._layer], check=True)
            os.remove(self._layer)
        self._layer = None

    def check(self):
        """What e2fsck says of it, while no machine has it; '' when it is sound."""
        self.settle()
        done = subprocess.run(['e2fsck', '-f', '-n', self.base], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.stdout if done.returncode else ''


class Machine(Lines):
    """From power on to power off. Its lines are the daemon's, and those of what started it."""

    def __init__(self, job, disk):
        build = os.path.dirname(os.path.dirname(find_program('strided', 'STRIDED')))
        super().__init__([os.path.join(GUESTS, 'qemu.sh'), job, build, 'init=/sbin/job', '-serial', 'stdio',
                          '-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile=',
                          '-drive', 'file=%s,format=qcow2,if=virtio,cache=writeback' % disk.layer()],
                         stdin=subprocess.DEVNULL)
        self.job = job
        words = self.told('boot').split()
        self.boot, self.on_s = words[2], time.clock_gettime(time.CLOCK_BOOTTIME) - float(words[3])

    def syncs(self):
        """(when the disk was asked to sync, when it had) in seconds of our clock; never: the power was gone before."""
        asked = None
        for words in (line.split() for line in self.logged('^guest: sync (asked|done)')):
            at_s = self.on_s + float(words[3])
            if words[2] == 'asked':
                asked = at_s
            elif asked:
                yield asked, at_s
                asked = None
        if asked:
            yield asked, math.inf

    def told(self, what):
        """What it says of itself, once it does."""
        return self.wait_log('^guest: %s' % what, BOOT_S).string

    def cut(self):
        self.process.send_signal(signal.SIGKILL)

    def close(self):
        self.kill()

    def found(self):
        return os.path.join(self.job, 'found')


class MachineWorld(FaultWorld):
    """Its daemons are in a machine. By hand, STRIDED_MACHINE_ENVIRONMENT says more for their environment, such as a
    LD_PRELOAD of something below /build that lets no fdatasync through: then the fault has to fail."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.disk = Disk(self.folder)
        self.bus_port = Proxy(self.bus.address.partition('path=')[2].partition(',')[0])

    def start(self):
        job = os.path.join(self.folder, 'job-%d' % len(self.daemons))
        os.mkdir(job)
        with open(self.config) as f:
            self._write(job, 'strided.conf', f.read().replace(LOOPBACK, HOST))
        self._write(job, 'environment', '%s %s' % (SYNCS, os.environ.get('STRIDED_MACHINE_ENVIRONMENT', '')))
        self._write(job, 'command', 'exec sh /tree/tests/faults/machine_guest.sh %s %d\n' % (HOST, self.bus_port.port))
        self.new_life()
        self.daemon = Machine(job, self.disk)
        self.daemons.append(self.daemon)
        return self.daemon

    @staticmethod
    def _write(job, name, text):
        with open(os.path.join(job, name), 'w') as f:
            f.write(text)

    def turn_off(self):
        """In order. Its last state is that of this world from then on."""
        self._write(self.daemon.job, 'stop', '')
        self.daemon.told('done')
        self.daemon.process.wait(BOOT_S)
        self.state.path = os.path.join(self.daemon.job, 'left')

    def close(self):
        super().close()
        self.bus_port.close()
