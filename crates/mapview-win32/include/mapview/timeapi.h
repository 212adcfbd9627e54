/* The multimedia clock. */
#ifndef MAPVIEW_TIMEAPI_H
#define MAPVIEW_TIMEAPI_H

#include "windef.h"

typedef UINT MMRESULT;

#define TIMERR_NOERROR 0
#define TIMERR_NOCANDO 97

MAPVIEW_C_BEGIN

DWORD WINAPI timeGetTime(VOID);
MMRESULT WINAPI timeBeginPeriod(UINT uPeriod);
MMRESULT WINAPI timeEndPeriod(UINT uPeriod);

MAPVIEW_C_END

#endif
