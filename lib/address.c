/* SPDX-License-Identifier: MIT */
#include "lib/address.h"

#include <ctype.h>
#include <string.h>

bool address_is_valid(const char *text)
{
    if (strlen(text) != 17)
        return false;
    for (size_t i = 0; i < 17; i++)
        if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
            return false;
    return true;
}
