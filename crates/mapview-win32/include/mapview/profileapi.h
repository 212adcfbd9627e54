/* The clock of high resolution. */
#ifndef MAPVIEW_PROFILEAPI_H
#define MAPVIEW_PROFILEAPI_H

#include "windef.h"

MAPVIEW_C_BEGIN

BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *lpPerformanceCount);
BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *lpFrequency);

MAPVIEW_C_END

#endif
