/* SPDX-License-Identifier: Apache-2.0 */
/* The same from C. */
#include <pointman/pointman.h>

#include <stdio.h>
#include <stdlib.h>

static void must(int result, const pointman_error* error) {
    if (result == POINTMAN_OK) return;
    fprintf(stderr, "%s (0x%08X)\n", error->message, (unsigned)error->hresult);
    exit(1);
}

int main(int argc, char** argv) {
    pointman_error error = {0};
    pointman_messaging* messaging = NULL;
    pointman_message* reply = NULL;
    pointman_message* message = pointman_create_message();
    char text[4096];

    if (argc != 2 || message == NULL) return 2;
    must(pointman_messaging_open(NULL, 0, &messaging, &error), &error);
    pointman_set_target_endpoint(message, "MP_LocationManager");
    pointman_set_security_flags(message, POINTMAN_MIXED_MODE | POINTMAN_COMPRESS);
    pointman_set_body_from_string(
        message, "<SiteInformationRequest SchemaVersion=\"1.00\"><SiteCode Name=\"LAB\"/></SiteInformationRequest>");
    must(pointman_invoke(messaging, argv[1], message, &reply, &error), &error);
    must(pointman_body_to_string(reply, text, sizeof text, NULL, &error), &error);
    printf("%s\n", text);

    pointman_message_free(reply);
    pointman_message_free(message);
    pointman_messaging_close(messaging);
    return 0;
}
