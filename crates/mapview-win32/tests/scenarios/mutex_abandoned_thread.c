/* What becomes of the mutexes of a thread that ends, in whatever way. Contract: mutexes, waits. */
#include "scenario.h"

static HANDLE mutex[3], ready;

static DWORD WINAPI returns(void *times)
{
    int i;
    for (i = 0; i < (int)(INT_PTR)times; i++)
        WaitForSingleObject(mutex[0], INFINITE);
    return 11;
}

static DWORD WINAPI exits(void *unused)
{
    (void)unused;
    WaitForMultipleObjects(3, mutex, TRUE, INFINITE);
    ExitThread(12);
}

static DWORD WINAPI is_terminated(void *unused)
{
    (void)unused;
    WaitForSingleObject(mutex[1], INFINITE);
    SetEvent(ready);
    Sleep(INFINITE);
    return 0;
}

static HANDLE start(LPTHREAD_START_ROUTINE function, INT_PTR argument)
{
    HANDLE thread = CreateThread(NULL, 0, function, (void *)argument, 0, NULL);
    MUST(thread);
    return thread;
}

static DWORD WINAPI waits_long(void *unused)
{
    (void)unused;
    return WaitForSingleObject(mutex[2], INFINITE);
}

int main(void)
{
    HANDLE thread, both[2];
    DWORD code;
    int i, missed = 0;

    for (i = 0; i < 3; i++)
        MUST(mutex[i] = CreateMutexA(NULL, FALSE, NULL));
    MUST(ready = CreateEventA(NULL, FALSE, FALSE, NULL));

    /* Whoever has seen the thread end sees the mutex abandoned, every time. */
    for (i = 0; i < 50; i++) {
        thread = start(returns, 3);
        MUST(WaitForSingleObject(thread, 60000) == WAIT_OBJECT_0);
        missed += WaitForSingleObject(mutex[0], 0) != WAIT_ABANDONED;
        missed += !ReleaseMutex(mutex[0]);
        missed += ReleaseMutex(mutex[0]); /* owned three times by the dead, once by this thread */
        CloseHandle(thread);
    }
    SAY("missed", "%d", missed);
    N(WaitForSingleObject(mutex[0], 0));
    B(ReleaseMutex(mutex[0]));

    thread = start(exits, 0);
    N(WaitForSingleObject(thread, 60000));
    B(GetExitCodeThread(thread, &code));
    SAY("exit code", "%lu", (unsigned long)code);
    CloseHandle(thread);
    N(WaitForMultipleObjects(3, mutex, FALSE, 0));
    N(WaitForMultipleObjects(3, mutex, TRUE, 0));
    N(WaitForMultipleObjects(3, mutex, TRUE, 0));
    for (i = 0; i < 3; i++)
        while (ReleaseMutex(mutex[i]))
            ;

    thread = start(is_terminated, 0);
    N(WaitForSingleObject(ready, 60000));
    N(WaitForSingleObject(mutex[1], 0));
    B(TerminateThread(thread, 13));
    N(WaitForSingleObject(thread, 60000));
    N(WaitForSingleObject(mutex[1], 0));
    B(ReleaseMutex(mutex[1]));
    N(WaitForSingleObject(mutex[1], 0));
    B(ReleaseMutex(mutex[1]));
    B(GetExitCodeThread(thread, &code));
    SAY("exit code", "%lu", (unsigned long)code);
    CloseHandle(thread);

    /* Thread and mutex in one wait. */
    thread = start(returns, 1);
    both[0] = mutex[0];
    both[1] = thread;
    N(WaitForMultipleObjects(2, both, TRUE, 60000));
    B(ReleaseMutex(mutex[0]));
    CloseHandle(thread);

    /* Who sleeps for it is told. */
    MUST(WaitForSingleObject(mutex[2], 0) == WAIT_OBJECT_0);
    thread = start(waits_long, 0);
    B(ReleaseMutex(mutex[2]));
    N(WaitForSingleObject(thread, 60000));
    B(GetExitCodeThread(thread, &code));
    SAY("waiter got", "0x%lx", (unsigned long)code);
    N(WaitForSingleObject(mutex[2], 60000));
    return 0;
}
