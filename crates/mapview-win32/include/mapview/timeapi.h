/* The multimedia timer, as far as it tells the time. */
#ifndef MAPVIEW_TIMEAPI_H
#define MAPVIEW_TIMEAPI_H

#include "minwindef.h"

typedef UINT MMRESULT;
#define TIMERR_NOERROR 0
#define TIMERR_NOCANDO 97

MAPVIEW_C_BEGIN

DWORD WINAPI timeGetTime(void);
MMRESULT WINAPI timeBeginPeriod(UINT uPeriod);
MMRESULT WINAPI timeEndPeriod(UINT uPeriod);

MAPVIEW_C_END

#endif
