/* SPDX-License-Identifier: Apache-2.0 */
#include <pointman/pointman.h>

#include <stdio.h>

int main(void) {
    char text[8];
    size_t needed = 0;
    pointman_message* message = pointman_create_message();
    pointman_set_body_from_string(message, "hello");
    if (pointman_body_to_string(message, text, sizeof text, &needed, NULL) != POINTMAN_OK) return 1;
    printf("%s %s %u\n", pointman_version(), text, (unsigned)needed);
    pointman_message_free(message);
    return 0;
}
