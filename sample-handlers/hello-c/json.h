/* Just enough JSON for a handler: is a document whole, and which value does a member have? */

#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>

/* Whether `text` is one whole JSON value. */
bool json_is_whole(const char *text);

/* The value of the member `key` of the object that `text` begins with; NULL where there is none. */
const char *json_member(const char *text, const char *key);

/* The first element of the array that `text` begins with; NULL where there is none. */
const char *json_first(const char *text);

/* Writes the string that `text` begins with to `value`; false where it is none, or does not fit. */
bool json_string(const char *text, char *value, size_t size);

/* Writes `value` to `text` as JSON has it between quotes; false where it does not fit. */
bool json_escape(const char *value, char *text, size_t size);

#endif
