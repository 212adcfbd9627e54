/* Pipes without a name. */
#ifndef MAPVIEW_NAMEDPIPEAPI_H
#define MAPVIEW_NAMEDPIPEAPI_H

#include "minwinbase.h"

MAPVIEW_C_BEGIN

BOOL WINAPI CreatePipe(PHANDLE hReadPipe, PHANDLE hWritePipe, LPSECURITY_ATTRIBUTES lpPipeAttributes, DWORD nSize);
BOOL WINAPI PeekNamedPipe(HANDLE hNamedPipe, LPVOID lpBuffer, DWORD nBufferSize, LPDWORD lpBytesRead,
                          LPDWORD lpTotalBytesAvail, LPDWORD lpBytesLeftThisMessage);

MAPVIEW_C_END

#endif
