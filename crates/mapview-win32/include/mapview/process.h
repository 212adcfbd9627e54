/* Threads and processes as the C runtime has them. */
#ifndef MAPVIEW_PROCESS_H
#define MAPVIEW_PROCESS_H

#include "windows.h"
#include "mapview_crt.h"
#include <stdlib.h>

typedef void(__cdecl *_beginthread_proc_type)(void *);
typedef unsigned(__stdcall *_beginthreadex_proc_type)(void *);

MAPVIEW_C_BEGIN

int _getpid(void) MAPVIEW_AS(getpid);

/* The handle is the caller's to close. 0 if there is none. */
MAPVIEW_INLINE uintptr_t _beginthreadex(void *security, unsigned stack, _beginthreadex_proc_type start, void *argument,
                                        unsigned flags, unsigned *id)
{
    /* `unsigned` and DWORD are the same type, so the function is a thread's. */
    return (uintptr_t)CreateThread((LPSECURITY_ATTRIBUTES)security, stack, (LPTHREAD_START_ROUTINE)start, argument, flags,
                                   (LPDWORD)id);
}

MAPVIEW_INLINE void _endthreadex(unsigned code)
{
    ExitThread(code);
}

struct mapview_thread {
    _beginthread_proc_type start;
    void *argument;
    HANDLE handle;
};

/* The thread of _beginthread closes its own handle. */
MAPVIEW_INLINE DWORD WINAPI mapview_run_thread(LPVOID given)
{
    struct mapview_thread thread = *(struct mapview_thread *)given;
    free(given);
    thread.start(thread.argument);
    CloseHandle(thread.handle);
    return 0;
}

/* -1 if there is no thread. */
MAPVIEW_INLINE uintptr_t _beginthread(_beginthread_proc_type start, unsigned stack, void *argument)
{
    struct mapview_thread *thread = (struct mapview_thread *)malloc(sizeof *thread);
    HANDLE handle;
    if (thread == NULL)
        return (uintptr_t)-1;
    thread->start = start;
    thread->argument = argument;
    handle = CreateThread(NULL, stack, mapview_run_thread, thread, CREATE_SUSPENDED, NULL);
    if (handle == NULL) {
        free(thread);
        return (uintptr_t)-1;
    }
    thread->handle = handle;
    ResumeThread(handle);
    return (uintptr_t)handle;
}

/* The handle of a thread that ends this way stays open, as it does not know it. */
MAPVIEW_INLINE void _endthread(void)
{
    ExitThread(0);
}

MAPVIEW_C_END

#endif
