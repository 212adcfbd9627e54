/* Storage of a fiber, which here is that of a thread. */
#ifndef MAPVIEW_FIBERSAPI_H
#define MAPVIEW_FIBERSAPI_H

#include "minwinbase.h"

MAPVIEW_C_BEGIN

DWORD WINAPI FlsAlloc(PFLS_CALLBACK_FUNCTION lpCallback);
PVOID WINAPI FlsGetValue(DWORD dwFlsIndex);
BOOL WINAPI FlsSetValue(DWORD dwFlsIndex, PVOID lpFlsData);
BOOL WINAPI FlsFree(DWORD dwFlsIndex);
BOOL WINAPI IsThreadAFiber(VOID);

MAPVIEW_C_END

#endif
