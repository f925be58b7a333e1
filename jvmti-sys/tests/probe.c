/*
 * Prints what the C compiler makes of one JDK's jni.h and jvmti.h, one fact a line, for abi.rs to compare.
 *
 * abi.rs writes the rows to probe_rows.inc, one macro call each, and leaves out what the headers are too old for:
 * enumerators cannot be asked for with #ifdef. So it compiles this file twice, first with ASK_FEATURE, which prints
 * the feature release (11, 17, 25) from JVMTI_VERSION alone.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "jvmti.h"

#define CONSTANT(name) printf("constant %s %lld\n", #name, (long long)(name));
#define STRUCT(type) printf("size %s %zu\nalign %s %zu\n", #type, sizeof(type), #type, _Alignof(type));
#define FIELD(type, field) printf("offset %s.%s %zu\n", #type, #field, offsetof(type, field));
#define TABLE(type) printf("size %s %zu\n", #type, sizeof(struct type));
#define SLOT(type, field) printf("offset %s.%s %zu\n", #type, #field, offsetof(struct type, field));
#define CAPABILITY(name)                                                            \
    do {                                                                            \
        jvmtiCapabilities capabilities;                                             \
        memset(&capabilities, 0, sizeof capabilities);                              \
        capabilities.name = 1;                                                      \
        printf("bit %s %d\n", #name, only_bit(&capabilities, sizeof capabilities)); \
    } while (0);

/* Number of the one bit set, counted from the lowest bit of the first byte; -1 if it is not exactly one. */
static int only_bit(const void *set, size_t length) {
    const unsigned char *bytes = set;
    int found = -1;
    for (size_t bit = 0; bit < 8 * length; bit++) {
        if (bytes[bit / 8] >> (bit % 8) & 1) {
            if (found >= 0) return -1;
            found = (int)bit;
        }
    }
    return found;
}

int main(void) {
#ifdef ASK_FEATURE
    /* JDK 8 and older say 1 here. */
    printf("%d\n", JVMTI_VERSION >> 16 & 0xfff);
    (void)only_bit;
#else
#include "probe_rows.inc"
#endif
    return 0;
}
