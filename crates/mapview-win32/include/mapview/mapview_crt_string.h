/* What Microsoft's <string.h> has more. */
#ifndef MAPVIEW_CRT_STRING_H
#define MAPVIEW_CRT_STRING_H

#include "mapview_crt.h"
#include <string.h>

MAPVIEW_C_BEGIN

int _stricmp(const char *a, const char *b) MAPVIEW_AS(strcasecmp);
int _strnicmp(const char *a, const char *b, size_t most) MAPVIEW_AS(strncasecmp);
int _strcmpi(const char *a, const char *b) MAPVIEW_AS(strcasecmp);
int stricmp(const char *a, const char *b) MAPVIEW_AS(strcasecmp);
int strnicmp(const char *a, const char *b, size_t most) MAPVIEW_AS(strncasecmp);
char *_strdup(const char *text) MAPVIEW_AS(strdup);
char *_strlwr(char *text) MAPVIEW_AS(mapview_strlwr);
char *_strupr(char *text) MAPVIEW_AS(mapview_strupr);
char *_strrev(char *text) MAPVIEW_AS(mapview_strrev);
errno_t strcpy_s(char *to, rsize_t size, const char *from) MAPVIEW_AS(mapview_strcpy_s);
errno_t strncpy_s(char *to, rsize_t size, const char *from, rsize_t count) MAPVIEW_AS(mapview_strncpy_s);
errno_t strcat_s(char *to, rsize_t size, const char *from) MAPVIEW_AS(mapview_strcat_s);
errno_t strncat_s(char *to, rsize_t size, const char *from, rsize_t count) MAPVIEW_AS(mapview_strncat_s);
char *strtok_s(char *text, const char *set, char **state) MAPVIEW_AS(strtok_r);
errno_t memcpy_s(void *to, rsize_t size, const void *from, rsize_t count) MAPVIEW_AS(mapview_memmove_s);
errno_t memmove_s(void *to, rsize_t size, const void *from, rsize_t count) MAPVIEW_AS(mapview_memmove_s);

MAPVIEW_INLINE size_t strnlen_s(const char *text, size_t most)
{
    const char *end = text == NULL ? NULL : (const char *)memchr(text, 0, most);
    return text == NULL ? 0 : end == NULL ? most : (size_t)(end - text);
}

MAPVIEW_INLINE errno_t strerror_s(char *buffer, size_t size, int error)
{
    errno_t result = strncpy_s(buffer, size, strerror(error), _TRUNCATE);
    return result == STRUNCATE ? 0 : result;
}

MAPVIEW_C_END

#if defined(__cplusplus)
extern "C++" {
template <size_t N> inline errno_t strcpy_s(char (&to)[N], const char *from)
{
    return strcpy_s(to, N, from);
}

template <size_t N> inline errno_t strncpy_s(char (&to)[N], const char *from, rsize_t count)
{
    return strncpy_s(to, N, from, count);
}

template <size_t N> inline errno_t strcat_s(char (&to)[N], const char *from)
{
    return strcat_s(to, N, from);
}

template <size_t N> inline errno_t strncat_s(char (&to)[N], const char *from, rsize_t count)
{
    return strncat_s(to, N, from, count);
}
}
#endif

#endif
