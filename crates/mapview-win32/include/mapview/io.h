/* Descriptors, under Microsoft's names. They are those of Linux, and no text is translated. */
#ifndef MAPVIEW_IO_H
#define MAPVIEW_IO_H

#include "mapview_crt.h"
#include "mapview_crt_wide.h"
#include <stdint.h>

#ifndef _O_TEXT
#define _O_TEXT 0x4000
#define _O_BINARY 0x8000
#define _O_U16TEXT 0x20000
#define _O_U8TEXT 0x40000
#endif

MAPVIEW_C_BEGIN

int _access(const char *name, int mode) MAPVIEW_AS(access);
int _close(int descriptor) MAPVIEW_AS(close);
int _dup(int descriptor) MAPVIEW_AS(dup);
int _dup2(int descriptor, int other) MAPVIEW_AS(dup2);
int _isatty(int descriptor) MAPVIEW_AS(isatty);
int _unlink(const char *name) MAPVIEW_AS(unlink);
int _commit(int descriptor) MAPVIEW_AS(fsync);
ptrdiff_t mapview_read(int descriptor, void *buffer, size_t count) MAPVIEW_AS(read);
ptrdiff_t mapview_write(int descriptor, const void *buffer, size_t count) MAPVIEW_AS(write);
__int64 _lseeki64(int descriptor, __int64 offset, int origin) MAPVIEW_AS(lseek);
int _chsize(int descriptor, long size) MAPVIEW_AS(ftruncate);
int _chsize_s(int descriptor, __int64 size) MAPVIEW_AS(ftruncate);

MAPVIEW_INLINE int _read(int descriptor, void *buffer, unsigned count)
{
    return (int)mapview_read(descriptor, buffer, count);
}

MAPVIEW_INLINE int _write(int descriptor, const void *buffer, unsigned count)
{
    return (int)mapview_write(descriptor, buffer, count);
}

MAPVIEW_INLINE __int64 _filelengthi64(int descriptor)
{
    __int64 here = _lseeki64(descriptor, 0, 1), end = _lseeki64(descriptor, 0, 2);
    (void)_lseeki64(descriptor, here, 0);
    return end;
}

MAPVIEW_INLINE long _filelength(int descriptor)
{
    return (long)_filelengthi64(descriptor);
}

/* Binary is what all files are; UTF-8 is what wide text is written as. UTF-16 cannot be had. */
MAPVIEW_INLINE int _setmode(int descriptor, int mode)
{
    return descriptor < 0 || mode == _O_U16TEXT ? -1 : _O_BINARY;
}

MAPVIEW_C_END

#endif
