/* malloc and its kin from a block that belongs to the program, in place of those of wasi-libc.

   The wasi-libc of 2022 that Debian has takes all memory above its own data for its heap when it is first asked. When
   such a module is made a component, the adapter between the two generations of WASI has grown that memory before, for
   its own use, and both would write to the same bytes. A block that the linker lays out cannot meet anybody. What is
   freed is not used again: a command of a handler is short. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HEAP_BYTES (1u << 20)
#define UNIT 16u

static _Alignas(16) unsigned char heap[HEAP_BYTES];
static size_t used;

/* In front of each piece, as large as its alignment. */
struct piece {
    size_t size;
};

void *malloc(size_t size) {
    if (size > HEAP_BYTES) {
        return NULL;
    }
    size_t rounded = (size + UNIT - 1) / UNIT * UNIT;
    if (rounded + UNIT > HEAP_BYTES - used) {
        return NULL;
    }
    unsigned char *start = heap + used;
    ((struct piece *)start)->size = size;
    used += UNIT + rounded;
    return start + UNIT;
}

void free(void *pointer) { (void)pointer; }

void *calloc(size_t count, size_t size) {
    if (size != 0 && count > HEAP_BYTES / size) {
        return NULL;
    }
    /* The block is zero from the start, and no piece of it is given out twice. */
    return malloc(count * size);
}

void *realloc(void *pointer, size_t size) {
    void *moved = malloc(size);
    if (moved != NULL && pointer != NULL) {
        size_t old = ((struct piece *)((unsigned char *)pointer - UNIT))->size;
        memcpy(moved, pointer, old < size ? old : size);
    }
    return moved;
}
