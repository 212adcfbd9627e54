/* C of the nineties: counters of type long, Microsoft's keywords, capitals. */
#include <WINDOWS.H>
#include <Winbase.h>
#include <process.h>
#include <stdio.h>

#define THREADS 4
#define TURNS 1000

typedef unsigned __int64 QWORD;
static volatile long g_lCount = 0;
static volatile QWORD g_qwCount = 0;
__declspec(thread) static int t_nTurns;
static CRITICAL_SECTION g_cs;
static __declspec(align(16)) BYTE g_abBlock[16];

static __forceinline VOID FAR PASCAL Count(LPVOID lpv)
{
    InterlockedIncrement(&g_lCount);
    EnterCriticalSection((LPCRITICAL_SECTION)lpv);
    g_qwCount++;
    LeaveCriticalSection((LPCRITICAL_SECTION)lpv);
    t_nTurns++;
}

static unsigned __stdcall ThreadFunc(void *pv)
{
    register int i;
    for (i = 0; i < TURNS; i++)
        Count(pv);
    return t_nTurns == TURNS ? 0 : 1;
}

int __cdecl main(VOID)
{
    HANDLE ahThreads[THREADS];
    DWORD dwCode = 1, dwWorst = 0;
    unsigned uId;
    int i;
    InitializeCriticalSection(&g_cs);
    for (i = 0; i < THREADS; i++)
        ahThreads[i] = (HANDLE)_beginthreadex(NULL, 0, ThreadFunc, &g_cs, 0, &uId);
    if (WaitForMultipleObjects(THREADS, ahThreads, TRUE, INFINITE) != WAIT_OBJECT_0)
        return 1;
    for (i = 0; i < THREADS; i++)
    {
        GetExitCodeThread(ahThreads[i], &dwCode);
        dwWorst = max(dwWorst, dwCode);
        CloseHandle(ahThreads[i]);
    }
    DeleteCriticalSection(&g_cs);
    printf("%ld %I64u %d\n", g_lCount, g_qwCount, dwWorst == 0 && ((DWORD_PTR)g_abBlock & 15) == 0);
    return 0;
}
