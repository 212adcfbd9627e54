/* Timers that have a function called in the thread that set them. Contract: waits. */
#include "scenario.h"

static int calls, sane;
static HANDLE timer;

static void CALLBACK tick(void *argument, DWORD low, DWORD high)
{
    calls++;
    sane += argument == &calls && (low || high);
}

static void CALLBACK once(void *argument, DWORD low, DWORD high)
{
    (void)low;
    (void)high;
    calls += *(int *)argument;
    CancelWaitableTimer(timer);
}

static DWORD WINAPI sets(void *event)
{
    LARGE_INTEGER due;
    DWORD got;
    due.QuadPart = -10000;
    SetWaitableTimer(timer, &due, 0, tick, &calls, FALSE);
    got = WaitForSingleObjectEx(event, 60000, TRUE);
    return got;
}

int main(void)
{
    LARGE_INTEGER due;
    HANDLE event, thread;
    DWORD code;
    int ten = 10;

    MUST(timer = CreateWaitableTimerA(NULL, FALSE, NULL));
    MUST(event = CreateEventA(NULL, FALSE, FALSE, NULL));
    due.QuadPart = -10000;
    B(SetWaitableTimer(timer, &due, 0, tick, &calls, FALSE));
    N(WaitForSingleObject(timer, 60000));
    N(SleepEx(20, FALSE));
    SAY("calls", "%d %d", calls, sane);
    N(SleepEx(60000, TRUE));
    SAY("calls", "%d %d", calls, sane);
    N(SleepEx(10, TRUE));

    /* While it waits for something else. */
    B(SetWaitableTimer(timer, &due, 0, tick, &calls, FALSE));
    N(WaitForSingleObjectEx(event, 60000, TRUE));
    SAY("calls", "%d %d", calls, sane);

    /* Again and again; what was missed is made up for once. */
    B(SetWaitableTimer(timer, &due, 150, tick, &calls, FALSE));
    N(SleepEx(60000, TRUE));
    N(SleepEx(60000, TRUE));
    SAY("calls", "%d %d", calls, sane);
    Sleep(350);
    N(SleepEx(0, TRUE));
    SAY("calls", "%d %d", calls, sane);
    B(CancelWaitableTimer(timer));
    N(SleepEx(20, TRUE));

    /* Taken back before it was called. */
    B(SetWaitableTimer(timer, &due, 0, tick, &calls, FALSE));
    N(WaitForSingleObject(timer, 60000));
    B(CancelWaitableTimer(timer));
    N(SleepEx(20, TRUE));
    B(SetWaitableTimer(timer, &due, 0, tick, &calls, FALSE));
    N(WaitForSingleObject(timer, 60000));
    due.QuadPart = -6000000000;
    B(SetWaitableTimer(timer, &due, 0, tick, &calls, FALSE));
    N(SleepEx(20, TRUE));
    SAY("calls", "%d", calls);
    due.QuadPart = -10000;
    B(SetWaitableTimer(timer, &due, 5, once, &ten, FALSE));
    N(SleepEx(60000, TRUE));
    N(SleepEx(30, TRUE));
    SAY("calls", "%d", calls);

    /* In the thread that set it. */
    MUST(thread = CreateThread(NULL, 0, sets, event, 0, NULL));
    N(WaitForSingleObject(thread, 60000));
    B(GetExitCodeThread(thread, &code));
    SAY("there", "0x%lx", (unsigned long)code);
    SAY("calls", "%d", calls);
    CloseHandle(thread);
    return 0;
}
