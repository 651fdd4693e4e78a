/* SPDX-License-Identifier: MIT */
/* What strided itself says is wrong, but for what one of the lines above it says already. */
#include <stdio.h>
#include <string.h>
#include "daemon/doctor/private.h"
#include "daemon/util.h"

/* How a problem of health begins, or what is in it: whose line says the same. */
static const struct {
    const char *part;
    enum doctor_check check;
} said_above[] = {
    { "there is no system bus", CHECK_BUS },
    { "bluetoothd", CHECK_BLUETOOTHD },
    { "Bluetooth adapter", CHECK_ADAPTER },
    { "drops about 30 s after each connect", CHECK_LINKS },
    { "No broker is configured", CHECK_BROKER },
    { "broker ", CHECK_BROKER },
    { "broker ", CHECK_TLS },
    { "broker ", CHECK_LOGIN },
    { "another gateway", CHECK_NAME },
    { "used the gateway name", CHECK_NAME },
    { "The clock is not set", CHECK_CLOCK },
    { "import folder", CHECK_IMPORT },
    { "The database", CHECK_DATABASE },
};

static bool is_said(const struct doctor *doctor, const char *problem)
{
    for (size_t i = 0; i < ELEMENTSOF(said_above); i++) {
        const unsigned *said = doctor->said[said_above[i].check];

        if (strstr(problem, said_above[i].part) && said[DOCTOR_FAIL] + said[DOCTOR_WARN] > 0)
            return true;
    }
    return false;
}

void doctor_look_problems(struct doctor *doctor)
{
    const json_t *problem, *health = json_object_get(doctor->status, "health");
    size_t i;

    if (!health) {
        doctor_say(doctor, PROBLEMS_SKIPPED, NULL, "strided does not say");
        return;
    }
    json_array_foreach(json_object_get(health, "problems"), i, problem)
    {
        const char *said = json_string_value(problem);

        if (said && !is_said(doctor, said))
            doctor_say(doctor, PROBLEMS_SAID, NULL, "%s", said);
    }
    if (doctor_is_silent(doctor, CHECK_PROBLEMS))
        doctor_say(doctor, PROBLEMS_NONE, NULL, "strided has none besides what stands above");
}
