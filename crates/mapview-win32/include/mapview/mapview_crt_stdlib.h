/* What Microsoft's <stdlib.h> has more. */
#ifndef MAPVIEW_CRT_STDLIB_H
#define MAPVIEW_CRT_STDLIB_H

#include "mapview_crt.h"
#include "mapview_crt_wide.h"
#include <errno.h>
#include <stdlib.h>

/* min and max come from windows.h, unless NOMINMAX keeps them away. */
#define __max(a, b) (((a) > (b)) ? (a) : (b))
#define __min(a, b) (((a) < (b)) ? (a) : (b))

MAPVIEW_C_BEGIN

int mapview_itoa(int64_t value, int is_signed, char *buffer, size_t size, int base);
errno_t mapview_splitpath(const char *path, char *const *places, const size_t *sizes);

/* Declared only, so that a program may have its own. */
char *itoa(int value, char *buffer, int base) MAPVIEW_AS(mapview_itoa_of_int);
int _putenv(const char *setting) MAPVIEW_AS(mapview_putenv);
errno_t getenv_s(size_t *needed, char *buffer, rsize_t size, const char *name) MAPVIEW_AS(mapview_getenv_s);
errno_t _dupenv_s(char **buffer, size_t *length, const char *name) MAPVIEW_AS(mapview_dupenv_s);
errno_t rand_s(unsigned *number) MAPVIEW_AS(mapview_rand_s);
void _aligned_free(void *block) MAPVIEW_AS(free);
void *_aligned_realloc(void *block, size_t size, size_t alignment) MAPVIEW_AS(mapview_aligned_realloc);
size_t _msize(void *block) MAPVIEW_AS(malloc_usable_size);
__int64 _strtoi64(const char *text, char **end, int base) MAPVIEW_AS(strtoll);
unsigned __int64 _strtoui64(const char *text, char **end, int base) MAPVIEW_AS(strtoull);
__int64 _atoi64(const char *text) MAPVIEW_AS(atoll);
int mapview_posix_memalign(void **block, size_t alignment, size_t size) MAPVIEW_AS(posix_memalign);
int mapview_setenv(const char *name, const char *value, int replace) MAPVIEW_AS(setenv);
int mapview_unsetenv(const char *name) MAPVIEW_AS(unsetenv);
void _exit(int status) __attribute__((__noreturn__));

/* Freed by _aligned_free, and here by free as well. */
MAPVIEW_INLINE void *_aligned_malloc(size_t size, size_t alignment)
{
    void *block = NULL;
    if (alignment < sizeof(void *))
        alignment = sizeof(void *);
    return mapview_posix_memalign(&block, alignment, size) == 0 ? block : NULL;
}

MAPVIEW_INLINE char *_itoa(int value, char *buffer, int base)
{
    mapview_itoa(base == 10 ? (int64_t)value : (int64_t)(unsigned)value, 1, buffer, 34, base);
    return buffer;
}

MAPVIEW_INLINE char *_ltoa(long value, char *buffer, int base)
{
    mapview_itoa(value, 1, buffer, 66, base);
    return buffer;
}

MAPVIEW_INLINE char *_ultoa(unsigned long value, char *buffer, int base)
{
    mapview_itoa((int64_t)value, 0, buffer, 66, base);
    return buffer;
}

MAPVIEW_INLINE char *_i64toa(__int64 value, char *buffer, int base)
{
    mapview_itoa(value, 1, buffer, 66, base);
    return buffer;
}

MAPVIEW_INLINE char *_ui64toa(unsigned __int64 value, char *buffer, int base)
{
    mapview_itoa((int64_t)value, 0, buffer, 66, base);
    return buffer;
}

MAPVIEW_INLINE errno_t _itoa_s(int value, char *buffer, size_t size, int base)
{
    return mapview_itoa(base == 10 ? (int64_t)value : (int64_t)(unsigned)value, 1, buffer, size, base);
}

MAPVIEW_INLINE errno_t _i64toa_s(__int64 value, char *buffer, size_t size, int base)
{
    return mapview_itoa(value, 1, buffer, size, base);
}

MAPVIEW_INLINE errno_t _ui64toa_s(unsigned __int64 value, char *buffer, size_t size, int base)
{
    return mapview_itoa((int64_t)value, 0, buffer, size, base);
}

MAPVIEW_INLINE errno_t _putenv_s(const char *name, const char *value)
{
    return (value != NULL && *value ? mapview_setenv(name, value, 1) : mapview_unsetenv(name)) == 0 ? 0 : errno;
}

MAPVIEW_INLINE errno_t _splitpath_s(const char *path, char *drive, size_t drive_size, char *directory,
                                    size_t directory_size, char *name, size_t name_size, char *extension,
                                    size_t extension_size)
{
    char *places[4];
    size_t sizes[4];
    places[0] = drive, places[1] = directory, places[2] = name, places[3] = extension;
    sizes[0] = drive_size, sizes[1] = directory_size, sizes[2] = name_size, sizes[3] = extension_size;
    return mapview_splitpath(path, places, sizes);
}

MAPVIEW_INLINE void _splitpath(const char *path, char *drive, char *directory, char *name, char *extension)
{
    (void)_splitpath_s(path, drive, _MAX_DRIVE, directory, _MAX_DIR, name, _MAX_FNAME, extension, _MAX_EXT);
}

MAPVIEW_INLINE unsigned short _byteswap_ushort(unsigned short value)
{
    return __builtin_bswap16(value);
}

MAPVIEW_INLINE unsigned _byteswap_ulong(unsigned value)
{
    return __builtin_bswap32(value);
}

MAPVIEW_INLINE unsigned __int64 _byteswap_uint64(unsigned __int64 value)
{
    return __builtin_bswap64(value);
}

MAPVIEW_INLINE unsigned _rotl(unsigned value, int count)
{
    return value << (count & 31) | value >> (-count & 31);
}

MAPVIEW_INLINE unsigned _rotr(unsigned value, int count)
{
    return value >> (count & 31) | value << (-count & 31);
}

MAPVIEW_C_END

#if defined(__cplusplus)
extern "C++" {
template <size_t N> inline errno_t _itoa_s(int value, char (&buffer)[N], int base)
{
    return _itoa_s(value, buffer, N, base);
}
}
#endif

#endif
