/* Directories, under Microsoft's names. */
#ifndef MAPVIEW_DIRECT_H
#define MAPVIEW_DIRECT_H

#include "mapview_crt.h"
#include "mapview_crt_wide.h"

MAPVIEW_C_BEGIN

int mapview_mkdir(const char *name, unsigned mode) MAPVIEW_AS(mkdir);
int _rmdir(const char *name) MAPVIEW_AS(rmdir);
int _chdir(const char *name) MAPVIEW_AS(chdir);
char *mapview_getcwd(char *buffer, size_t size) MAPVIEW_AS(getcwd);

MAPVIEW_INLINE int _mkdir(const char *name)
{
    return mapview_mkdir(name, 0777);
}

MAPVIEW_INLINE char *_getcwd(char *buffer, int size)
{
    return mapview_getcwd(buffer, (size_t)size);
}

MAPVIEW_C_END

#endif
