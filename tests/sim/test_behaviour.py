# SPDX-License-Identifier: MIT
"""The simulated org.bluez shows what the real bluetoothd 5.66 showed on a real kernel: properties,
signals, errors and their order. Time is the simulated clock's, moved by hand."""
import asyncio
import os
import unittest

from bluez_client import (ADAPTER, BATTERY, CHARACTERISTIC, DEVICE, HCI, PROPERTIES, Client, Variant,
                          device_path, harness)

A, B, C = 'C0:DE:00:00:00:01', 'C0:DE:00:00:00:02', 'C0:DE:00:00:00:03'
STRAP, POD, BELT = device_path(A), device_path(B), device_path(C)
SENSORS = ('--sensor', 'strap:Strap:%s:scenario=steady' % A,
           '--sensor', 'pod:Pod:%s:scenario=steady,awake' % B,
           '--sensor', 'belt:Belt:%s:scenario=steady,public,split' % C)
GIVEN_UP = ('org.bluez.Error.Failed', 'le-connection-abort-by-local')


class Case(unittest.IsolatedAsyncioTestCase):
    arguments = ('--race-every', '0')

    async def asyncSetUp(self):
        self.bus = harness.Bus()
        self.addCleanup(self.bus.close)
        self.sim = harness.Sim(self.bus, *SENSORS, *self.arguments, '--rate', '5', clock=True)
        self.addCleanup(self.sim.close)
        self.c = await Client.connect(self.bus)

    async def asyncTearDown(self):
        await self.c.__aexit__()

    async def linked(self, path=STRAP):
        await self.c.discover(path)
        await self.c.link(path)

    async def subscribed(self, path=STRAP, uuid=0x2A37):
        await self.linked(path)
        characteristic = await self.c.characteristic(path, uuid)
        await self.c.call(characteristic, CHARACTERISTIC, 'StartNotify')
        return characteristic

    def now(self):
        return float(self.sim.ctl('clock now').split()[0])


class Discovery(Case):
    async def test_session_has_the_signals_and_errors_of_the_real_one(self):
        c = self.c
        e = await c.error(HCI, ADAPTER, 'StopDiscovery')
        self.assertEqual((e.name, e.text), ('org.bluez.Error.Failed', 'No discovery started'))
        await c.call(HCI, ADAPTER, 'StartDiscovery')
        e = await c.error(HCI, ADAPTER, 'StartDiscovery')
        self.assertEqual(e.name, 'org.bluez.Error.InProgress')
        i = await c.until(lambda e: e[0] == 'added' and e[1] == STRAP)
        self.assertLess(c.index('changed', HCI, ADAPTER), i)
        found = c.events[i][2][DEVICE]
        self.assertEqual(list(found), ['Address', 'AddressType', 'Name', 'Alias', 'Paired', 'Bonded',
                                       'Trusted', 'Blocked', 'LegacyPairing', 'RSSI', 'Connected',
                                       'UUIDs', 'Adapter', 'ServicesResolved'])
        self.assertEqual(found['UUIDs'], ['0000180d-0000-1000-8000-00805f9b34fb',
                                          '0000180f-0000-1000-8000-00805f9b34fb'])
        c.events.clear()
        await c.call(HCI, ADAPTER, 'StopDiscovery')
        last = await c.until_changed(HCI, 'Discovering', False)
        gone = c.index('changed', STRAP, DEVICE, {}, ['RSSI'])
        self.assertTrue(c.index('reply', 'StopDiscovery') < gone < last, c.events)

    async def test_filter_keeps_other_services_out_and_is_checked(self):
        e = await self.c.error(HCI, ADAPTER, 'SetDiscoveryFilter', 'a{sv}', {'Nonsense': Variant('b', True)})
        self.assertEqual(e.name, 'org.bluez.Error.InvalidArguments')
        await self.c.call(HCI, ADAPTER, 'SetDiscoveryFilter', 'a{sv}', {
            'UUIDs': Variant('as', ['00001814-0000-1000-8000-00805f9b34fb']),
            'Transport': Variant('s', 'le')})
        await self.c.discover(POD)
        self.assertNotIn(STRAP, await self.c.objects())

    async def test_it_ends_with_its_client_and_strangers_vanish_after_30_s(self):
        async with await Client.connect(self.bus) as other:
            await other.call(HCI, ADAPTER, 'StartDiscovery')
            await self.c.until(lambda e: e[0] == 'added' and e[1] == POD)
        await self.c.until_changed(HCI, 'Discovering', False)
        self.assertIn(POD, await self.c.objects())
        self.sim.ctl('clock jump 31')
        i = await self.c.until(lambda e: e[0] == 'removed' and e[1] == POD)
        self.assertEqual(self.c.events[i][2][-1], DEVICE)

    async def test_removed_device_is_found_again(self):
        await self.linked()
        await self.c.call(HCI, ADAPTER, 'RemoveDevice', 'o', STRAP)
        self.assertEqual([p for p in await self.c.objects() if p.startswith(STRAP)], [])
        e = await self.c.error(HCI, ADAPTER, 'RemoveDevice', 'o', STRAP)
        self.assertEqual(e.name, 'org.bluez.Error.DoesNotExist')
        self.c.events.clear()
        await self.linked()
        self.assertEqual(self.sim.ctl('connections Strap'), '2')


class Link(Case):
    async def test_first_connection_comes_in_the_observed_order(self):
        c = self.c
        await c.discover(STRAP)
        await c.link(STRAP)
        order = [c.index('changed', STRAP, DEVICE, {'Connected': True}), c.index('reply', 'Connect'),
                 c.index('added', STRAP + '/service0006'),
                 await c.until_changed(STRAP, 'ServicesResolved', True),
                 c.index('changed', STRAP, DEVICE, {'Appearance': 833}),
                 await c.until(lambda e: e[0] == 'added' and e[1] == STRAP)]
        self.assertTrue(all(i >= 0 for i in order) and order == sorted(order), c.events)
        self.assertIn('UUIDs', c.events[order[3]][3])
        self.assertEqual(len([e for e in c.events[:order[3]] if e[0] == 'added']), 15)
        self.assertEqual(await c.get(STRAP, BATTERY, 'Percentage'), 87)

    async def test_lost_link_has_one_signal_and_keeps_the_gatt_objects(self):
        await self.linked()
        before = await self.c.objects()
        self.c.events.clear()
        self.sim.ctl('drop Strap')
        i = await self.c.until(lambda e: e[0] == 'removed')
        self.assertEqual(self.c.events[i - 1:], [
            ('changed', STRAP, DEVICE, {'ServicesResolved': False, 'Connected': False}, []),
            ('removed', STRAP, [BATTERY])])
        self.assertEqual(set(await self.c.objects()), set(before))
        await self.c.link(STRAP) # from the cache: the battery first, no UUIDs
        resolved = await self.c.until_changed(STRAP, 'ServicesResolved', True)
        self.assertNotIn('UUIDs', self.c.events[resolved][3])
        self.assertLess(await self.c.until(lambda e: e[0] == 'added'), resolved)

    async def test_connect_while_discovering_takes_ten_seconds(self):
        self.sim.ctl('clock rate 30')
        await self.c.call(HCI, ADAPTER, 'StartDiscovery')
        await self.c.until(lambda e: e[0] == 'added' and e[1] == STRAP)
        began = self.now()
        await self.c.call(STRAP, DEVICE, 'Connect')
        self.assertGreater(self.now() - began, 10)

    async def test_absent_device_pends_41_s_or_until_it_returns(self):
        await self.c.discover(STRAP)
        self.sim.ctl('vanish Strap')
        self.sim.ctl('clock rate 1') # what is left of the 41 s is not to pass in a hiccup of the machine
        call = self.c.start(STRAP, DEVICE, 'Connect')
        e = await self.c.error(STRAP, DEVICE, 'Connect')
        self.assertEqual(e.name, 'org.bluez.Error.InProgress')
        self.sim.ctl('clock jump 35')
        self.assertFalse(call.done())
        self.sim.ctl('clock jump 7')
        with self.assertRaises(Exception) as raised:
            await asyncio.wait_for(call, 10)
        self.assertEqual((raised.exception.name, raised.exception.text), GIVEN_UP)
        call = self.c.start(STRAP, DEVICE, 'Connect')
        self.sim.ctl('return Strap')
        await asyncio.wait_for(call, 10)
        self.sim.ctl('clock jump 3600') # no longer temporary
        self.assertTrue(await self.c.get(STRAP, DEVICE, 'Connected'))

    async def test_device_without_its_link_is_temporary_again(self):
        await self.c.discover(STRAP, POD)
        for path, name in (STRAP, 'Strap'), (POD, 'Pod'):
            await self.c.link(path)
            self.sim.ctl('vanish ' + name)
            await self.c.until_changed(path, 'Connected', False)
        self.sim.ctl('clock rate 1')
        call = self.c.start(POD, DEVICE, 'Connect') # it is wanted: nothing is temporary about it
        self.sim.ctl('clock jump 25')
        self.assertIn(STRAP, await self.c.objects())
        self.sim.ctl('clock jump 10')
        await self.c.until(lambda e: e[0] == 'removed' and e[1] == STRAP and DEVICE in e[2])
        self.assertIn(POD, await self.c.objects())
        self.sim.ctl('return Pod')
        await asyncio.wait_for(call, 10)

    async def test_disconnect_cancels_a_pending_connect_and_ends_a_link_in_2_s(self):
        await self.c.discover(STRAP)
        await self.c.call(STRAP, DEVICE, 'Disconnect') # nothing to do: at once
        self.sim.ctl('vanish Strap')
        call = self.c.start(STRAP, DEVICE, 'Connect')
        await self.c.call(STRAP, DEVICE, 'Disconnect')
        with self.assertRaisesRegex(Exception, 'Failed: br-connection-canceled'):
            await call
        self.sim.ctl('return Strap')
        await self.c.link(STRAP)
        await self.c.call(STRAP, DEVICE, 'Connect') # it is: success
        began = self.now()
        await self.c.call(STRAP, DEVICE, 'Disconnect')
        self.assertGreater(self.now() - began, 1.9)
        self.assertFalse(await self.c.get(STRAP, DEVICE, 'Connected'))

    async def test_refused_link_looks_well_for_a_moment(self):
        await self.c.discover(STRAP)
        self.sim.ctl('refuse Strap 1')
        await self.c.call(STRAP, DEVICE, 'Connect')
        self.assertGreaterEqual(await self.c.until_changed(STRAP, 'Connected', True), 0)
        await self.c.until_changed(STRAP, 'Connected', False)
        await self.c.link(STRAP)
        self.assertEqual(self.sim.truth('Strap')['refused'], 1)

    async def test_link_survives_its_client_and_its_subscription_does_not(self):
        async with await Client.connect(self.bus) as other:
            await other.discover(STRAP)
            await other.link(STRAP)
            await other.call(await other.characteristic(STRAP, 0x2A37), CHARACTERISTIC, 'StartNotify')
            self.assertTrue(self.sim.truth('Strap')['subscribed'])
        self.sim.wait_truth('Strap', lambda t: not t['subscribed'], 10, 'the CCC to be 0')
        device = (await self.c.objects())[STRAP][DEVICE]
        self.assertTrue(device['Connected'] and device['ServicesResolved'])
        self.assertTrue(self.sim.truth('Strap')['linked'])

    async def test_client_that_goes_before_its_answer_leaves_no_subscription(self):
        await self.linked()
        characteristic = await self.c.characteristic(STRAP, 0x2A37)
        self.sim.ctl('clock rate 1') # the answer takes tens of ms
        for _ in range(10):
            async with await Client.connect(self.bus) as other:
                call = other.start(characteristic, CHARACTERISTIC, 'StartNotify')
                await other.objects() # it was received
            call.cancel()
        self.sim.ctl('clock jump 1')
        await self.c.objects()
        self.sim.wait_truth('Strap', lambda t: not t['subscribed'], 10, 'the CCC to be 0')
        self.assertFalse(await self.c.get(characteristic, CHARACTERISTIC, 'Notifying'))

    async def test_deaf_device_never_answers_and_is_dropped_after_30_s(self):
        await self.linked()
        characteristic = await self.c.characteristic(STRAP, 0x2A37)
        self.sim.ctl('deaf Strap 1')
        self.sim.ctl('clock rate 1') # and not while the machine is at other things
        call = self.c.start(characteristic, CHARACTERISTIC, 'StartNotify')
        await self.c.objects() # it was received
        self.sim.ctl('clock jump 22')
        await self.c.objects()
        self.assertFalse(call.done())
        self.sim.ctl('clock jump 9')
        await self.c.until_changed(STRAP, 'Connected', False)
        with self.assertRaises(Exception):
            await call
        self.c.events.clear()
        await self.c.call(STRAP, DEVICE, 'Connect') # connects, and that is all
        self.sim.ctl('clock jump 12')
        self.assertFalse(await self.c.get(STRAP, DEVICE, 'ServicesResolved'))
        self.sim.ctl('clock jump 20')
        await self.c.until_changed(STRAP, 'Connected', False)


class Slots(Case):
    arguments = ('--race-every', '0', '--slots', '1')

    async def test_full_adapter_forgets_the_device_and_seldom_says_so(self):
        await self.c.discover(STRAP, POD)
        await self.c.link(STRAP)
        silent = 0
        for _ in range(4):
            call = self.c.start(POD, DEVICE, 'Connect')
            await self.c.until(lambda e: e[0] == 'removed' and e[1] == POD and DEVICE in e[2])
            self.assertNotIn(POD, await self.c.objects())
            if call.done(): # what comes before the removal on the bus was read before it
                self.assertEqual((call.exception().name, call.exception().text), GIVEN_UP)
            else:
                silent += 1
                call.cancel()
            self.c.events.clear()
            await self.c.discover(POD)
        self.assertGreater(silent, 0)
        self.assertTrue(await self.c.get(STRAP, DEVICE, 'Connected'))


class Races(Case):
    arguments = ('--race-every', '10', '--seed', '1')

    async def test_one_connection_in_ten_shows_both(self):
        c = self.c
        await c.discover(STRAP)
        connected = []
        for i in range(10):
            c.events.clear()
            await c.call(STRAP, DEVICE, 'Connect')
            resolved = await c.until_changed(STRAP, 'ServicesResolved', True)
            tree = [p for p in await c.objects() if p.startswith(STRAP + '/')]
            self.assertEqual(len(tree), 15) # complete, announced or not
            connected.append(0 <= c.index('changed', STRAP, DEVICE, {'Connected': True}) < resolved)
            if i == 0:
                announced = await c.until(lambda e: e[0] == 'added' and e[1] == STRAP + '/service0006')
                self.assertGreater(announced, resolved)
            self.sim.ctl('drop Strap')
            await c.until_changed(STRAP, 'Connected', False)
        self.assertEqual(connected, [False] + 9 * [True])


class Notifications(Case):
    async def test_values_are_what_the_sensor_sent_and_come_back_by_themselves(self):
        characteristic = await self.subscribed()
        self.assertEqual(await self.c.get(characteristic, CHARACTERISTIC, 'Notifying'), True)
        i = await self.c.until_changed(characteristic, 'Value')
        value = self.c.events[i][3]['Value']
        self.assertEqual((value[0], value[1]), (0x16, 140))
        self.sim.ctl('drop Strap')
        await self.c.until_changed(STRAP, 'Connected', False)
        self.assertTrue((await self.c.get(characteristic, CHARACTERISTIC, 'Value'))) # the old one
        await self.c.link(STRAP)
        self.assertEqual([e for e in self.c.events if e[0] == 'changed' and 'Notifying' in e[3]], [])
        self.c.events.clear()
        await self.c.until_changed(characteristic, 'Value')
        await self.c.call(characteristic, CHARACTERISTIC, 'StartNotify') # again: fine, and silent
        await self.c.call(characteristic, CHARACTERISTIC, 'StopNotify')
        await self.c.until_changed(characteristic, 'Notifying', False)
        sent = self.sim.truth('Strap')['sent']['2a37']
        heard = [e for e in self.c.events if e[0] == 'changed' and e[1] == characteristic and 'Value' in e[3]]
        self.assertLess(len(heard), sent)
        e = await self.c.error(characteristic, CHARACTERISTIC, 'StopNotify')
        self.assertEqual(e.text, 'No notify session started')

    async def test_every_notification_counted_is_one_heard(self):
        await self.c.call(HCI, PROPERTIES, 'Get', 'ss', ADAPTER, 'Powered')
        characteristic = await self.subscribed(POD, 0x2A53)
        self.sim.ctl('clock rate 60')
        self.sim.wait_truth('Pod', lambda t: t['sent']['2a53'] >= 200, 30, '200 packets')
        self.sim.ctl('mute Pod 1')
        truth = self.sim.truth('Pod')
        await self.c.objects() # all that was sent before is here now
        values = [e[3]['Value'] for e in self.c.events if e[0] == 'changed' and e[1] == characteristic
                  and 'Value' in e[3]]
        self.assertEqual(len(values), truth['sent']['2a53'])
        last = bytes(values[-1])
        self.assertEqual((last[0], last[3]), (0x07, 85)) # strides of one foot
        self.assertAlmostEqual(int.from_bytes(last[6:10], 'little') / 10, truth['last_sent_m'], delta=0.06)

    async def test_one_measurement_refuses_falls_mute_or_forgets_its_subscriber(self):
        characteristic = await self.subscribed()
        sent = lambda: self.sim.truth('Strap')['sent']['2a37']
        for begin, end in (('mute Strap 1 2a37', 'mute Strap 0 2a37'), ('unsubscribe Strap 2a37', None)):
            self.sim.ctl(begin)
            before, beats = sent(), self.sim.truth('Strap')['beats']
            self.sim.wait_truth('Strap', lambda t, n=beats: t['beats'] > n + 10, 10, 'ten beats')
            self.assertEqual(sent(), before)
            if end:
                self.sim.ctl(end)
                self.sim.wait_truth('Strap', lambda t, n=before: t['sent']['2a37'] > n, 10, 'a packet')
        await self.c.call(characteristic, CHARACTERISTIC, 'StartNotify') # writes nothing: it is notifying
        self.assertEqual(self.sim.truth('Strap')['subscriptions'], {'2a37': 1})
        self.sim.ctl('refuse-notify Strap 1 2a37')
        await self.c.call(characteristic, CHARACTERISTIC, 'StopNotify')
        e = await self.c.error(characteristic, CHARACTERISTIC, 'StartNotify')
        self.assertEqual((e.name, e.text),
                         ('org.bluez.Error.Failed', 'Operation failed with ATT error: 0x0e'))
        self.assertEqual(await self.c.get(characteristic, CHARACTERISTIC, 'Notifying'), False)
        self.sim.ctl('refuse-notify Strap 0 2a37')
        await self.c.call(characteristic, CHARACTERISTIC, 'StartNotify')
        self.sim.wait_truth('Strap', lambda t: t['sent']['2a37'] > before, 10, 'a packet')
        self.assertEqual(self.sim.truth('Strap')['subscriptions'], {'2a37': 3})

    async def test_services_that_change_come_before_they_go_and_take_the_subscriptions_with_them(self):
        old = await self.subscribed()
        await self.c.until_changed(old, 'Value')
        before = {path for path in await self.c.objects() if path.startswith(STRAP + '/service')}
        self.c.events.clear()
        self.sim.ctl('shift Strap')
        await self.c.until(lambda e: e[0] == 'removed' and e[1] == min(before, key=len))
        after = {path for path in await self.c.objects() if path.startswith(STRAP + '/service')}
        said = [(e[0], e[1]) for e in self.c.events if e[0] in ('added', 'removed')]
        self.assertEqual({path for what, path in said[:len(after)] if what == 'added'}, after)
        self.assertEqual({path for what, path in said[len(after):] if what == 'removed'}, before)
        self.assertEqual((len(before), before & after), (len(after), set()))
        new = await self.c.characteristic(STRAP, 0x2A37)
        self.assertEqual(await self.c.get(new, CHARACTERISTIC, 'Notifying'), False)
        sent = self.sim.truth('Strap')['sent']['2a37']
        beats = self.sim.truth('Strap')['beats']
        self.sim.wait_truth('Strap', lambda t: t['beats'] > beats + 10, 10, 'ten beats')
        self.assertEqual(self.sim.truth('Strap')['sent']['2a37'], sent)
        await self.c.error(old, CHARACTERISTIC, 'StartNotify')
        await self.c.call(new, CHARACTERISTIC, 'StartNotify')
        await self.c.until_changed(new, 'Value')

    async def test_a_measurement_that_is_not_shown_comes_later_and_goes(self):
        await self.c.discover(STRAP)
        self.sim.ctl('hide Strap 1 2a37')
        await self.c.link(STRAP)
        uuids = lambda objects: [o[CHARACTERISTIC]['UUID'][4:8] for o in objects.values()
                                 if CHARACTERISTIC in o]
        self.assertIn('2a38', uuids(await self.c.objects()))
        self.assertNotIn('2a37', uuids(await self.c.objects()))
        self.sim.ctl('hide Strap 0 2a37')
        characteristic = await self.c.characteristic(STRAP, 0x2A37)
        await self.c.call(characteristic, CHARACTERISTIC, 'StartNotify')
        await self.c.until_changed(characteristic, 'Value')
        self.sim.ctl('hide Strap 1 2a37')
        await self.c.until(lambda e: e[0] == 'removed' and e[1] == characteristic)
        self.sim.ctl('hide Strap 0 2a37')
        self.assertEqual(await self.c.characteristic(STRAP, 0x2A37), characteristic)
        self.assertEqual(await self.c.get(characteristic, CHARACTERISTIC, 'Notifying'), False)

    async def test_split_treadmill_record_and_its_counters(self):
        characteristic = await self.subscribed(BELT, 0x2ACD)
        await self.c.until(lambda e: e[0] == 'changed' and e[1] == characteristic and 'Value' in e[3] and
                           not e[3]['Value'][0] & 1)
        values = [bytes(e[3]['Value']) for e in self.c.events
                  if e[0] == 'changed' and e[1] == characteristic and 'Value' in e[3]]
        self.assertEqual([v[0] & 1 for v in values[:2]], [1, 0]) # more data, then the speed
        self.assertAlmostEqual(int.from_bytes(values[1][2:4], 'little') / 360, 3, delta=0.05)

    async def test_acquired_descriptor_is_exclusive_and_ends_before_the_link(self):
        await self.linked()
        characteristic = await self.c.characteristic(STRAP, 0x2A37)
        body = await self.c.call(characteristic, CHARACTERISTIC, 'AcquireNotify', 'a{sv}', {})
        fd = self.c.fds[body[0]]
        self.addCleanup(os.close, fd)
        e = await self.c.error(characteristic, CHARACTERISTIC, 'StartNotify')
        self.assertEqual((e.name, e.text), ('org.bluez.Error.NotPermitted', 'Notify acquired'))
        os.set_blocking(fd, True)
        packet = await asyncio.get_running_loop().run_in_executor(None, os.read, fd, 512)
        self.assertEqual(packet[0], 0x16)
        self.sim.ctl('drop Strap')
        await self.c.until_changed(STRAP, 'Connected', False)
        end = await asyncio.get_running_loop().run_in_executor(None, os.read, fd, 512)
        while end: # what was sent before
            end = os.read(fd, 512)
        await self.c.until_changed(characteristic, 'NotifyAcquired', False)

    async def test_control_point_wants_its_indication_first(self):
        await self.linked(POD)
        point = await self.c.characteristic(POD, 0x2A55)
        request = (point, CHARACTERISTIC, 'WriteValue', 'aya{sv}', bytes([1, 0x10, 0x27, 0, 0]), {})
        e = await self.c.error(*request)
        self.assertEqual(e.text, 'Operation failed with ATT error: 0xfd')
        await self.c.call(point, CHARACTERISTIC, 'StartNotify')
        await self.c.call(*request)
        i = await self.c.until_changed(point, 'Value')
        self.assertEqual(bytes(self.c.events[i][3]['Value']), bytes([0x10, 1, 1]))
        self.assertGreaterEqual(self.sim.truth('Pod')['total_m'], 1000)
        self.assertEqual(self.sim.truth('Pod')['writes'], 2)

    async def test_battery_changes_are_signalled(self):
        await self.linked()
        self.sim.ctl('battery Strap 41')
        await self.c.until_changed(STRAP, 'Percentage', 41)


class Downhill(Case):
    """What is measured beside steps and beats, all of one slope: 3 m/s at -6 % from 500 m."""
    SLOPE = 'scenario=steady,noise=0,incline=-6,altitude=500'
    AIR, WATT, SKY = 'C0:DE:00:00:00:04', 'C0:DE:00:00:00:05', 'C0:DE:00:00:00:06'
    arguments = ('--race-every', '0', '--sensor', 'barometer:Air:%s:%s,also=elevation' % (AIR, SLOPE),
                 '--sensor', 'power:Watt:%s:%s,awake' % (WATT, SLOPE),
                 '--sensor', 'location:Sky:%s:%s' % (SKY, SLOPE))

    async def value(self, address, uuid):
        characteristic = await self.c.characteristic(device_path(address), uuid)
        await self.c.call(characteristic, CHARACTERISTIC, 'StartNotify')
        return bytes(self.c.events[await self.c.until_changed(characteristic, 'Value')][3]['Value'])

    async def test_air_pressure_rises_and_height_falls_with_the_slope(self):
        await self.linked(device_path(self.AIR))
        self.sim.ctl('clock rate 1') # the questions are to be of about one height
        pressure = int.from_bytes(await self.value(self.AIR, 0x2A6D), 'little') / 10
        height = int.from_bytes(await self.value(self.AIR, 0x2A6C), 'little', signed=True) / 100
        degrees = int.from_bytes(await self.value(self.AIR, 0x2A6E), 'little', signed=True) / 100
        truth = self.sim.truth('Air')
        self.assertEqual(degrees, 19.5)
        self.assertAlmostEqual(truth['altitude_m'], 500 - 0.06 * truth['distance_m'], delta=0.01)
        self.assertAlmostEqual(height, truth['altitude_m'], delta=1) # a few seconds earlier
        isa = 44330.77 * (1 - (pressure / 101325) ** 0.190263)
        self.assertAlmostEqual(isa, height, delta=1)
        self.sim.wait_truth('Air', lambda t: t['pressure_pa'] > pressure + 10, 20, 'ten pascals more')

    async def test_power_is_that_of_the_pace_and_nothing_else_is_told(self):
        await self.linked(device_path(self.WATT))
        self.assertEqual(await self.value(self.WATT, 0x2A63), bytes(2) + (174).to_bytes(2, 'little'))
        self.sim.ctl('set Watt power 250')
        self.sim.wait_truth('Watt', lambda t: t['power_w'] == 250, 20, 'the watts that were set')

    async def test_a_receiver_tells_speed_place_and_height(self):
        await self.linked(device_path(self.SKY))
        self.sim.ctl('clock rate 1')
        value = await self.value(self.SKY, 0x2A67)
        self.assertEqual(int.from_bytes(value[:2], 'little'), 0x8F)
        self.assertEqual(int.from_bytes(value[2:4], 'little'), 300)
        self.assertAlmostEqual(int.from_bytes(value[15:18], 'little', signed=True) / 100,
                               self.sim.truth('Sky')['altitude_m'], delta=1)

    async def test_only_what_is_asked_for_passes_the_filter(self):
        await self.c.call(HCI, ADAPTER, 'SetDiscoveryFilter', 'a{sv}',
                          {'UUIDs': Variant('as', ['0000181a-0000-1000-8000-00805f9b34fb'])})
        await self.c.discover(device_path(self.AIR))
        self.assertNotIn(device_path(self.WATT), await self.c.objects())


class Daemon(Case):
    async def test_killed_it_says_nothing_and_comes_back_with_what_it_stored(self):
        await self.c.discover(STRAP, POD) # the pod stays temporary: not stored
        await self.c.link(STRAP)
        characteristic = await self.c.characteristic(STRAP, 0x2A37)
        await self.c.call(characteristic, CHARACTERISTIC, 'StartNotify')
        self.c.events.clear()
        self.sim.ctl('kill-name')
        await self.c.until(lambda e: e[0] == 'owner' and e[2] == '')
        self.assertEqual([e[0] for e in self.c.events if e[0] != 'changed' or 'Value' not in e[3]], ['owner'])
        e = await self.c.error(HCI, ADAPTER, 'StartDiscovery')
        self.assertIn(e.name, ('org.freedesktop.DBus.Error.ServiceUnknown',))
        self.sim.ctl('clock rate 1') # some of what is asked is so for a moment only
        self.sim.ctl('start')
        await self.c.until(lambda e: e[0] == 'owner' and e[2] != '')
        objects = await self.c.objects()
        self.assertFalse(objects[STRAP][DEVICE]['Connected'])
        self.assertNotIn(POD, objects)
        e = await self.c.error(HCI, ADAPTER, 'StartDiscovery')
        self.assertEqual(e.name, 'org.bluez.Error.NotReady') # until AutoEnable has done its work
        await self.c.until_changed(HCI, 'Powered', True)
        await self.c.link(STRAP)
        self.assertFalse(self.sim.truth('Strap')['subscribed']) # sessions are gone

    async def test_stopped_it_says_good_bye_in_order(self):
        await self.linked()
        self.c.events.clear()
        self.sim.ctl('stop')
        last = await self.c.until(lambda e: e[0] == 'owner')
        order = [self.c.index('changed', STRAP, DEVICE), self.c.index('removed', STRAP, [BATTERY]),
                 self.c.index('changed', HCI, ADAPTER, {'Powered': False, 'Discovering': False}),
                 [e[:2] for e in self.c.events].index(('removed', HCI)), last]
        self.assertTrue(order[0] >= 0 and order == sorted(order), self.c.events)


    async def test_machine_reboots_and_the_sensors_do_not_care(self):
        await self.c.discover(POD)
        await self.c.link(POD)
        boottime, _, boot_id = self.sim.ctl('clock now').split()
        steps = self.sim.truth('Pod')['steps']
        self.sim.ctl('clock reboot')
        self.sim.ctl('wait-ready')
        self.assertLess(self.now(), float(boottime))
        self.assertEqual(self.sim.ctl('clock now').split()[2], boot_id) # of a process that went on
        self.assertFalse((await self.c.objects())[POD][DEVICE]['Connected'])
        self.sim.wait_truth('Pod', lambda t: t['steps'] > steps + 2, 20, 'the pod to go on')
        await self.c.link(POD)


class Adapter(Case):
    async def test_powered_off_it_refuses_and_rfkill_keeps_it_so(self):
        await self.linked()
        await self.c.call(HCI, PROPERTIES, 'Set', 'ssv', ADAPTER, 'Powered', Variant('b', False))
        self.assertFalse(await self.c.get(STRAP, DEVICE, 'Connected'))
        e = await self.c.error(STRAP, DEVICE, 'Connect')
        self.assertEqual((e.name, e.text), ('org.bluez.Error.Failed', 'Input/output error'))
        e = await self.c.error(HCI, ADAPTER, 'StartDiscovery')
        self.assertEqual(e.name, 'org.bluez.Error.NotReady')
        self.sim.ctl('adapter rfkill')
        e = await self.c.error(HCI, PROPERTIES, 'Set', 'ssv', ADAPTER, 'Powered', Variant('b', True))
        self.assertEqual(e.name, 'org.bluez.Error.Blocked')
        self.sim.ctl('adapter on')
        await self.c.link(STRAP)

    async def test_unplugged_its_objects_go_and_plugged_they_return(self):
        await self.linked()
        self.sim.ctl('adapter remove')
        e = await self.c.error(HCI, ADAPTER, 'StartDiscovery')
        self.assertEqual(e.name, 'org.freedesktop.DBus.Error.UnknownObject')
        self.assertEqual([p for p in await self.c.objects() if p.startswith(HCI)], [])
        self.c.events.clear()
        self.sim.ctl('adapter add')
        await self.c.until(lambda e: e[0] == 'added' and e[1] == STRAP)
        await self.c.until_changed(HCI, 'Powered', True)
        await self.c.link(STRAP)


class Air(Case):
    async def test_watch_takes_a_strap_that_nobody_else_took(self):
        self.sim.wait_truth('Strap', lambda t: t['advertising'], 10, 'the strap to advertise')
        self.sim.ctl('watch take Strap after 20')
        self.sim.ctl('clock jump 15')
        self.assertFalse(self.sim.truth('Strap')['taken'])
        self.sim.ctl('clock jump 6')
        truth = self.sim.wait_truth('Strap', lambda t: t['taken'], 10, 'the watch')
        self.assertEqual((truth['advertising'], truth['taken_by_watch']), (False, 1))
        self.sim.ctl('give Strap')
        self.assertTrue(self.sim.truth('Strap')['advertising'])

    async def test_strap_is_silent_until_it_is_worn_and_pod_until_it_moves(self):
        self.sim.ctl('set Strap worn 0')
        self.sim.ctl('set Pod speed 0')
        self.sim.ctl('set Pod cadence 0')
        self.sim.ctl('clock jump 600')
        for name in ('Strap', 'Pod'):
            self.sim.wait_truth(name, lambda t: not t['advertising'], 10, name + ' to sleep')
        self.sim.ctl('watch take Strap after 20') # counts from when it wakes
        self.sim.ctl('set Strap worn 1')
        self.sim.ctl('set Pod cadence auto')
        for name in ('Strap', 'Pod'):
            self.sim.wait_truth(name, lambda t: t['advertising'], 10, name + ' to wake')
        self.sim.ctl('clock jump 21')
        self.sim.wait_truth('Strap', lambda t: t['taken'], 10, 'the watch')

    async def test_odometer_goes_on_while_the_pod_is_away(self):
        await self.linked(POD)
        self.sim.ctl('clock rate 60')
        self.sim.ctl('vanish Pod 20')
        await self.c.until_changed(POD, 'Connected', False)
        before = self.sim.truth('Pod')['total_m']
        self.sim.wait_truth('Pod', lambda t: t['advertising'], 20, 'the pod to return')
        self.assertGreater(self.sim.truth('Pod')['total_m'], before + 45)

    async def test_malformed_packets_are_few_and_counted_apart(self):
        characteristic = await self.subscribed()
        self.c.events.clear()
        self.sim.ctl('malformed Strap 3')
        self.sim.ctl('clock rate 20')
        self.sim.wait_truth('Strap', lambda t: t['sent']['2a37'] >= 5, 20, 'good ones after bad')
        await self.c.objects()
        values = [bytes(e[3]['Value']) for e in self.c.events
                  if e[0] == 'changed' and e[1] == characteristic and 'Value' in e[3]]
        bad = [v for v in values if len(v) < 2 or (v[0] & 1 and len(v) < 3)]
        self.assertEqual((len(bad), self.sim.truth('Strap')['malformed']), (3, 3))

    async def test_control_socket_answers_mistakes_with_what_is_allowed(self):
        for command in ('', 'fly', 'drop Nobody', 'refuse Strap many', 'set Strap colour red',
                        'set Strap hr 900', 'adapter paint', 'clock rate 5000', 'watch take Strap',
                        'drop Strap', 'scenario Strap dance', 'start'):
            self.assertTrue(self.sim.ask(command).startswith('error '), command)


class Seed(unittest.IsolatedAsyncioTestCase):
    async def packets(self, seed):
        with harness.Bus() as bus, harness.Sim(bus, '--seed', seed, '--sensor', 'strap:Strap:%s:scenario=steady' % A,
                                               '--sensor', 'pod:Pod:%s:scenario=run,awake' % B,
                                               clock=True) as sim:
            async with await Client.connect(bus) as c:
                await c.discover(POD)
                await c.link(POD)
                point = await c.characteristic(POD, 0x2A53)
                await c.call(point, CHARACTERISTIC, 'StartNotify')
                sim.ctl('clock rate 100')
                sim.wait_truth('Pod', lambda t: t['t_s'] >= 60, 20, 'a minute of running')
                await c.objects()
                return [bytes(e[3]['Value']) for e in c.events
                        if e[0] == 'changed' and e[1] == point and 'Value' in e[3]]

    async def test_same_seed_same_run(self):
        first, second, other = [await self.packets(s) for s in ('5', '5', '6')]
        n = 40 # from different moments on, as scripts take their time
        common = [p for p in first if p[0] & 4 and p in second]
        self.assertGreater(len(common), n)
        self.assertLess(len([p for p in first if p[0] & 4 and p in other]), n / 2)


if __name__ == '__main__':
    unittest.main()
