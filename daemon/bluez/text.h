/* SPDX-License-Identifier: MIT */
#pragma once
/* Peers' names, addresses and UUIDs: checked, and made fit to show. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Services we know what to do with, as bits; the discovery filter is made of them. */
enum bluez_service {
    BLUEZ_HEART_RATE = 1u << 0,      /* 180D */
    BLUEZ_RUNNING = 1u << 1,         /* 1814 */
    BLUEZ_FITNESS_MACHINE = 1u << 2, /* 1826 */
    BLUEZ_POWER = 1u << 3,           /* 1818 */
    BLUEZ_ENVIRONMENT = 1u << 4,     /* 181A */
    BLUEZ_LOCATION = 1u << 5,        /* 1819 */
};

/* Text of a peer, made fit to show: device_info_text. */
void bluez_text(char *ret, size_t size, const void *bytes, size_t length);
/* Of a random address: one of those that change every few minutes, and not one that is kept. */
bool bluez_address_is_private(const char *address);

uint32_t bluez_service_bit(uint16_t uuid); /* 0: not one we know */
/* As D-Bus spells it, of the i-th service we know; NULL past the end. */
const char *bluez_service_uuid(size_t i);
/* "heart_rate running_speed_cadence" */
void bluez_services_text(uint32_t services, char *ret, size_t size);
