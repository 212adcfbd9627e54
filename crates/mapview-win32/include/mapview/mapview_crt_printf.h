/* printf and scanf as sources for Windows mean them: "%lu" takes a DWORD, "%I64u" a ULONGLONG, "%ls" and "%S" UTF-16.
 *
 * windows.h includes this, since on Windows `long` has 32 bits: `printf("%lu", GetLastError())` is right there, and here
 * the C library would read 64 bits. Everything else is handed to the C library as it is. Of a `long` of Linux, "%ld" shows
 * the lower 32 bits; "%lld" and "%zu" are as everywhere. MAPVIEW_NO_PRINTF, defined before windows.h, turns it off. */
#ifndef MAPVIEW_CRT_PRINTF_H
#define MAPVIEW_CRT_PRINTF_H

/* First, because it takes macros with the names of its functions away. */
#if defined(__cplusplus)
#include <cstdio>
#endif
#include <stdio.h>

#ifndef MAPVIEW_NO_PRINTF

MAPVIEW_C_BEGIN

MAPVIEW_INLINE int mapview_vprintf(const char *format, va_list arguments)
{
    return mapview_vfprintf(stdout, format, arguments);
}

MAPVIEW_INLINE int mapview_printf(const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfprintf(stdout, format, arguments))
}

MAPVIEW_INLINE int mapview_fprintf(FILE *file, const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfprintf(file, format, arguments))
}

MAPVIEW_INLINE int mapview_vsprintf_any(char *buffer, const char *format, va_list arguments)
{
    return mapview_vsprintf(0, buffer, MAPVIEW_UNBOUNDED, format, arguments);
}

MAPVIEW_INLINE int mapview_sprintf(char *buffer, const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vsprintf(0, buffer, MAPVIEW_UNBOUNDED, format, arguments))
}

MAPVIEW_INLINE int mapview_vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
    return mapview_vsprintf(0, buffer, size, format, arguments);
}

MAPVIEW_INLINE int mapview_snprintf(char *buffer, size_t size, const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vsprintf(0, buffer, size, format, arguments))
}

MAPVIEW_INLINE int mapview_scanf(const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfscanf(0, stdin, format, arguments))
}

MAPVIEW_INLINE int mapview_fscanf(FILE *file, const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfscanf(0, file, format, arguments))
}

MAPVIEW_INLINE int mapview_sscanf(const char *text, const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vsscanf(0, text, format, arguments))
}

MAPVIEW_C_END

#if defined(__cplusplus)
namespace std
{
using ::mapview_fprintf;
using ::mapview_fscanf;
using ::mapview_printf;
using ::mapview_scanf;
using ::mapview_snprintf;
using ::mapview_sprintf;
using ::mapview_sscanf;
using ::mapview_vfprintf;
using ::mapview_vprintf;
using ::mapview_vsnprintf;
using ::mapview_vsprintf_any;
}
#endif

/* With parentheses only, so that __attribute__((format(printf, 1, 2))) stays what it is. */
#define printf(...) mapview_printf(__VA_ARGS__)
#define fprintf(...) mapview_fprintf(__VA_ARGS__)
#define sprintf(...) mapview_sprintf(__VA_ARGS__)
#define snprintf(...) mapview_snprintf(__VA_ARGS__)
#define vprintf(...) mapview_vprintf(__VA_ARGS__)
#define vfprintf(...) mapview_vfprintf(__VA_ARGS__)
#define vsprintf(...) mapview_vsprintf_any(__VA_ARGS__)
#define vsnprintf(...) mapview_vsnprintf(__VA_ARGS__)
#define scanf(...) mapview_scanf(__VA_ARGS__)
#define fscanf(...) mapview_fscanf(__VA_ARGS__)
#define sscanf(...) mapview_sscanf(__VA_ARGS__)

#endif

#endif
