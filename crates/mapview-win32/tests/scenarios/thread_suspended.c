/* Suspending, resuming and terminating threads that run. */
#include "scenario.h"

static volatile LONG ticks;
static volatile LONG stop;
static HANDLE event;

static DWORD WINAPI spins(void *unused)
{
    (void)unused;
    while (!stop)
        InterlockedIncrement(&ticks);
    return 3;
}

static DWORD WINAPI uses_handles(void *unused)
{
    (void)unused;
    while (!stop) {
        HANDLE mutex = CreateMutexA(NULL, TRUE, NULL);
        SetEvent(event);
        ReleaseMutex(mutex);
        CloseHandle(mutex);
        InterlockedIncrement(&ticks);
    }
    return 4;
}

/* Whether the thread moves within some time. */
static int moves(int rounds)
{
    LONG before = ticks;
    while (rounds-- > 0 && ticks == before)
        Sleep(1);
    return ticks != before;
}

int main(void)
{
    HANDLE thread;
    DWORD code;
    int i, wrong = 0;

    MUST(event = CreateEventA(NULL, FALSE, FALSE, NULL));
    MUST(thread = CreateThread(NULL, 0, spins, NULL, 0, NULL));
    SAY("moves", "%d", moves(10000));
    N(SuspendThread(thread));
    moves(5);
    SAY("moves suspended", "%d", moves(30));
    N(SuspendThread(thread));
    N(ResumeThread(thread));
    SAY("moves suspended", "%d", moves(30));
    N(WaitForSingleObject(thread, 0));
    N(ResumeThread(thread));
    SAY("moves resumed", "%d", moves(10000));
    stop = 1;
    N(WaitForSingleObject(thread, 60000));
    B(GetExitCodeThread(thread, &code));
    SAY("exit code", "%lu", (unsigned long)code);
    CloseHandle(thread);
    stop = 0;

    /* A suspended thread keeps nothing that others need to go on. */
    MUST(thread = CreateThread(NULL, 0, uses_handles, NULL, 0, NULL));
    for (i = 0; i < 200; i++) {
        HANDLE other;
        wrong += !moves(10000);
        wrong += SuspendThread(thread) != 0;
        MUST(other = CreateEventA(NULL, FALSE, FALSE, NULL));
        wrong += !SetEvent(event);
        CloseHandle(other);
        wrong += ResumeThread(thread) != 1;
    }
    SAY("wrong", "%d", wrong);
    stop = 1;
    N(WaitForSingleObject(thread, 60000));
    CloseHandle(thread);
    stop = 0;

    /* Terminated while it runs, or stands. */
    for (i = 0; i < 2; i++) {
        MUST(thread = CreateThread(NULL, 0, spins, NULL, 0, NULL));
        SAY("moves", "%d", moves(10000));
        if (i == 1)
            N(SuspendThread(thread));
        B(TerminateThread(thread, 5 + i));
        N(WaitForSingleObject(thread, 60000));
        B(GetExitCodeThread(thread, &code));
        SAY("exit code", "%lu", (unsigned long)code);
        SAY("moves", "%d", moves(30));
        CloseHandle(thread);
    }
    N(SuspendThread(event));
    return 0;
}
