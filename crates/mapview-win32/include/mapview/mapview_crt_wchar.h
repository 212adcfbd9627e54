/* The functions of <wchar.h> for a wchar_t of 16 bits (-fshort-wchar). Files hold UTF-8; formats mean what they mean on
 * Windows: "%s" is wide, "%l" before a number means 32 bits. */
#include <wchar.h>
#if __SIZEOF_WCHAR_T__ == 2 && defined(MAPVIEW_WCHAR_H) && !defined(MAPVIEW_CRT_WCHAR_H)
#define MAPVIEW_CRT_WCHAR_H

#include "mapview_crt.h"
#include "mapview_crt_wide.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tm;

/* The std::wstring inside libstdc++ is one of 32 bits, so the program must have its own. (<string> comes here before it
 * says that there is one.) */
#if defined(__cplusplus) && defined(_GLIBCXX_EXTERN_TEMPLATE)
#undef _GLIBCXX_EXTERN_TEMPLATE
#define _GLIBCXX_EXTERN_TEMPLATE -1
#endif

MAPVIEW_C_BEGIN

size_t wcslen(const wchar_t *text) MAPVIEW_AS(mapview_wcslen);
size_t wcsnlen(const wchar_t *text, size_t most) MAPVIEW_AS(mapview_wcsnlen);
wchar_t *wcscpy(wchar_t *to, const wchar_t *from) MAPVIEW_AS(mapview_wcscpy);
wchar_t *wcsncpy(wchar_t *to, const wchar_t *from, size_t count) MAPVIEW_AS(mapview_wcsncpy);
wchar_t *wcscat(wchar_t *to, const wchar_t *from) MAPVIEW_AS(mapview_wcscat);
wchar_t *wcsncat(wchar_t *to, const wchar_t *from, size_t most) MAPVIEW_AS(mapview_wcsncat);
int wcscmp(const wchar_t *a, const wchar_t *b) MAPVIEW_AS(mapview_wcscmp);
int wcsncmp(const wchar_t *a, const wchar_t *b, size_t most) MAPVIEW_AS(mapview_wcsncmp);
int wcscoll(const wchar_t *a, const wchar_t *b) MAPVIEW_AS(mapview_wcscmp);
int wcscasecmp(const wchar_t *a, const wchar_t *b) MAPVIEW_AS(mapview_wcsicmp);
int wcsncasecmp(const wchar_t *a, const wchar_t *b, size_t most) MAPVIEW_AS(mapview_wcsnicmp);
size_t wcsxfrm(wchar_t *to, const wchar_t *from, size_t size) MAPVIEW_AS(mapview_wcsxfrm);
size_t wcsspn(const wchar_t *text, const wchar_t *set) MAPVIEW_AS(mapview_wcsspn);
size_t wcscspn(const wchar_t *text, const wchar_t *set) MAPVIEW_AS(mapview_wcscspn);
wchar_t *wcstok(wchar_t *text, const wchar_t *set, wchar_t **state) MAPVIEW_AS(mapview_wcstok);
wchar_t *wcsdup(const wchar_t *text) MAPVIEW_AS(mapview_wcsdup);
int wmemcmp(const wchar_t *a, const wchar_t *b, size_t count) MAPVIEW_AS(mapview_wmemcmp);
wchar_t *wmemcpy(wchar_t *to, const wchar_t *from, size_t count) MAPVIEW_AS(mapview_wmemcpy);
wchar_t *wmemmove(wchar_t *to, const wchar_t *from, size_t count) MAPVIEW_AS(mapview_wmemcpy);
wchar_t *wmemset(wchar_t *to, wchar_t unit, size_t count) MAPVIEW_AS(mapview_wmemset);
long wcstol(const wchar_t *text, wchar_t **end, int base) MAPVIEW_AS(mapview_wcstol);
unsigned long wcstoul(const wchar_t *text, wchar_t **end, int base) MAPVIEW_AS(mapview_wcstoul);
__extension__ long long wcstoll(const wchar_t *text, wchar_t **end, int base) MAPVIEW_AS(mapview_wcstoll);
__extension__ unsigned long long wcstoull(const wchar_t *text, wchar_t **end, int base) MAPVIEW_AS(mapview_wcstoull);
double wcstod(const wchar_t *text, wchar_t **end) MAPVIEW_AS(mapview_wcstod);
float wcstof(const wchar_t *text, wchar_t **end) MAPVIEW_AS(mapview_wcstof);
size_t wcsftime(wchar_t *to, size_t size, const wchar_t *format, const struct tm *time) MAPVIEW_AS(mapview_wcsftime);
size_t mbrtowc(wchar_t *to, const char *from, size_t most, mbstate_t *state) MAPVIEW_AS(mapview_mbrtowc);
size_t wcrtomb(char *to, wchar_t unit, mbstate_t *state) MAPVIEW_AS(mapview_wcrtomb);
size_t mbsrtowcs(wchar_t *to, const char **from, size_t size, mbstate_t *state) MAPVIEW_AS(mapview_mbsrtowcs);
size_t wcsrtombs(char *to, const wchar_t **from, size_t size, mbstate_t *state) MAPVIEW_AS(mapview_wcsrtombs);
int fputws(const wchar_t *text, FILE *file) MAPVIEW_AS(mapview_fputws);
wint_t fputwc(wchar_t unit, FILE *file) MAPVIEW_AS(mapview_fputwc);
wint_t putwc(wchar_t unit, FILE *file) MAPVIEW_AS(mapview_fputwc);
wint_t fgetwc(FILE *file) MAPVIEW_AS(mapview_fgetwc);
wint_t getwc(FILE *file) MAPVIEW_AS(mapview_fgetwc);
wint_t ungetwc(wint_t unit, FILE *file) MAPVIEW_AS(mapview_ungetwc);
wchar_t *fgetws(wchar_t *buffer, int size, FILE *file) MAPVIEW_AS(mapview_fgetws);

/* In C++ they are overloaded where the compiler can have it so; else <cwchar> adds the second form. */
#if defined(__cplusplus) && defined(__CORRECT_ISO_CPP_WCHAR_H_PROTO)
extern "C++" {
const wchar_t *wcschr(const wchar_t *text, wchar_t unit) MAPVIEW_AS(mapview_wcschr);
wchar_t *wcschr(wchar_t *text, wchar_t unit) MAPVIEW_AS(mapview_wcschr);
const wchar_t *wcsrchr(const wchar_t *text, wchar_t unit) MAPVIEW_AS(mapview_wcsrchr);
wchar_t *wcsrchr(wchar_t *text, wchar_t unit) MAPVIEW_AS(mapview_wcsrchr);
const wchar_t *wcsstr(const wchar_t *text, const wchar_t *what) MAPVIEW_AS(mapview_wcsstr);
wchar_t *wcsstr(wchar_t *text, const wchar_t *what) MAPVIEW_AS(mapview_wcsstr);
const wchar_t *wcspbrk(const wchar_t *text, const wchar_t *set) MAPVIEW_AS(mapview_wcspbrk);
wchar_t *wcspbrk(wchar_t *text, const wchar_t *set) MAPVIEW_AS(mapview_wcspbrk);
const wchar_t *wmemchr(const wchar_t *from, wchar_t unit, size_t count) MAPVIEW_AS(mapview_wmemchr);
wchar_t *wmemchr(wchar_t *from, wchar_t unit, size_t count) MAPVIEW_AS(mapview_wmemchr);
}
#else
wchar_t *wcschr(const wchar_t *text, wchar_t unit) MAPVIEW_AS(mapview_wcschr);
wchar_t *wcsrchr(const wchar_t *text, wchar_t unit) MAPVIEW_AS(mapview_wcsrchr);
wchar_t *wcsstr(const wchar_t *text, const wchar_t *what) MAPVIEW_AS(mapview_wcsstr);
wchar_t *wcspbrk(const wchar_t *text, const wchar_t *set) MAPVIEW_AS(mapview_wcspbrk);
wchar_t *wmemchr(const wchar_t *from, wchar_t unit, size_t count) MAPVIEW_AS(mapview_wmemchr);
#endif

MAPVIEW_INLINE wint_t putwchar(wchar_t unit)
{
    return fputwc(unit, stdout);
}

MAPVIEW_INLINE wint_t getwchar(void)
{
    return fgetwc(stdin);
}

MAPVIEW_INLINE long double wcstold(const wchar_t *text, wchar_t **end)
{
    char *narrow = (char *)malloc(wcslen(text) + 1), *stopped;
    long double number = 0;
    size_t length = 0;
    if (narrow == NULL)
        return 0;
    while (text[length] != 0 && text[length] < 0x80) {
        narrow[length] = (char)text[length];
        length++;
    }
    narrow[length] = 0;
    number = strtold(narrow, &stopped);
    if (end)
        *end = (wchar_t *)text + (stopped - narrow);
    free(narrow);
    return number;
}

MAPVIEW_INLINE int vfwprintf(FILE *file, const wchar_t *format, va_list arguments)
{
    return mapview_vfwprintf(file, format, arguments);
}

MAPVIEW_INLINE int vwprintf(const wchar_t *format, va_list arguments)
{
    return mapview_vfwprintf(stdout, format, arguments);
}

MAPVIEW_INLINE int fwprintf(FILE *file, const wchar_t *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfwprintf(file, format, arguments))
}

MAPVIEW_INLINE int wprintf(const wchar_t *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfwprintf(stdout, format, arguments))
}

MAPVIEW_INLINE int vfwscanf(FILE *file, const wchar_t *format, va_list arguments)
{
    return mapview_vfwscanf(0, file, format, arguments);
}

MAPVIEW_INLINE int vwscanf(const wchar_t *format, va_list arguments)
{
    return mapview_vfwscanf(0, stdin, format, arguments);
}

MAPVIEW_INLINE int vswscanf(const wchar_t *text, const wchar_t *format, va_list arguments)
{
    return mapview_vswscanf(0, text, format, arguments);
}

MAPVIEW_INLINE int fwscanf(FILE *file, const wchar_t *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfwscanf(0, file, format, arguments))
}

MAPVIEW_INLINE int wscanf(const wchar_t *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vfwscanf(0, stdin, format, arguments))
}

MAPVIEW_INLINE int swscanf(const wchar_t *text, const wchar_t *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vswscanf(0, text, format, arguments))
}

/* swprintf with the size of the buffer, as C has it, and without, as old sources for Windows have it. */
#if defined(__cplusplus)
MAPVIEW_INLINE int vswprintf(wchar_t *buffer, size_t size, const wchar_t *format, va_list arguments)
{
    return mapview_vswprintf(3, buffer, size, format, arguments);
}

MAPVIEW_INLINE int swprintf(wchar_t *buffer, size_t size, const wchar_t *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vswprintf(3, buffer, size, format, arguments))
}

extern "C++" {
MAPVIEW_INLINE int vswprintf(wchar_t *buffer, const wchar_t *format, va_list arguments)
{
    return mapview_vswprintf(0, buffer, MAPVIEW_UNBOUNDED, format, arguments);
}

MAPVIEW_INLINE int swprintf(wchar_t *buffer, const wchar_t *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vswprintf(0, buffer, MAPVIEW_UNBOUNDED, format, arguments))
}
}
#else
MAPVIEW_INLINE int mapview_swprintf_3(wchar_t *buffer, size_t size, const wchar_t *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vswprintf(3, buffer, size, format, arguments))
}

MAPVIEW_INLINE int mapview_swprintf_2(wchar_t *buffer, const wchar_t *format, ...)
{
    MAPVIEW_FORWARD(format, mapview_vswprintf(0, buffer, MAPVIEW_UNBOUNDED, format, arguments))
}

MAPVIEW_INLINE int vswprintf(wchar_t *buffer, size_t size, const wchar_t *format, va_list arguments)
{
    return mapview_vswprintf(3, buffer, size, format, arguments);
}

/* 5 is the class of pointers. */
#define MAPVIEW_FIRST(first, ...) first
#define swprintf(buffer, ...)                                                                                              \
    __builtin_choose_expr(__builtin_classify_type(MAPVIEW_FIRST(__VA_ARGS__, 0)) == 5, mapview_swprintf_2,                 \
                          mapview_swprintf_3)(buffer, __VA_ARGS__)
#endif

MAPVIEW_C_END

#endif
