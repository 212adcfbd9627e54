/* What the headers of the C runtime share. Microsoft's names stand for functions of the library that begin with
 * mapview_, or for functions of glibc that do the same. */
#ifndef MAPVIEW_CRT_H
#define MAPVIEW_CRT_H

#include "mapview_text.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef int errno_t;
typedef size_t rsize_t;

/* Declares a function under the name that it has in the library. */
#define MAPVIEW_AS(name) __asm__(#name)

#define _TRUNCATE ((size_t)-1)
#define STRUNCATE 80
#define _CRT_STRINGIZE_(text) #text
#define _CRT_STRINGIZE(text) _CRT_STRINGIZE_(text)

#ifndef _countof
#if defined(__cplusplus)
extern "C++" {
template <typename T, size_t N> char (*mapview_countof(T (&)[N]))[N];
}
#define _countof(array) (sizeof(*mapview_countof(array)) + 0)
#else
#define _countof(array) (sizeof(array) / sizeof((array)[0]))
#endif
#endif

#define _MAX_PATH 260
#define _MAX_DRIVE 3
#define _MAX_DIR 256
#define _MAX_FNAME 256
#define _MAX_EXT 256
#define _MAX_ENV 32767

/* A function with `...` that hands its arguments to one with a va_list. */
#define MAPVIEW_FORWARD(format, call)                                                                                      \
    va_list arguments;                                                                                                     \
    int result;                                                                                                            \
    va_start(arguments, format);                                                                                           \
    result = call;                                                                                                         \
    va_end(arguments);                                                                                                     \
    return result;

/* The size of a buffer that the program does not tell. */
#define MAPVIEW_UNBOUNDED ((size_t)0x7fffffff)

#endif
