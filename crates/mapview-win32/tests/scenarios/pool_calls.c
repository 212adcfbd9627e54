/* Work that threads of the system do: items, timers and waits. */
#include "scenario.h"

static HANDLE done, hold, entered;
static volatile LONG count, timeouts;

static DWORD WINAPI item(void *argument)
{
    if (InterlockedIncrement(&count) == (LONG)(LONG_PTR)argument)
        SetEvent(done);
    return 0;
}

static void CALLBACK call(void *argument, BOOLEAN by_time)
{
    InterlockedIncrement(&count);
    if (by_time)
        InterlockedIncrement(&timeouts);
    if (argument)
        ReleaseSemaphore((HANDLE)argument, 1, NULL);
}

static void CALLBACK holds(void *argument, BOOLEAN by_time)
{
    (void)argument;
    (void)by_time;
    SetEvent(entered);
    WaitForSingleObject(hold, INFINITE);
    InterlockedIncrement(&count);
}

int main(void)
{
    HANDLE queue, timer, wait, event, counted;
    int i, queued = 0;

    MUST(done = CreateEventA(NULL, FALSE, FALSE, NULL));
    MUST(hold = CreateEventA(NULL, TRUE, FALSE, NULL));
    MUST(entered = CreateEventA(NULL, FALSE, FALSE, NULL));
    MUST(event = CreateEventA(NULL, FALSE, FALSE, NULL));
    MUST(counted = CreateSemaphoreA(NULL, 0, 1000, NULL));

    for (i = 0; i < 500; i++)
        queued += QueueUserWorkItem(item, (void *)500, WT_EXECUTEDEFAULT);
    SAY("queued", "%d", queued);
    N(WaitForSingleObject(done, 60000));
    SAY("done", "%ld", (long)count);

    /* Timers: once, again and again, never. */
    count = timeouts = 0;
    queue = H(CreateTimerQueue());
    B(CreateTimerQueueTimer(&timer, queue, call, counted, 1, 0, 0));
    N(WaitForSingleObject(counted, 60000));
    N(WaitForSingleObject(counted, 30));
    B(DeleteTimerQueueTimer(queue, timer, INVALID_HANDLE_VALUE));
    B(CreateTimerQueueTimer(&timer, queue, call, counted, 0, 5, WT_EXECUTEINTIMERTHREAD));
    for (i = 0; i < 4; i++)
        MUST(WaitForSingleObject(counted, 60000) == WAIT_OBJECT_0);
    B(ChangeTimerQueueTimer(queue, timer, 3600000, 0));
    B(DeleteTimerQueueTimer(queue, timer, INVALID_HANDLE_VALUE));
    SAY("all by time", "%d", count == timeouts && count >= 5);
    while (WaitForSingleObject(counted, 0) == WAIT_OBJECT_0)
        ;
    B(CreateTimerQueueTimer(&timer, NULL, call, counted, 3600000, 0, WT_EXECUTEONLYONCE));
    N(WaitForSingleObject(counted, 20));
    ROW_B("TRUE", DeleteTimerQueueTimer(NULL, timer, NULL));

    /* One that runs while it is deleted. */
    count = 0;
    B(CreateTimerQueueTimer(&timer, queue, holds, NULL, 0, 0, WT_EXECUTEONLYONCE));
    N(WaitForSingleObject(entered, 60000));
    B(DeleteTimerQueueTimer(queue, timer, event));
    N(WaitForSingleObject(event, 20));
    SetEvent(hold);
    N(WaitForSingleObject(event, 60000));
    SAY("it ran to its end", "%ld", (long)count);
    B(DeleteTimerQueueEx(queue, INVALID_HANDLE_VALUE));

    /* Waits. */
    count = timeouts = 0;
    B(RegisterWaitForSingleObject(&wait, event, call, counted, INFINITE, WT_EXECUTEDEFAULT));
    for (i = 0; i < 3; i++) {
        SetEvent(event);
        MUST(WaitForSingleObject(counted, 60000) == WAIT_OBJECT_0);
    }
    B(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    SetEvent(event);
    N(WaitForSingleObject(counted, 20));
    /* The thread that waits for others in Wine 8 may still take the event, though nobody is called. */
    ROW_N("0x0", WaitForSingleObject(event, 0));
    SAY("calls, time-outs", "%ld %ld", (long)count, (long)timeouts);
    B(RegisterWaitForSingleObject(&wait, event, call, counted, 10, WT_EXECUTEONLYONCE));
    N(WaitForSingleObject(counted, 60000));
    N(WaitForSingleObject(counted, 40));
    B(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    SAY("calls, time-outs", "%ld %ld", (long)count, (long)timeouts);
    ROW_B("FALSE 6", RegisterWaitForSingleObject(&wait, NULL, call, counted, INFINITE, 0));
    return 0;
}
