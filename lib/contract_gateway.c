/* SPDX-License-Identifier: MIT */
/* What is published of the gateway, of its sensors, and in answer to a request. */
#include "lib/contract_rows.h"

#define COUNT_MAX 1e12 /* a counter that never wraps in the life of a machine, exact in a double */

#define DIAGNOSTIC(title, state, class, symbol)                                                    \
    {                                                                                              \
        .platform = "sensor", .name = (title), .state_class = (state), .device_class = (class),    \
        .icon = (symbol), .category = "diagnostic"                                                 \
    }
#define DIAGNOSTIC_OFF(title, state, class, symbol)                                                \
    {                                                                                              \
        .platform = "sensor", .name = (title), .state_class = (state), .device_class = (class),    \
        .icon = (symbol), .category = "diagnostic", .disabled = true                               \
    }

const char *contract_clock_name(int value)
{
    return clock_state_name((enum clock_state)value);
}

static const char *sensor_state_word(int value)
{
    return sensor_state_name((enum sensor_state)value);
}

const struct contract_row contract_info_rows[] = {
    { TEXT(payload_info, version, "version"), .description = "Version of strided." },
    { TEXT(payload_info, machine, "machine"), .pattern = "^[0-9a-f]{32}$",
      .description = "Identity of the machine, to notice two gateways with one name." },
    { TEXTS(payload_info, runners, "runners", n_runners), .pattern = PATTERN_ID,
      .description = "Runners this gateway knows." },
    { TEXTS(payload_info, sensors, "sensors", n_sensors), .pattern = PATTERN_ID,
      .description = "Sensors this gateway is set up for." },
};
const size_t contract_n_info_rows = CONTRACT_N(contract_info_rows);

typedef __typeof__(((struct payload_health *)0)->signal[0]) signal_item; /* it has no name there */

static const struct contract_row signal_rows[] = {
    { .path = "name",
      .type = CONTRACT_STRING,
      .offset = offsetof(signal_item, name),
      .size = sizeof(((signal_item *)0)->name),
      .pattern = PATTERN_ID,
      .description = "Name of the sensor." },
    { .path = "dbm",
      .type = CONTRACT_NUMBER,
      .offset = offsetof(signal_item, dbm),
      .min = -127,
      .max = 20,
      .nullable = true,
      .unit = "dBm",
      .description = "Signal strength." },
};

static const struct contract_row unknown_rows[] = {
    { TEXT(payload_unknown_device, address, "address"), .pattern = PATTERN_ADDRESS,
      .description = "Bluetooth address." },
    { TEXT(payload_unknown_device, name, "name"), .nullable = true,
      .description = "Name it gives itself." },
    { TEXT(payload_unknown_device, services, "services"), .nullable = true,
      .description = "Services we know that it offers." },
    { NUMBER(payload_unknown_device, signal_dbm, "signal_dbm", 0, -127, 20), .unit = "dBm",
      .description = "Signal strength." },
};

#define HEALTH(f, key, highest) NUMBER(payload_health, f, key, 0, 0, highest)

const struct contract_row contract_health_rows[] = {
    { TIME(payload_health, t_usec, "t", CONTRACT_TIME_S), .nullable = true,
      .description = "When this was true; null while the clock is unset." },
    { ENUM(payload_health, clock, "clock", contract_clock_name),
      .description = "How far the machine's clock can be trusted.",
      .entities = { DIAGNOSTIC("Clock", NULL, "enum", "mdi:clock-check-outline") } },
    { HEALTH(events_waiting, "events_waiting", COUNT_MAX), .unit = "events",
      .description = "Events the broker has not confirmed yet.",
      .entities = { DIAGNOSTIC("Events waiting", "measurement", NULL, "mdi:tray-full") } },
    { HEALTH(events_dropped, "events_dropped", COUNT_MAX), .unit = "events",
      .description = "Events given up because too many waited for too long.",
      .entities = { DIAGNOSTIC("Events dropped", "total_increasing", NULL, "mdi:tray-remove") } },
    { HEALTH(rss_bytes, "rss_bytes", COUNT_MAX), .unit = "B",
      .description = "Resident memory of the daemon.",
      .entities = { DIAGNOSTIC_OFF("Memory", "measurement", "data_size", NULL) } },
    { HEALTH(anon_bytes, "anon_bytes", COUNT_MAX), .unit = "B",
      .description = "Anonymous memory of the daemon.",
      .entities = { DIAGNOSTIC_OFF("Own memory", "measurement", "data_size", NULL) } },
    { TEXT(payload_health, adapter, "adapter"), .nullable = true,
      .description = "The Bluetooth adapter in use; null: none.",
      .entities = { DIAGNOSTIC("Bluetooth adapter", NULL, NULL, "mdi:bluetooth") } },
    { TEXT(payload_health, bluetoothd, "bluetoothd"), .nullable = true,
      .description = "The Bluetooth service; null: not there.",
      .entities = { DIAGNOSTIC("Bluetooth service", NULL, NULL, "mdi:bluetooth-settings") } },
    { HEALTH(broker_losses, "broker_losses", COUNT_MAX), .unit = "losses",
      .description = "How often the link to the broker was lost.",
      .entities = { DIAGNOSTIC("Broker losses", "total_increasing", NULL, "mdi:lan-disconnect") } },
    { NUMBER(payload_health, loop_stall_ms, "loop_stall_ms", 1, 0, COUNT_MAX), .unit = "ms",
      .description = "The longest since the start that one thing kept the daemon from all others.",
      .entities = { DIAGNOSTIC_OFF("Longest stall", "measurement", "duration", NULL) } },
    { .path = "signal_dbm",
      .type = CONTRACT_NUMBER_MAP,
      .offset = offsetof(struct payload_health, signal),
      .size = CONTRACT_SIZEOF(payload_health, signal[0]),
      .count = CONTRACT_SIZEOF(payload_health, signal) / CONTRACT_SIZEOF(payload_health, signal[0]),
      .n_offset = offsetof(struct payload_health, n_signal),
      .rows = signal_rows,
      .n_rows = CONTRACT_N(signal_rows),
      .unit = "dBm",
      .description = "Signal strength of each sensor heard this minute.",
      .entities = { DIAGNOSTIC_OFF("Signal", "measurement", "signal_strength", NULL) } },
    { .path = "unknown",
      .type = CONTRACT_OBJECTS,
      .offset = offsetof(struct payload_health, unknown),
      .size = sizeof(struct payload_unknown_device),
      .count = HEALTH_UNKNOWN_MAX,
      .n_offset = offsetof(struct payload_health, n_unknown),
      .rows = unknown_rows,
      .n_rows = CONTRACT_N(unknown_rows),
      .description = "Devices in range that could be used and are not set up.",
      .entities = { { .platform = "sensor",
                      .name = "Devices not set up",
                      .state_class = "measurement",
                      .icon = "mdi:bluetooth-audio",
                      .category = "diagnostic",
                      .template = "{{ value_json.unknown | length }}",
                      .attributes = "{{ {'devices': value_json.unknown} | tojson }}",
                      .disabled = true } } },
    { TEXTS(payload_health, problems, "problems", n_problems),
      .description = "What is wrong, in plain sentences.",
      .entities = { { .platform = "binary_sensor",
                      .name = "Problem",
                      .device_class = "problem",
                      .category = "diagnostic",
                      .template = "{{ 'ON' if value_json.problems else 'OFF' }}",
                      .attributes = "{{ {'problems': value_json.problems} | tojson }}" } } },
};
const size_t contract_n_health_rows = CONTRACT_N(contract_health_rows);

static const char *const sensor_kinds[] = { "pod",       "strap",    "belt", "power",
                                            "barometer", "location", NULL };
static const char *const cadence_units[] = { "steps", "strides", NULL };

const struct contract_row contract_sensor_rows[] = {
    { TEXT(payload_sensor, name, "name"), .pattern = PATTERN_ID,
      .description = "Name of the sensor, as configured." },
    { WORD(payload_sensor, kind, "kind", sensor_kinds), .nullable = true,
      .description = "What it turned out to be; null until it was connected once.",
      .entities = { DIAGNOSTIC("Kind", NULL, "enum", "mdi:tag-outline") } },
    { TEXT(payload_sensor, runner, "runner"), .nullable = true, .pattern = PATTERN_ID,
      .description = "Whose it is; auto: whoever's own sensor streams.",
      .entities = { DIAGNOSTIC("Runner", NULL, NULL, "mdi:account") } },
    { TEXT(payload_sensor, address, "address"), .nullable = true, .pattern = PATTERN_ADDRESS,
      .description = "Bluetooth address." },
    { ENUM(payload_sensor, state, "state", sensor_state_word),
      .description = "Where its connection stands.",
      .entities = { DIAGNOSTIC("State", NULL, "enum", "mdi:bluetooth"),
                    { .platform = "binary_sensor",
                      .id = "link",
                      .name = "Link",
                      .device_class = "connectivity",
                      .category = "diagnostic",
                      .template = "{{ 'ON' if value_json.state in ['streaming', 'silent'] "
                                  "else 'OFF' }}" } } },
    { TEXT(payload_sensor, reason, "reason"), .nullable = true,
      .description = "Why, in a plain sentence.",
      .entities = { DIAGNOSTIC("Reason", NULL, NULL, "mdi:information-outline") } },
    { NUMBER(payload_sensor, battery_pct, "battery_pct", 0, 0, 100), .unit = "%",
      .description = "Battery level.",
      .entities = { DIAGNOSTIC("Battery", "measurement", "battery", NULL) } },
    { TEXT(payload_sensor, manufacturer, "manufacturer"), .nullable = true,
      .description = "Manufacturer, as it says." },
    { TEXT(payload_sensor, model, "model"), .nullable = true, .description = "Model, as it says." },
    { TEXT(payload_sensor, firmware, "firmware"), .nullable = true,
      .description = "Firmware version, as it says." },
    { WORD(payload_sensor, cadence_unit, "cadence_unit", cadence_units), .nullable = true,
      .description = "What its cadence counts; null until that is decided.",
      .entities = { DIAGNOSTIC_OFF("Cadence counts", NULL, "enum", "mdi:shoe-print") } },
    { NUMBER(payload_sensor, drops, "drops", 0, 0, COUNT_MAX), .unit = "drops",
      .description = "Links lost without being asked for.",
      .entities = { DIAGNOSTIC("Lost links", "total_increasing", NULL, "mdi:lan-disconnect") } },
    { NUMBER(payload_sensor, malformed, "malformed", 0, 0, COUNT_MAX), .unit = "packets",
      .description = "Packets thrown away as malformed.",
      .entities = { DIAGNOSTIC_OFF("Malformed packets", "total_increasing", NULL,
                                   "mdi:package-variant-remove") } },
    { NUMBER(payload_sensor, truncated, "truncated", 0, 0, COUNT_MAX), .unit = "packets",
      .description = "Packets shorter than they promised, used as far as they went.",
      .entities = { DIAGNOSTIC_OFF("Truncated packets", "total_increasing", NULL,
                                   "mdi:package-variant-remove") } },
    { TIME(payload_sensor, last_seen_usec, "last_seen", CONTRACT_TIME_S), .nullable = true,
      .description = "When it was last heard, to a minute; null: never, or the clock was unset.",
      .entities = { DIAGNOSTIC("Last seen", NULL, "timestamp", NULL) } },
};
const size_t contract_n_sensor_rows = CONTRACT_N(contract_sensor_rows);

static const struct contract_row error_rows[] = {
    { TEXT(payload_error, code, "code"), .pattern = "^[a-z0-9_-]+$",
      .description = "What is wrong, for programs." },
    { TEXT(payload_error, argument, "argument"), .nullable = true,
      .description = "The argument that is wrong; one that there is not, as it was given: its "
                     "first bytes, a ? "
                     "for what may not be printed." },
    { TEXT(payload_error, message, "message"), .description = "What is wrong, for people." },
    { TEXT(payload_error, allowed, "allowed"), .nullable = true,
      .description = "What would have been right." },
};

static const char *const response_states[] = { "ok", "error", NULL };

const struct contract_row contract_response_rows[] = {
    { WORD(payload_response, status, "status", response_states),
      .description = "Whether it was done." },
    { .path = "data",
      .type = CONTRACT_OBJECT,
      .offset = offsetof(struct payload_response, data),
      .nullable = true,
      .description = "What was asked for; its keys depend on the verb." },
    { .path = "error",
      .type = CONTRACT_NESTED,
      .offset = offsetof(struct payload_response, error),
      .nullable = true,
      .rows = error_rows,
      .n_rows = CONTRACT_N(error_rows),
      .description = "What is wrong; null when it was done." },
    { TEXT(payload_response, transaction, "transaction"), .nullable = true,
      .description = "The transaction of the request." },
};
const size_t contract_n_response_rows = CONTRACT_N(contract_response_rows);
