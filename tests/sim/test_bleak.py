# SPDX-License-Identifier: MIT
"""The simulator through the eyes of bleak, a BlueZ client of other people."""
import asyncio
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'integration'))
import harness  # noqa: E402

A, B = 'C0:DE:00:00:00:01', 'C0:DE:00:00:00:02'
HEART_RATE = '00002a37-0000-1000-8000-00805f9b34fb'
RSC = '00002a53-0000-1000-8000-00805f9b34fb'
BATTERY = '00002a19-0000-1000-8000-00805f9b34fb'
MANUFACTURER = '00002a29-0000-1000-8000-00805f9b34fb'


class Bleak(unittest.TestCase):
    def setUp(self):
        self.bus = harness.Bus()
        self.addCleanup(self.bus.close)
        os.environ.update(self.bus.environment())

    def start(self, *arguments):
        sim = harness.Sim(self.bus, '--sensor', 'strap:Strap:%s:scenario=steady' % A, '--sensor',
                          'pod:Pod:%s:scenario=steady,awake,manufacturer=Sole Ltd' % B, '--rate', '4', *arguments,
                          clock=True)
        self.addCleanup(sim.close)
        return sim

    async def first_value(self, client, uuid):
        values = asyncio.Queue()
        await client.start_notify(uuid, lambda _, data: values.put_nowait(bytes(data)))
        value = await asyncio.wait_for(values.get(), 20)
        await client.stop_notify(uuid)
        return value

    async def visit(self):
        from bleak import BleakClient, BleakScanner # after the bus is named: it opens one on import
        found = {}
        for address in (A, B):
            device = await BleakScanner.find_device_by_address(address, timeout=20)
            self.assertIsNotNone(device, address)
            found[address] = device
        async with BleakClient(found[A], timeout=30) as strap, BleakClient(found[B], timeout=30) as pod:
            self.assertEqual((await strap.read_gatt_char(BATTERY))[0], 87)
            self.assertEqual((await pod.read_gatt_char(MANUFACTURER)).decode(), 'Sole Ltd')
            heart = await self.first_value(strap, HEART_RATE)
            self.assertEqual((heart[0] & 6, heart[1]), (6, 140))
            rsc = await self.first_value(pod, RSC)
            self.assertEqual((rsc[0], rsc[3]), (7, 85))

    def test_it_finds_connects_reads_and_is_notified(self):
        sim = self.start('--race-every', '0')
        asyncio.run(asyncio.wait_for(self.visit(), 90))
        for name in ('Strap', 'Pod'):
            truth = sim.wait_truth(name, lambda t: not t['linked'], 10, 'bleak to let go')
            self.assertEqual((truth['connections'], truth['subscribed']), (1, False))


if __name__ == '__main__':
    unittest.main()
