/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>
#include "lib/gatt/device_info.h"
#include "require.h"

/* What came out must come out of a second pass as it is: it was valid and printable. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    size_t size = length > 0 ? bytes[0] % 70u : 0;
    char *text = malloc(size ? size : 1), again[70];
    enum decode_result result;

    require(text);
    if (length > 0) {
        result = device_info_text(bytes + 1, length - 1, text, size);
        require((result == DECODE_SHORT) == (size == 0));
        if (result != DECODE_SHORT) {
            size_t written = strlen(text);
            require(written < size);
            /* cut text may end in a space, which a second pass would trim */
            while (written > 0 && text[written - 1] == ' ')
                text[--written] = '\0';
            require(device_info_text((const uint8_t *)text, written, again, sizeof again) ==
                    DECODE_OK);
            require(strcmp(text, again) == 0);
        }
    }
    free(text);
    return 0;
}
