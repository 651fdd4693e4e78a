/* SPDX-License-Identifier: MIT */
/* What a central asks of bluetoothd. Nothing here writes to a sensor, pairs or trusts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "daemon/bluez/private.h"
#include "daemon/util.h"

#define CALL_TIMEOUT_USEC (20 * 1000000ULL)

static int new_call(struct bluez *bluez, const char *path, const char *interface,
                    const char *member, sd_bus_message **ret)
{
    if (!bluez->bus || bluez->owner[0] == '\0' || bluez->adapter_path[0] == '\0')
        return -ENODEV;
    return sd_bus_message_new_method_call(bluez->bus, ret, bluez->owner, path, interface, member);
}

static int send_call(struct bluez *bluez, sd_bus_message *m, bluez_call_handler handler,
                     uint64_t cookie)
{
    return bluez_call_send(&bluez->calls, bluez->bus, m, CALL_TIMEOUT_USEC, handler,
                           bluez->userdata, cookie);
}

static int plain_call(struct bluez *bluez, const char *path, const char *interface,
                      const char *member, bluez_call_handler handler, uint64_t cookie)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    int r = new_call(bluez, path, interface, member, &m);
    return r < 0 ? r : send_call(bluez, m, handler, cookie);
}

int bluez_set_filter(struct bluez *bluez, bluez_call_handler handler, uint64_t cookie)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    int r = new_call(bluez, bluez->adapter_path, "org.bluez.Adapter1", "SetDiscoveryFilter", &m);
    if (r < 0)
        return r;
    r = bluez_msg_append_filter(m);
    return r < 0 ? r : send_call(bluez, m, handler, cookie);
}

int bluez_discover(struct bluez *bluez, bool start, bluez_call_handler handler, uint64_t cookie)
{
    return plain_call(bluez, bluez->adapter_path, "org.bluez.Adapter1",
                      start ? "StartDiscovery" : "StopDiscovery", handler, cookie);
}

/* Of a device that speaks both, bluetoothd may choose BR/EDR, where it has nothing to tell. No answer is
 * waited for: the calls are done in order, and the Connect tells what became of it. */
static int prefer_le(struct bluez *bluez, const struct bluez_device *device)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    int r = new_call(bluez, device->path, "org.freedesktop.DBus.Properties", "Set", &m);
    if (r < 0)
        return r;
    r = sd_bus_message_append(m, "ssv", "org.bluez.Device1", "PreferredBearer", "s", "le");
    return r < 0 ? r : send_call(bluez, m, NULL, 0);
}

int bluez_connect(struct bluez *bluez, const struct bluez_device *device,
                  bluez_call_handler handler, uint64_t cookie)
{
    int r = device->other_bearer ? prefer_le(bluez, device) : 0;
    if (r < 0)
        return r;
    return plain_call(bluez, device->path, "org.bluez.Device1", "Connect", handler, cookie);
}

int bluez_disconnect(struct bluez *bluez, const struct bluez_device *device,
                     bluez_call_handler handler, uint64_t cookie)
{
    return plain_call(bluez, device->path, "org.bluez.Device1", "Disconnect", handler, cookie);
}

int bluez_remove(struct bluez *bluez, const struct bluez_device *device, bluez_call_handler handler,
                 uint64_t cookie)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    int r = new_call(bluez, bluez->adapter_path, "org.bluez.Adapter1", "RemoveDevice", &m);
    if (r < 0)
        return r;
    r = sd_bus_message_append(m, "o", device->path);
    return r < 0 ? r : send_call(bluez, m, handler, cookie);
}

int bluez_power(struct bluez *bluez, const struct bluez_adapter *adapter, bool on,
                bluez_call_handler handler, uint64_t cookie)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    int r = new_call(bluez, adapter->path, "org.freedesktop.DBus.Properties", "Set", &m);
    if (r < 0)
        return r;
    r = sd_bus_message_append(m, "ssv", "org.bluez.Adapter1", "Powered", "b", (int)on);
    return r < 0 ? r : send_call(bluez, m, handler, cookie);
}

static int characteristic_path(const struct bluez_device *device,
                               const struct bluez_characteristic *c, char *ret, size_t size)
{
    int n = snprintf(ret, size, "%s%s", device->path, c->suffix);
    return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

static int characteristic_call(struct bluez *bluez, const struct bluez_device *device,
                               const struct bluez_characteristic *c, const char *member,
                               bluez_call_handler handler, uint64_t cookie)
{
    char path[BLUEZ_PATH_MAX];
    int r = characteristic_path(device, c, path, sizeof path);
    return r < 0
               ? r
               : plain_call(bluez, path, "org.bluez.GattCharacteristic1", member, handler, cookie);
}

int bluez_start_notify(struct bluez *bluez, const struct bluez_device *device,
                       const struct bluez_characteristic *characteristic,
                       bluez_call_handler handler, uint64_t cookie)
{
    return characteristic_call(bluez, device, characteristic, "StartNotify", handler, cookie);
}

int bluez_stop_notify(struct bluez *bluez, const struct bluez_device *device,
                      const struct bluez_characteristic *characteristic, bluez_call_handler handler,
                      uint64_t cookie)
{
    return characteristic_call(bluez, device, characteristic, "StopNotify", handler, cookie);
}

static int read_call(struct bluez *bluez, const char *path, const char *interface,
                     bluez_call_handler handler, uint64_t cookie)
{
    _cleanup_bus_message_ sd_bus_message *m = NULL;
    int r = new_call(bluez, path, interface, "ReadValue", &m);
    if (r < 0)
        return r;
    r = bluez_msg_append_empty(m);
    return r < 0 ? r : send_call(bluez, m, handler, cookie);
}

int bluez_read(struct bluez *bluez, const struct bluez_device *device,
               const struct bluez_characteristic *characteristic, bluez_call_handler handler,
               uint64_t cookie)
{
    char path[BLUEZ_PATH_MAX];
    int r = characteristic_path(device, characteristic, path, sizeof path);
    return r < 0 ? r : read_call(bluez, path, "org.bluez.GattCharacteristic1", handler, cookie);
}

int bluez_read_ccc(struct bluez *bluez, const struct bluez_device *device,
                   const struct bluez_characteristic *characteristic, bluez_call_handler handler,
                   uint64_t cookie)
{
    char path[BLUEZ_PATH_MAX + sizeof characteristic->ccc];
    int r = characteristic_path(device, characteristic, path, BLUEZ_PATH_MAX);
    if (characteristic->ccc[0] == '\0')
        return -ENOENT;
    if (r < 0)
        return r;
    strcat(path, characteristic->ccc);
    return read_call(bluez, path, "org.bluez.GattDescriptor1", handler, cookie);
}

struct bluez_device *bluez_find(const struct bluez *bluez, const char *address)
{
    const struct bluez_adapter *adapter = bluez_adapter(bluez);
    return adapter ? bluez_tree_find(&bluez->tree, adapter, address) : NULL;
}

struct bluez_device *bluez_next(const struct bluez *bluez, size_t *state)
{
    const struct bluez_adapter *adapter = bluez_adapter(bluez);
    while (adapter && *state < bluez->tree.n_devices) {
        struct bluez_device *device = bluez->tree.devices[(*state)++];
        if (device->address[0] != '\0' && bluez_device_is_under(device, adapter))
            return device;
    }
    return NULL;
}

void bluez_disown(struct bluez *bluez)
{
    for (size_t i = 0; i < bluez->tree.n_devices; i++)
        bluez->tree.devices[i]->owner = NULL;
}
