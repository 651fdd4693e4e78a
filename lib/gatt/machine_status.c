/* SPDX-License-Identifier: MIT */
/*
 *  0      1
 * +------+-----------+
 * | op   | parameter |  01 reset
 * | u8   |           |  02 stopped or paused by the user, u8: 1 stop, 2 pause
 * +------+-----------+  03 stopped by the safety key
 *                       04 started or resumed by the user
 *                       05.. targets changed, FF control lost: not read
 *
 * Machines append bytes that do not belong there (a Urevo sends 04 00 00): ignored.
 */
#include "lib/bytes.h"
#include "lib/gatt/machine_status.h"

#define OP_RESET      0x01
#define OP_STOPPED    0x02
#define OP_SAFETY_KEY 0x03
#define OP_STARTED    0x04

#define STOPPED_STOP  1
#define STOPPED_PAUSE 2

static enum decode_result decode_stopped(struct bytes *bytes, enum machine_status *ret)
{
    uint8_t how;
    if (!pull_u8(bytes, &how))
        return DECODE_SHORT;
    if (how != STOPPED_STOP && how != STOPPED_PAUSE)
        return DECODE_OUT_OF_RANGE;
    *ret = how == STOPPED_STOP ? MACHINE_STATUS_STOPPED : MACHINE_STATUS_PAUSED;
    return DECODE_OK;
}

enum decode_result machine_status_decode(const uint8_t *at, size_t length, enum machine_status *ret)
{
    struct bytes bytes = bytes_of(at, length);
    uint8_t op;

    if (!pull_u8(&bytes, &op))
        return DECODE_SHORT;
    switch (op) {
    case OP_RESET:
        *ret = MACHINE_STATUS_RESET;
        return DECODE_OK;
    case OP_STOPPED:
        return decode_stopped(&bytes, ret);
    case OP_SAFETY_KEY:
        *ret = MACHINE_STATUS_SAFETY_KEY;
        return DECODE_OK;
    case OP_STARTED:
        *ret = MACHINE_STATUS_STARTED;
        return DECODE_OK;
    default:
        return DECODE_UNKNOWN;
    }
}
