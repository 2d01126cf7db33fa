/* A handler in C, with nothing of hostler in it: it finds its folders through HandlerEnvironment.json in its working
   directory and its settings by the contract's variable, reports a status, and ends with the exit code that its
   settings ask for. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char environment[8192];
static char settings[8192];

static int read_text(const char *path, char *text, size_t size) {
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return 0;
    }
    size_t length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
    return 1;
}

/* The string that stands after `key` in JSON as the agent writes it; good enough for paths without escapes. */
static int string_member(const char *text, const char *key, char *value, size_t size) {
    const char *start = strstr(text, key);
    if (start == NULL) {
        return 0;
    }
    start += strlen(key);
    size_t length = strcspn(start, "\"");
    if (length >= size) {
        return 0;
    }
    memcpy(value, start, length);
    value[length] = '\0';
    return 1;
}

int main(int argc, char **argv) {
    const char *number = getenv("ConfigSequenceNumber");
    const char *command = argc > 1 ? argv[1] : "";
    char config[1024], status[1024], path[1200];
    if (number == NULL || !read_text("HandlerEnvironment.json", environment, sizeof environment) ||
        !string_member(environment, "\"configFolder\": \"", config, sizeof config) ||
        !string_member(environment, "\"statusFolder\": \"", status, sizeof status)) {
        return 90;
    }
    if (strcmp(command, "enable") != 0) {
        printf("%s: nothing to do\n", command);
        return 0;
    }
    snprintf(path, sizeof path, "%s/%s.settings", config, number);
    if (!read_text(path, settings, sizeof settings)) {
        return 91;
    }
    const char *code_text = strstr(settings, "\"exitCode\": ");
    int code = code_text == NULL ? 92 : atoi(code_text + strlen("\"exitCode\": "));

    snprintf(path, sizeof path, "%s/%s.status", status, number);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        return 93;
    }
    /* A block of its own, so that memory is asked for as programs do. */
    char *message = malloc(64);
    if (message == NULL) {
        return 94;
    }
    snprintf(message, 64, "C was here with exit code %d", code);
    fprintf(file,
            "[{\"version\": 1.0, \"timestampUTC\": \"2026-01-01T00:00:00Z\", \"status\": {\"operation\": \"enable\", "
            "\"status\": \"success\", \"code\": 0, \"formattedMessage\": {\"lang\": \"en-US\", \"message\": \"%s\"}}}]",
            message);
    free(message);
    fclose(file);
    printf("enable with sequence number %s\n", number);
    return code;
}
