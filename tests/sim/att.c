/* SPDX-License-Identifier: MIT */
/* Calls that need a round trip over the air: they are answered later, or never. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/util.h"
#include "tests/sim/random.h"
#include "tests/sim/sim.h"

struct att_request {
    struct att_request *next;
    struct characteristic *characteristic;
    sd_bus_message *call;
    att_then then;
    struct clock_timer *timer; /* NULL: the sensor is deaf */
};

static struct att_request *request_free(struct att_request *request)
{
    struct att_request **link = &request->characteristic->device->requests;

    while (*link != request)
        link = &(*link)->next;
    *link = request->next;
    clock_timer_unref(request->timer);
    sd_bus_message_unref(request->call);
    free(request);
    return NULL;
}

static void on_round_trip(void *userdata, uint64_t now_usec)
{
    struct att_request *request = userdata;

    request->then(request->characteristic, request->call);
    request_free(request);
}

int att_request(struct characteristic *c, sd_bus_message *call, att_then then)
{
    struct device *d = c->device;
    struct att_request *request = calloc(1, sizeof *request);
    int r = 0;

    if (!request)
        return -ENOMEM;
    *request = (struct att_request){
        .next = d->requests, .characteristic = c, .call = sd_bus_message_ref(call), .then = then
    };
    d->requests = request;
    if (d->sensor->deaf)
        device_lose_link(d, LINK_ATT_TIMEOUT_USEC);
    else
        r = clock_timer_new(&request->timer, d->sim->event,
                            clock_now_usec() + random_usec(&d->sim->random, 20, 60), on_round_trip,
                            request);
    if (r < 0)
        request_free(request);
    return r;
}

void att_cancel_all(struct device *device, bool quiet)
{
    while (device->requests) {
        if (!quiet)
            (void)sd_bus_reply_method_errorf(device->requests->call, "org.bluez.Error.Failed",
                                             "Not connected");
        request_free(device->requests);
    }
}

void att_client_gone(struct device *device, const char *sender)
{
    struct att_request *next = device->requests;

    while (next) {
        struct att_request *request = next;

        next = request->next;
        if (strcmp(sd_bus_message_get_sender(request->call), sender) == 0)
            request_free(request);
    }
}

/* ---- ReadValue ------------------------------------------------------------------------------ */

void reply_att_error(sd_bus_message *call, int att_error)
{
    if (att_error == 0x02)
        (void)sd_bus_reply_method_errorf(call, "org.bluez.Error.NotPermitted",
                                         "Read not permitted");
    else if (att_error == 0x03)
        (void)sd_bus_reply_method_errorf(call, "org.bluez.Error.NotPermitted",
                                         "Write not permitted");
    else
        (void)sd_bus_reply_method_errorf(call, "org.bluez.Error.Failed",
                                         "Operation failed with ATT error: 0x%02x", att_error);
}

static int reply_bytes(sd_bus_message *call, const void *bytes, size_t length)
{
    _cleanup_bus_message_ sd_bus_message *reply = NULL;
    int r = sd_bus_message_new_method_return(call, &reply);

    if (r >= 0)
        r = sd_bus_message_append_array(reply, 'y', bytes, length);
    return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static void on_read(struct characteristic *c, sd_bus_message *call)
{
    struct packet value;
    int att_error = sensor_read(c->device->sensor, c->uuid, &value);

    if (att_error) {
        reply_att_error(call, att_error);
        return;
    }
    characteristic_set_value(c, &value);
    (void)reply_bytes(call, value.bytes, value.length);
}

static int not_connected(sd_bus_error *ret_error)
{
    return sd_bus_error_set(ret_error, "org.bluez.Error.Failed", "Not connected");
}

int method_read_value(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct characteristic *c = owner;

    return c->device->resolved ? att_request(c, m, on_read) : not_connected(ret_error);
}

static void on_read_descriptor(struct characteristic *c, sd_bus_message *call)
{
    uint8_t ccc[2] = { c->subscribed ? (c->flags & GATT_NOTIFY ? 1 : 2) : 0, 0 };

    sensor_read_ccc(c->device->sensor);
    (void)reply_bytes(call, ccc, sizeof ccc);
}

int method_read_descriptor(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct characteristic *c = owner;

    return c->device->resolved ? att_request(c, m, on_read_descriptor) : not_connected(ret_error);
}

/* ---- WriteValue ----------------------------------------------------------------------------- */

static void on_write(struct characteristic *c, sd_bus_message *call)
{
    struct packet value = { .length = 0 }, answer;
    const void *bytes = NULL;
    int att_error;

    if (sd_bus_message_read_array(call, 'y', &bytes, &value.length) < 0 ||
        value.length > PACKET_MAX)
        value.length = 0;
    if (value.length > 0)
        memcpy(value.bytes, bytes, value.length);
    att_error = sensor_write(c->device->sensor, c->uuid, &value, c->subscribed, &answer);
    if (att_error) {
        reply_att_error(call, att_error);
        return;
    }
    (void)sd_bus_reply_method_return(call, NULL);
    if (answer.length > 0)
        characteristic_set_value(c, &answer);
}

int method_write_value(sd_bus_message *m, void *owner, sd_bus_error *ret_error)
{
    struct characteristic *c = owner;

    return c->device->resolved ? att_request(c, m, on_write) : not_connected(ret_error);
}
