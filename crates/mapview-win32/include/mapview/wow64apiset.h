/* Whether a process has another word size than the system. */
#ifndef MAPVIEW_WOW64APISET_H
#define MAPVIEW_WOW64APISET_H

#include "windef.h"

MAPVIEW_C_BEGIN

BOOL WINAPI IsWow64Process(HANDLE hProcess, PBOOL Wow64Process);

MAPVIEW_C_END

#endif
