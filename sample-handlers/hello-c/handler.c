/* A handler in C that greets whom its settings name. It knows nothing of hostler: it finds its folders through
   HandlerEnvironment.json in its working directory and its settings by the contract's variable, reports a status, and ends
   with an exit code. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json.h"

enum {
    EXIT_BLANK = 2,         /* the name is blank */
    EXIT_USAGE = 64,        /* no such command */
    EXIT_SETTINGS = 65,     /* settings that do not fit */
    EXIT_SURROUNDINGS = 66, /* no environment that could be understood */
    EXIT_WRITE = 73         /* something cannot be written */
};

static char config_folder[1024], status_folder[1024], log_folder[1024];
static const char *number;
static const char *command;

/* The text of the file at `path`; false where it cannot be read, or is too long. */
static bool read_text(const char *path, char *text, size_t size) {
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    size_t length = fread(text, 1, size, file);
    bool whole = length < size && !ferror(file);
    fclose(file);
    text[whole ? length : 0] = '\0';
    return whole;
}

static void utc(char *text, size_t size) {
    time_t now = time(NULL);
    struct tm parts;
    strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));
}

/* A line in the handler's log. One that cannot be written is lost, and nothing else. */
static void log_line(const char *line) {
    char path[1200], now[32];
    snprintf(path, sizeof path, "%s/handler.log", log_folder);
    utc(now, sizeof now);
    FILE *file = fopen(path, "a");
    if (file != NULL) {
        fprintf(file, "%s [%s %s] %s\n", now, command, number, line);
        fclose(file);
    }
}

/* Writes the status under another name and renames it: whoever reads it finds all of it or nothing. */
static bool write_status(const char *word, int code, const char *message) {
    char path[1200], unfinished[1200], now[32], escaped[4096];
    snprintf(path, sizeof path, "%s/%s.status", status_folder, number);
    snprintf(unfinished, sizeof unfinished, "%s/%s.status.new", status_folder, number);
    utc(now, sizeof now);
    FILE *file = fopen(unfinished, "w");
    if (file == NULL || !json_escape(message, escaped, sizeof escaped)) {
        return false;
    }
    int written = fprintf(file,
                          "[{\"version\": 1.0, \"timestampUTC\": \"%s\", \"status\": {\"operation\": \"enable\", "
                          "\"status\": \"%s\", \"code\": %d, \"formattedMessage\": {\"lang\": \"en-US\", "
                          "\"message\": \"%s\"}}}]\n",
                          now, word, code, escaped);
    /* What a full disk refuses may show only when the file is closed. */
    if (fclose(file) != 0 || written < 0 || rename(unfinished, path) != 0) {
        remove(unfinished);
        return false;
    }
    return true;
}

/* Tells of a failure in the log, in the status and on standard error. */
static int fail(int code, const char *message) {
    log_line(message);
    fprintf(stderr, "%s failed: %s\n", command, message);
    if (strcmp(command, "enable") == 0) {
        write_status("error", code, message);
    }
    return code;
}

static bool read_environment(void) {
    static char text[8192];
    if (!read_text("HandlerEnvironment.json", text, sizeof text) || !json_is_whole(text)) {
        return false;
    }
    const char *first = json_first(text);
    const char *folders = first == NULL ? NULL : json_member(first, "handlerEnvironment");
    return folders != NULL && json_string(json_member(folders, "configFolder"), config_folder, sizeof config_folder) &&
           json_string(json_member(folders, "statusFolder"), status_folder, sizeof status_folder) &&
           json_string(json_member(folders, "logFolder"), log_folder, sizeof log_folder);
}

static int enable(void) {
    static char text[65536];
    char path[1200], name[256], greeting[300];
    snprintf(path, sizeof path, "%s/%s.settings", config_folder, number);
    if (!read_text(path, text, sizeof text)) {
        return fail(EXIT_SETTINGS, "the settings cannot be read");
    }
    if (!json_is_whole(text)) {
        return fail(EXIT_SETTINGS, text[0] == '\0' ? "there are no settings, and `name` is needed"
                                                   : "the settings are not JSON");
    }
    const char *settings = json_member(text, "runtimeSettings");
    settings = settings == NULL ? NULL : json_first(settings);
    settings = settings == NULL ? NULL : json_member(settings, "handlerSettings");
    settings = settings == NULL ? NULL : json_member(settings, "publicSettings");
    if (settings == NULL || !json_string(json_member(settings, "name"), name, sizeof name)) {
        return fail(EXIT_SETTINGS, "the public settings have no text `name`");
    }
    if (name[strspn(name, " \t\r\n")] == '\0') {
        return fail(EXIT_BLANK, "the setting `name` is blank; it should say whom to greet");
    }
    snprintf(greeting, sizeof greeting, "Hello, %s", name);
    log_line(greeting);
    if (!write_status("success", 0, greeting)) {
        return fail(EXIT_WRITE, "the status cannot be written");
    }
    return 0;
}

int main(int argc, char **argv) {
    command = argc > 1 ? argv[1] : "";
    number = getenv("ConfigSequenceNumber");
    if (number == NULL || !read_environment()) {
        fprintf(stderr, "%s: ConfigSequenceNumber or HandlerEnvironment.json is missing\n", command);
        return EXIT_SURROUNDINGS;
    }
    if (strcmp(command, "enable") == 0) {
        return enable();
    }
    static const char *others[] = {"install", "update", "disable", "uninstall"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(command, others[i]) == 0) {
            log_line("done");
            return 0;
        }
    }
    fprintf(stderr, "there is no command `%s`\n", command);
    return EXIT_USAGE;
}
