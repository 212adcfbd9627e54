/* Which waiters an event lets through, and what pulsing leaves behind. Contract: events. */
#include "scenario.h"

#define WAITERS 4

static HANDLE event, done, started;

static DWORD WINAPI waiter(void *unused)
{
    (void)unused;
    ReleaseSemaphore(started, 1, NULL);
    WaitForSingleObject(event, INFINITE);
    ReleaseSemaphore(done, 1, NULL);
    return 0;
}

static void count(const char *what)
{
    LONG through = 0;
    while (WaitForSingleObject(done, 0) == WAIT_OBJECT_0)
        through++;
    SAY(what, "%ld", (long)through);
}

int main(void)
{
    HANDLE thread[WAITERS];
    int i;

    MUST(done = CreateSemaphoreA(NULL, 0, 100, NULL));
    MUST(started = CreateSemaphoreA(NULL, 0, 100, NULL));

    /* Auto-reset: one set, one waiter. */
    event = H(CreateEventA(NULL, FALSE, FALSE, NULL));
    for (i = 0; i < WAITERS; i++)
        MUST(thread[i] = CreateThread(NULL, 0, waiter, NULL, 0, NULL));
    for (i = 0; i < WAITERS; i++)
        MUST(WaitForSingleObject(started, 60000) == WAIT_OBJECT_0);
    for (i = 0; i < WAITERS; i++) {
        B(SetEvent(event));
        N(WaitForSingleObject(done, 60000));
        count("besides");
    }
    N(WaitForMultipleObjects(WAITERS, thread, TRUE, 60000));
    N(WaitForSingleObject(event, 0));
    for (i = 0; i < WAITERS; i++)
        CloseHandle(thread[i]);
    CloseHandle(event);

    /* Manual-reset: one set, all waiters, also those that come later. */
    event = H(CreateEventW(NULL, TRUE, FALSE, NULL));
    for (i = 0; i < WAITERS; i++)
        MUST(thread[i] = CreateThread(NULL, 0, waiter, NULL, 0, NULL));
    B(SetEvent(event));
    N(WaitForMultipleObjects(WAITERS, thread, TRUE, 60000));
    count("through");
    N(WaitForSingleObject(event, 0));
    B(ResetEvent(event));
    N(WaitForSingleObject(event, 0));
    B(ResetEvent(event));

    /* A pulse lets nobody through who comes later. */
    B(PulseEvent(event));
    N(WaitForSingleObject(event, 0));
    B(SetEvent(event));
    B(PulseEvent(event));
    N(WaitForSingleObject(event, 0));
    CloseHandle(event);
    event = H(CreateEventExA(NULL, NULL, CREATE_EVENT_INITIAL_SET, EVENT_ALL_ACCESS));
    B(PulseEvent(event));
    N(WaitForSingleObject(event, 0));
    CloseHandle(event);

    event = H(CreateEventExW(NULL, NULL, CREATE_EVENT_INITIAL_SET | CREATE_EVENT_MANUAL_RESET, SYNCHRONIZE));
    N(WaitForSingleObject(event, 0));
    N(WaitForSingleObject(event, 0));
    B(SetEvent(event));
    B(ResetEvent(event));
    B(PulseEvent(event));
    return 0;
}
