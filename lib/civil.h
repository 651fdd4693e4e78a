/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Days and dates of the proleptic Gregorian calendar, without a zone: day 0 is 1970-01-01. Right for
 * any year of an int; months 1..12, days from 1.
 */
#include <stdbool.h>
#include <stdint.h>

int64_t civil_to_days(int year, int month, int day);
void civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day);
/* "2027-03-10" and nothing else; false: it is no day that ever is, and ret_days stays as it was. */
bool civil_read_day(const char *text, int64_t *ret_days);
