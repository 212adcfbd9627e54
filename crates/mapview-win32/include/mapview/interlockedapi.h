/* Lists that several threads push to and pop from; the Interlocked functions come with winnt.h. */
#ifndef MAPVIEW_INTERLOCKEDAPI_H
#define MAPVIEW_INTERLOCKEDAPI_H

#include "minwinbase.h"

MAPVIEW_C_BEGIN

VOID WINAPI InitializeSListHead(PSLIST_HEADER ListHead);
PSLIST_ENTRY WINAPI InterlockedPopEntrySList(PSLIST_HEADER ListHead);
PSLIST_ENTRY WINAPI InterlockedPushEntrySList(PSLIST_HEADER ListHead, PSLIST_ENTRY ListEntry);
PSLIST_ENTRY WINAPI InterlockedFlushSList(PSLIST_HEADER ListHead);
PSLIST_ENTRY WINAPI InterlockedPushListSListEx(PSLIST_HEADER ListHead, PSLIST_ENTRY List, PSLIST_ENTRY ListEnd,
                                               ULONG Count);
USHORT WINAPI QueryDepthSList(PSLIST_HEADER ListHead);

MAPVIEW_C_END

#endif
