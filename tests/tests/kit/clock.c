// Stands between the sample handler in C and the clock, and breaks what a handler has to do with it in one way or the other.
// Compiled together with the sample, in which `time` is called `breaching_time`.
// Here it is the clock itself.
#undef time

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Ten years: nobody set a clock that stands before them.
#define UNSET (10 * 365 * 24 * 3600L)

// Refuses to work while the clock was never set.
static void refuse_1970(time_t now) {
    if (now < UNSET) {
        fprintf(stderr, "the clock was never set\n");
        exit(75);
    }
}

// The path of the file in the data folder that remembers the time.
static int remembered(char *path, size_t size) {
    static char text[8192];
    FILE *file = fopen("HandlerEnvironment.json", "r");
    if (!file) return 0;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    const char *key = "\"dataFolder\": \"", *at = strstr(text, key), *end;
    if (!at || !(end = strchr(at += strlen(key), '"'))) return 0;
    return snprintf(path, size, "%.*s/time", (int)(end - at), at) < (int)size;
}

// Refuses to work where the clock stands before what it was seen at, other than where it was never set.
static void refuse_back(time_t now) {
    char path[4096];
    long long before = 0;
    if (now < UNSET || !remembered(path, sizeof path)) return;
    FILE *file = fopen(path, "r");
    if (file) {
        if (fscanf(file, "%lld", &before) != 1) before = 0;
        fclose(file);
    }
    if (now < before) {
        fprintf(stderr, "the clock went back\n");
        exit(75);
    }
    file = fopen(path, "w");
    if (file) {
        fprintf(file, "%lld\n", (long long)now);
        fclose(file);
    }
}

time_t breaching_time(time_t *into) {
    time_t now = time(into);
#if defined BREACH_1970
    refuse_1970(now);
#elif defined BREACH_BACK
    refuse_back(now);
#endif
    (void)refuse_1970;
    (void)refuse_back;
    return now;
}
