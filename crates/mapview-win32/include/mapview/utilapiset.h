/* The speaker. */
#ifndef MAPVIEW_UTILAPISET_H
#define MAPVIEW_UTILAPISET_H

#include "windef.h"

MAPVIEW_C_BEGIN

BOOL WINAPI Beep(DWORD dwFreq, DWORD dwDuration);

MAPVIEW_C_END

#endif
