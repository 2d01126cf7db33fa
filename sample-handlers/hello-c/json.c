/* Just enough JSON for a handler. Nothing here is fast, and nothing reads beyond the end of its text. */

#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 64

static const char *blanks(const char *at) { return at + strspn(at, " \t\r\n"); }

/* What follows the value that `at` begins with; NULL where that is no value. */
static const char *after(const char *at, int depth);

static const char *after_string(const char *at) {
    if (*at != '"') {
        return NULL;
    }
    for (at++; *at != '"'; at++) {
        if ((unsigned char)*at < ' ' || (*at == '\\' && *++at == '\0')) {
            return NULL;
        }
    }
    return at + 1;
}

/* What follows an object or an array, whose members `of_object` says are named. */
static const char *after_members(const char *at, char end, bool of_object, int depth) {
    at = blanks(at + 1);
    if (*at == end) {
        return at + 1;
    }
    for (;;) {
        if (of_object) {
            at = after_string(at);
            if (at == NULL || *(at = blanks(at)) != ':') {
                return NULL;
            }
            at++;
        }
        at = after(blanks(at), depth - 1);
        if (at == NULL) {
            return NULL;
        }
        at = blanks(at);
        if (*at == end) {
            return at + 1;
        }
        if (*at != ',') {
            return NULL;
        }
        at = blanks(at + 1);
    }
}

static const char *after(const char *at, int depth) {
    if (depth == 0) {
        return NULL;
    }
    switch (*at) {
    case '"':
        return after_string(at);
    case '{':
        return after_members(at, '}', true, depth);
    case '[':
        return after_members(at, ']', false, depth);
    default: {
        size_t length = strcspn(at, ",]} \t\r\n");
        return length == 0 ? NULL : at + length;
    }
    }
}

bool json_is_whole(const char *text) {
    const char *end = after(blanks(text), MAX_DEPTH);
    return end != NULL && *blanks(end) == '\0';
}

const char *json_first(const char *text) {
    text = blanks(text);
    if (*text != '[') {
        return NULL;
    }
    text = blanks(text + 1);
    return *text == ']' ? NULL : text;
}

const char *json_member(const char *text, const char *key) {
    text = blanks(text);
    if (*text != '{') {
        return NULL;
    }
    size_t length = strlen(key);
    text = blanks(text + 1);
    while (*text == '"') {
        const char *end = after_string(text);
        if (end == NULL || *blanks(end) != ':') {
            return NULL;
        }
        const char *value = blanks(blanks(end) + 1);
        if ((size_t)(end - text) == length + 2 && strncmp(text + 1, key, length) == 0) {
            return value;
        }
        text = after(value, MAX_DEPTH);
        if (text == NULL || *(text = blanks(text)) != ',') {
            return NULL;
        }
        text = blanks(text + 1);
    }
    return NULL;
}

/* Writes the character `code` as UTF-8; its length. */
static size_t utf8(unsigned code, char *to) {
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xc0 | code >> 6);
        to[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    to[0] = (char)(0xe0 | code >> 12);
    to[1] = (char)(0x80 | (code >> 6 & 0x3f));
    to[2] = (char)(0x80 | (code & 0x3f));
    return 3;
}

bool json_string(const char *text, char *value, size_t size) {
    if (text == NULL || after_string(text) == NULL) {
        return false;
    }
    size_t length = 0;
    for (text++; *text != '"'; text++) {
        char piece[4] = {*text, 0, 0, 0};
        size_t taken = 1;
        if (*text == '\\') {
            static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
            const char *found = strchr(letters, *++text);
            if (*text == 'u') {
                char digits[5] = {0};
                strncpy(digits, text + 1, 4);
                if (strspn(digits, "0123456789abcdefABCDEF") != 4) {
                    return false;
                }
                unsigned code = (unsigned)strtoul(digits, NULL, 16);
                /* One half of a pair stands for nothing by itself, and 0 ends a string. */
                bool is_half = code >= 0xd800 && code < 0xe000;
                taken = utf8(is_half || code == 0 ? 0xfffd : code, piece);
                text += 4;
            } else {
                piece[0] = found != NULL ? meant[found - letters] : *text;
            }
        }
        if (length + taken >= size) {
            return false;
        }
        memcpy(value + length, piece, taken);
        length += taken;
    }
    value[length] = '\0';
    return true;
}

bool json_escape(const char *value, char *text, size_t size) {
    size_t length = 0;
    for (; *value != '\0'; value++) {
        char piece[8];
        unsigned char c = (unsigned char)*value;
        if (c == '"' || c == '\\') {
            snprintf(piece, sizeof piece, "\\%c", c);
        } else if (c < ' ') {
            snprintf(piece, sizeof piece, "\\u%04x", c);
        } else {
            snprintf(piece, sizeof piece, "%c", c);
        }
        size_t taken = strlen(piece);
        if (length + taken >= size) {
            return false;
        }
        memcpy(text + length, piece, taken);
        length += taken;
    }
    text[length] = '\0';
    return true;
}
