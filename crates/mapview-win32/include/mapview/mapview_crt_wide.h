/* Text of 16-bit units: the standard functions under the names of the library, for TCHAR, and Microsoft's own. */
#ifndef MAPVIEW_CRT_WIDE_H
#define MAPVIEW_CRT_WIDE_H

#include "mapview_crt.h"
#include <stdio.h>

struct tm;

MAPVIEW_C_BEGIN

size_t mapview_wcslen(const WCHAR *text);
size_t mapview_wcsnlen(const WCHAR *text, size_t most);
WCHAR *mapview_wcscpy(WCHAR *to, const WCHAR *from);
WCHAR *mapview_wcsncpy(WCHAR *to, const WCHAR *from, size_t count);
WCHAR *mapview_wcscat(WCHAR *to, const WCHAR *from);
WCHAR *mapview_wcsncat(WCHAR *to, const WCHAR *from, size_t most);
int mapview_wcscmp(const WCHAR *a, const WCHAR *b);
int mapview_wcsncmp(const WCHAR *a, const WCHAR *b, size_t most);
WCHAR *mapview_wcschr(const WCHAR *text, WCHAR unit);
WCHAR *mapview_wcsrchr(const WCHAR *text, WCHAR unit);
WCHAR *mapview_wcsstr(const WCHAR *text, const WCHAR *what);
WCHAR *mapview_wcspbrk(const WCHAR *text, const WCHAR *set);
size_t mapview_wcsspn(const WCHAR *text, const WCHAR *set);
size_t mapview_wcscspn(const WCHAR *text, const WCHAR *set);
WCHAR *mapview_wcstok(WCHAR *text, const WCHAR *set, WCHAR **state);
size_t mapview_wcsxfrm(WCHAR *to, const WCHAR *from, size_t size);
long mapview_wcstol(const WCHAR *text, WCHAR **end, int base);
unsigned long mapview_wcstoul(const WCHAR *text, WCHAR **end, int base);
__extension__ long long mapview_wcstoll(const WCHAR *text, WCHAR **end, int base);
__extension__ unsigned long long mapview_wcstoull(const WCHAR *text, WCHAR **end, int base);
double mapview_wcstod(const WCHAR *text, WCHAR **end);
float mapview_wcstof(const WCHAR *text, WCHAR **end);
size_t mapview_wcsftime(WCHAR *to, size_t size, const WCHAR *format, const struct tm *time);
int mapview_fputws(const WCHAR *text, FILE *file);
unsigned mapview_fputwc(WCHAR unit, FILE *file);
unsigned mapview_fgetwc(FILE *file);
unsigned mapview_ungetwc(unsigned unit, FILE *file);
WCHAR *mapview_fgetws(WCHAR *buffer, int size, FILE *file);
size_t mapview_mbstowcs(WCHAR *to, const char *from, size_t size);
size_t mapview_wcstombs(char *to, const WCHAR *from, size_t size);
int mapview_vfwprintf(FILE *file, const WCHAR *format, va_list arguments);
int mapview_vswprintf(int mode, WCHAR *buffer, size_t size, const WCHAR *format, va_list arguments);
int mapview_vfwscanf(int secure, FILE *file, const WCHAR *format, va_list arguments);
int mapview_vswscanf(int secure, const WCHAR *text, const WCHAR *format, va_list arguments);
int mapview_itow(int64_t value, int is_signed, WCHAR *buffer, size_t size, int base);
errno_t mapview_wsplitpath(const WCHAR *path, WCHAR *const *places, const size_t *sizes);

int _wcsicmp(const WCHAR *a, const WCHAR *b) MAPVIEW_AS(mapview_wcsicmp);
int _wcsnicmp(const WCHAR *a, const WCHAR *b, size_t most) MAPVIEW_AS(mapview_wcsnicmp);
WCHAR *_wcsdup(const WCHAR *text) MAPVIEW_AS(mapview_wcsdup);
WCHAR *_wcslwr(WCHAR *text) MAPVIEW_AS(mapview_wcslwr);
WCHAR *_wcsupr(WCHAR *text) MAPVIEW_AS(mapview_wcsupr);
WCHAR *_wcsrev(WCHAR *text) MAPVIEW_AS(mapview_wcsrev);
errno_t wcscpy_s(WCHAR *to, rsize_t size, const WCHAR *from) MAPVIEW_AS(mapview_wcscpy_s);
errno_t wcsncpy_s(WCHAR *to, rsize_t size, const WCHAR *from, rsize_t count) MAPVIEW_AS(mapview_wcsncpy_s);
errno_t wcscat_s(WCHAR *to, rsize_t size, const WCHAR *from) MAPVIEW_AS(mapview_wcscat_s);
errno_t wcsncat_s(WCHAR *to, rsize_t size, const WCHAR *from, rsize_t count) MAPVIEW_AS(mapview_wcsncat_s);
WCHAR *wcstok_s(WCHAR *text, const WCHAR *set, WCHAR **state) MAPVIEW_AS(mapview_wcstok);
errno_t mbstowcs_s(size_t *done, WCHAR *to, size_t size, const char *from, size_t count) MAPVIEW_AS(mapview_mbstowcs_s);
errno_t wcstombs_s(size_t *done, char *to, size_t size, const WCHAR *from, size_t count) MAPVIEW_AS(mapview_wcstombs_s);
FILE *_wfopen(const WCHAR *name, const WCHAR *mode) MAPVIEW_AS(mapview_wfopen);
FILE *_wfreopen(const WCHAR *name, const WCHAR *mode, FILE *file) MAPVIEW_AS(mapview_wfreopen);
errno_t _wfopen_s(FILE **file, const WCHAR *name, const WCHAR *mode) MAPVIEW_AS(mapview_wfopen_s);
int _wremove(const WCHAR *name) MAPVIEW_AS(mapview_wremove);
int _wunlink(const WCHAR *name) MAPVIEW_AS(mapview_wremove);
int _wrename(const WCHAR *from, const WCHAR *to) MAPVIEW_AS(mapview_wrename);
int _waccess(const WCHAR *name, int mode) MAPVIEW_AS(mapview_waccess);
int _wmkdir(const WCHAR *name) MAPVIEW_AS(mapview_wmkdir);
int _wrmdir(const WCHAR *name) MAPVIEW_AS(mapview_wrmdir);
int _wchdir(const WCHAR *name) MAPVIEW_AS(mapview_wchdir);
WCHAR *_wgetcwd(WCHAR *buffer, int size) MAPVIEW_AS(mapview_wgetcwd);
WCHAR *_wgetenv(const WCHAR *name) MAPVIEW_AS(mapview_wgetenv);
int _wputenv(const WCHAR *setting) MAPVIEW_AS(mapview_wputenv);
int _wsystem(const WCHAR *command) MAPVIEW_AS(mapview_wsystem);

MAPVIEW_INLINE int _wtoi(const WCHAR *text)
{
    return (int)mapview_wcstol(text, NULL, 10);
}

MAPVIEW_INLINE long _wtol(const WCHAR *text)
{
    return mapview_wcstol(text, NULL, 10);
}

MAPVIEW_INLINE __int64 _wtoi64(const WCHAR *text)
{
    return mapview_wcstoll(text, NULL, 10);
}

MAPVIEW_INLINE double _wtof(const WCHAR *text)
{
    return mapview_wcstod(text, NULL);
}

MAPVIEW_INLINE __int64 _wcstoi64(const WCHAR *text, WCHAR **end, int base)
{
    return mapview_wcstoll(text, end, base);
}

MAPVIEW_INLINE unsigned __int64 _wcstoui64(const WCHAR *text, WCHAR **end, int base)
{
    return mapview_wcstoull(text, end, base);
}

MAPVIEW_INLINE WCHAR *_itow(int value, WCHAR *buffer, int base)
{
    mapview_itow(base == 10 ? (int64_t)value : (int64_t)(unsigned)value, 1, buffer, 34, base);
    return buffer;
}

MAPVIEW_INLINE WCHAR *_ultow(unsigned long value, WCHAR *buffer, int base)
{
    mapview_itow((int64_t)value, 0, buffer, 66, base);
    return buffer;
}

MAPVIEW_INLINE WCHAR *_i64tow(__int64 value, WCHAR *buffer, int base)
{
    mapview_itow(value, 1, buffer, 66, base);
    return buffer;
}

MAPVIEW_INLINE WCHAR *_ui64tow(unsigned __int64 value, WCHAR *buffer, int base)
{
    mapview_itow((int64_t)value, 0, buffer, 66, base);
    return buffer;
}

MAPVIEW_INLINE errno_t _itow_s(int value, WCHAR *buffer, size_t size, int base)
{
    return mapview_itow(base == 10 ? (int64_t)value : (int64_t)(unsigned)value, 1, buffer, size, base);
}

MAPVIEW_INLINE errno_t _i64tow_s(__int64 value, WCHAR *buffer, size_t size, int base)
{
    return mapview_itow(value, 1, buffer, size, base);
}

MAPVIEW_INLINE int _vsnwprintf(WCHAR *buffer, size_t size, const WCHAR *format, va_list arguments)
{
    return mapview_vswprintf(1, buffer, size, format, arguments);
}

MAPVIEW_INLINE int _snwprintf(WCHAR *buffer, size_t size, const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vswprintf(1, buffer, size, format, arguments))
}

MAPVIEW_INLINE int vswprintf_s(WCHAR *buffer, size_t size, const WCHAR *format, va_list arguments)
{
    return mapview_vswprintf(2, buffer, size, format, arguments);
}

MAPVIEW_INLINE int swprintf_s(WCHAR *buffer, size_t size, const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vswprintf(2, buffer, size, format, arguments))
}

/* At most `count` characters: _TRUNCATE, or a number below the size, cuts; else what is too long leaves "". */
MAPVIEW_INLINE int _vsnwprintf_s(WCHAR *buffer, size_t size, size_t count, const WCHAR *format, va_list arguments)
{
    int cuts = count == _TRUNCATE || count < size;
    return mapview_vswprintf(cuts ? 3 : 2, buffer, count < size ? count + 1 : size, format, arguments);
}

MAPVIEW_INLINE int _snwprintf_s(WCHAR *buffer, size_t size, size_t count, const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, _vsnwprintf_s(buffer, size, count, format, arguments))
}

MAPVIEW_INLINE int _vscwprintf(const WCHAR *format, va_list arguments)
{
    return mapview_vswprintf(0, NULL, 0, format, arguments);
}

MAPVIEW_INLINE int _scwprintf(const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vswprintf(0, NULL, 0, format, arguments))
}

MAPVIEW_INLINE int wprintf_s(const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfwprintf(stdout, format, arguments))
}

MAPVIEW_INLINE int fwprintf_s(FILE *file, const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfwprintf(file, format, arguments))
}

MAPVIEW_INLINE int swscanf_s(const WCHAR *text, const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vswscanf(1, text, format, arguments))
}

MAPVIEW_INLINE int wscanf_s(const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfwscanf(1, stdin, format, arguments))
}

MAPVIEW_INLINE int fwscanf_s(FILE *file, const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfwscanf(1, file, format, arguments))
}

MAPVIEW_INLINE int _putws(const WCHAR *text)
{
    return mapview_fputws(text, stdout) == EOF || putc('\n', stdout) == EOF ? EOF : 0;
}

MAPVIEW_INLINE errno_t _wsplitpath_s(const WCHAR *path, WCHAR *drive, size_t drive_size, WCHAR *directory,
                                     size_t directory_size, WCHAR *name, size_t name_size, WCHAR *extension,
                                     size_t extension_size)
{
    WCHAR *places[4];
    size_t sizes[4];
    places[0] = drive, places[1] = directory, places[2] = name, places[3] = extension;
    sizes[0] = drive_size, sizes[1] = directory_size, sizes[2] = name_size, sizes[3] = extension_size;
    return mapview_wsplitpath(path, places, sizes);
}

MAPVIEW_INLINE void _wsplitpath(const WCHAR *path, WCHAR *drive, WCHAR *directory, WCHAR *name, WCHAR *extension)
{
    (void)_wsplitpath_s(path, drive, _MAX_DRIVE, directory, _MAX_DIR, name, _MAX_FNAME, extension, _MAX_EXT);
}

MAPVIEW_C_END

#if defined(__cplusplus)
extern "C++" {
template <size_t N> inline errno_t wcscpy_s(WCHAR (&to)[N], const WCHAR *from)
{
    return wcscpy_s(to, N, from);
}

template <size_t N> inline errno_t wcsncpy_s(WCHAR (&to)[N], const WCHAR *from, rsize_t count)
{
    return wcsncpy_s(to, N, from, count);
}

template <size_t N> inline errno_t wcscat_s(WCHAR (&to)[N], const WCHAR *from)
{
    return wcscat_s(to, N, from);
}

template <size_t N> inline errno_t wcsncat_s(WCHAR (&to)[N], const WCHAR *from, rsize_t count)
{
    return wcsncat_s(to, N, from, count);
}

template <size_t N> inline int swprintf_s(WCHAR (&buffer)[N], const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vswprintf(2, buffer, N, format, arguments))
}

template <size_t N> inline int _snwprintf_s(WCHAR (&buffer)[N], size_t count, const WCHAR *format, ...)
{
    MAPVIEW_FORWARD(format, _vsnwprintf_s(buffer, N, count, format, arguments))
}
}
#endif

#endif
