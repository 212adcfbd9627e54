/* What Microsoft's <stdio.h> has more. Formats mean what they mean on Windows: "%I64d" has 64 bits, "%lu" 32. */
#ifndef MAPVIEW_CRT_STDIO_H
#define MAPVIEW_CRT_STDIO_H

#include "mapview_crt.h"
#include "mapview_crt_wide.h"
#include <stdio.h>

MAPVIEW_C_BEGIN

int mapview_vfprintf(FILE *file, const char *format, va_list arguments);
int mapview_vsprintf(int mode, char *buffer, size_t size, const char *format, va_list arguments);
int mapview_vfscanf(int secure, FILE *file, const char *format, va_list arguments);
int mapview_vsscanf(int secure, const char *text, const char *format, va_list arguments);

errno_t fopen_s(FILE **file, const char *name, const char *mode) MAPVIEW_AS(mapview_fopen_s);
int _fileno(FILE *file) MAPVIEW_AS(fileno);
int _fseeki64(FILE *file, __int64 offset, int origin) MAPVIEW_AS(fseeko);
__int64 _ftelli64(FILE *file) MAPVIEW_AS(ftello);
FILE *_popen(const char *command, const char *mode) MAPVIEW_AS(popen);
int _pclose(FILE *pipe) MAPVIEW_AS(pclose);
FILE *_fdopen(int descriptor, const char *mode) MAPVIEW_AS(fdopen);
int _unlink(const char *name) MAPVIEW_AS(unlink);

MAPVIEW_INLINE int _vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
    return mapview_vsprintf(1, buffer, size, format, arguments);
}

MAPVIEW_INLINE int _snprintf(char *buffer, size_t size, const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vsprintf(1, buffer, size, format, arguments))
}

MAPVIEW_INLINE int vsprintf_s(char *buffer, size_t size, const char *format, va_list arguments)
{
    return mapview_vsprintf(2, buffer, size, format, arguments);
}

MAPVIEW_INLINE int sprintf_s(char *buffer, size_t size, const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vsprintf(2, buffer, size, format, arguments))
}

/* At most `count` characters: _TRUNCATE, or a number below the size, cuts; else what is too long leaves "". */
MAPVIEW_INLINE int _vsnprintf_s(char *buffer, size_t size, size_t count, const char *format, va_list arguments)
{
    int cuts = count == _TRUNCATE || count < size;
    return mapview_vsprintf(cuts ? 3 : 2, buffer, count < size ? count + 1 : size, format, arguments);
}

MAPVIEW_INLINE int vsnprintf_s(char *buffer, size_t size, size_t count, const char *format, va_list arguments)
{
    return _vsnprintf_s(buffer, size, count, format, arguments);
}

MAPVIEW_INLINE int _snprintf_s(char *buffer, size_t size, size_t count, const char *format, ...)
{
    MAPVIEW_FORWARD(format, _vsnprintf_s(buffer, size, count, format, arguments))
}

MAPVIEW_INLINE int _vscprintf(const char *format, va_list arguments)
{
    return mapview_vsprintf(0, NULL, 0, format, arguments);
}

MAPVIEW_INLINE int _scprintf(const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vsprintf(0, NULL, 0, format, arguments))
}

MAPVIEW_INLINE int printf_s(const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfprintf(stdout, format, arguments))
}

MAPVIEW_INLINE int vprintf_s(const char *format, va_list arguments)
{
    return mapview_vfprintf(stdout, format, arguments);
}

MAPVIEW_INLINE int fprintf_s(FILE *file, const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfprintf(file, format, arguments))
}

MAPVIEW_INLINE int vfprintf_s(FILE *file, const char *format, va_list arguments)
{
    return mapview_vfprintf(file, format, arguments);
}

MAPVIEW_INLINE int scanf_s(const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfscanf(1, stdin, format, arguments))
}

MAPVIEW_INLINE int fscanf_s(FILE *file, const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfscanf(1, file, format, arguments))
}

MAPVIEW_INLINE int sscanf_s(const char *text, const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vsscanf(1, text, format, arguments))
}

/* The line without its end; a line that is too long leaves "". */
MAPVIEW_INLINE char *gets_s(char *buffer, size_t size)
{
    size_t length = 0;
    int next;
    if (buffer == NULL || size == 0)
        return NULL;
    while ((next = getchar()) != EOF && next != '\n') {
        if (length < size)
            buffer[length] = (char)next;
        length++;
    }
    buffer[length < size ? length : 0] = 0;
    return (next == EOF && length == 0) || length >= size ? NULL : buffer;
}

MAPVIEW_C_END

#if defined(__cplusplus)
extern "C++" {
template <size_t N> inline int sprintf_s(char (&buffer)[N], const char *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vsprintf(2, buffer, N, format, arguments))
}

template <size_t N> inline int vsprintf_s(char (&buffer)[N], const char *format, va_list arguments)
{
    return mapview_vsprintf(2, buffer, N, format, arguments);
}

template <size_t N> inline int _snprintf_s(char (&buffer)[N], size_t count, const char *format, ...)
{
    MAPVIEW_FORWARD(format, _vsnprintf_s(buffer, N, count, format, arguments))
}

template <size_t N> inline char *gets_s(char (&buffer)[N])
{
    return gets_s(buffer, N);
}
}
#endif

#endif
