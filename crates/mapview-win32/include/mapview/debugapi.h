/* Debuggers. */
#ifndef MAPVIEW_DEBUGAPI_H
#define MAPVIEW_DEBUGAPI_H

#include "windef.h"

MAPVIEW_C_BEGIN

VOID WINAPI DebugBreak(VOID);
BOOL WINAPI IsDebuggerPresent(VOID);
VOID WINAPI OutputDebugStringA(LPCSTR lpOutputString);
VOID WINAPI OutputDebugStringW(LPCWSTR lpOutputString);
#define OutputDebugString MAPVIEW_AW(OutputDebugString)

MAPVIEW_C_END

#endif
