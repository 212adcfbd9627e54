/* The debug heap. As in programs for Windows that are built without it, its calls are nothing, and assertions are those of
 * <assert.h> if _DEBUG is defined. */
#ifndef MAPVIEW_CRTDBG_H
#define MAPVIEW_CRTDBG_H

#include <assert.h>

#define _CRT_WARN 0
#define _CRT_ERROR 1
#define _CRT_ASSERT 2
#define _CRTDBG_MODE_FILE 1
#define _CRTDBG_MODE_DEBUG 2
#define _CRTDBG_MODE_WNDW 4
#define _CRTDBG_REPORT_MODE (-1)
#define _CRTDBG_FILE_STDOUT ((void *)-4)
#define _CRTDBG_FILE_STDERR ((void *)-5)
#define _CRTDBG_ALLOC_MEM_DF 1
#define _CRTDBG_DELAY_FREE_MEM_DF 2
#define _CRTDBG_CHECK_ALWAYS_DF 4
#define _CRTDBG_CHECK_CRT_DF 16
#define _CRTDBG_LEAK_CHECK_DF 32
#define _CRTDBG_REPORT_FLAG (-1)

#ifdef _DEBUG
#define _ASSERT(condition) assert(condition)
#define _ASSERTE(condition) assert(condition)
#else
#define _ASSERT(condition) ((void)0)
#define _ASSERTE(condition) ((void)0)
#endif
#define _RPT0(...) ((void)0)
#define _RPT1(...) ((void)0)
#define _RPTF0(...) ((void)0)

#define _CrtSetReportMode(type, mode) ((int)0)
#define _CrtSetReportFile(type, file) ((void *)0)
#define _CrtSetDbgFlag(flags) ((int)0)
#define _CrtSetBreakAlloc(number) ((long)0)
#define _CrtDumpMemoryLeaks() ((int)0)
#define _CrtCheckMemory() ((int)1)

#endif
