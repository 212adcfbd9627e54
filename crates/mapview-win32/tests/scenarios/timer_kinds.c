/* Waitable timers: when they are due, and what a wait makes of them. Contract: waits, names. */
#include "scenario.h"

static LARGE_INTEGER relative(LONGLONG milliseconds)
{
    LARGE_INTEGER due;
    due.QuadPart = -milliseconds * 10000;
    return due;
}

static LARGE_INTEGER in_the_past(void)
{
    FILETIME now;
    LARGE_INTEGER due;
    GetSystemTimeAsFileTime(&now);
    due.LowPart = now.dwLowDateTime;
    due.HighPart = (LONG)now.dwHighDateTime;
    due.QuadPart -= 10000000;
    return due;
}

static LARGE_INTEGER at(LONGLONG milliseconds)
{
    LARGE_INTEGER due = in_the_past();
    due.QuadPart += 10000000 + milliseconds * 10000;
    return due;
}

int main(void)
{
    HANDLE automatic, manual, other, set[2];
    LARGE_INTEGER due, zero;
    int i, ticks = 0;

    zero.QuadPart = 0;
    automatic = H(CreateWaitableTimerA(NULL, FALSE, NULL));
    manual = H(CreateWaitableTimerW(NULL, TRUE, u"" SCENARIO u"-manual"));
    H(CreateWaitableTimerA(NULL, FALSE, NAME("manual")));
    H(CreateWaitableTimerExA(NULL, NAME("manual"), 0, TIMER_ALL_ACCESS));
    H(CreateWaitableTimerExW(NULL, NULL, CREATE_WAITABLE_TIMER_MANUAL_RESET, TIMER_ALL_ACCESS));
    other = H(OpenWaitableTimerA(TIMER_ALL_ACCESS, FALSE, NAME("manual")));
    H(OpenWaitableTimerW(TIMER_ALL_ACCESS, FALSE, u"" SCENARIO u"-missing"));
    H(OpenWaitableTimerA(TIMER_ALL_ACCESS, FALSE, NULL));

    N(WaitForSingleObject(automatic, 0));
    due = relative(300); /* so long that a busy machine does not come late for the next line */
    B(SetWaitableTimer(automatic, &due, 0, NULL, NULL, FALSE));
    N(WaitForSingleObject(automatic, 0));
    N(WaitForSingleObject(automatic, 60000));
    due = relative(20);
    N(WaitForSingleObject(automatic, 0));
    B(SetWaitableTimer(other, &due, 0, NULL, NULL, FALSE));
    N(WaitForSingleObject(manual, 60000));
    N(WaitForSingleObject(other, 0));
    N(WaitForSingleObject(manual, 0));

    /* Setting it again takes the signal back. */
    due = relative(600000);
    B(SetWaitableTimer(manual, &due, 0, NULL, NULL, FALSE));
    N(WaitForSingleObject(manual, 0));
    /* Cancelling leaves it as it is. */
    B(CancelWaitableTimer(manual));
    N(WaitForSingleObject(manual, 0));
    due = relative(0);
    B(SetWaitableTimer(manual, &due, 0, NULL, NULL, FALSE));
    N(WaitForSingleObject(manual, 60000));
    B(CancelWaitableTimer(manual));
    N(WaitForSingleObject(manual, 0));
    B(CancelWaitableTimer(manual));

    /* Times of the clock. */
    due = in_the_past();
    B(SetWaitableTimer(automatic, &due, 0, NULL, NULL, FALSE));
    N(WaitForSingleObject(automatic, 60000));
    B(SetWaitableTimer(automatic, &zero, 0, NULL, NULL, FALSE));
    N(WaitForSingleObject(automatic, 60000));
    due = at(30);
    B(SetWaitableTimer(automatic, &due, 0, NULL, NULL, FALSE));
    N(WaitForSingleObject(automatic, 60000));
    due = at(3600000);
    B(SetWaitableTimer(automatic, &due, 0, NULL, NULL, FALSE));
    N(WaitForSingleObject(automatic, 20));

    /* Again and again. */
    due = relative(1);
    B(SetWaitableTimer(automatic, &due, 10, NULL, NULL, FALSE));
    for (i = 0; i < 5; i++)
        ticks += WaitForSingleObject(automatic, 60000) == WAIT_OBJECT_0;
    SAY("ticks", "%d", ticks);
    B(CancelWaitableTimer(automatic));
    WaitForSingleObject(automatic, 0);
    N(WaitForSingleObject(automatic, 40));

    /* With other objects. */
    set[0] = automatic;
    set[1] = manual;
    due = relative(600000);
    B(SetWaitableTimer(manual, &due, 0, NULL, NULL, FALSE));
    due = relative(20);
    B(SetWaitableTimer(automatic, &due, 0, NULL, NULL, FALSE));
    N(WaitForMultipleObjects(2, set, TRUE, 60));
    N(WaitForMultipleObjects(2, set, FALSE, 60000));
    B(SetWaitableTimer(automatic, &due, 0, NULL, NULL, FALSE));
    B(SetWaitableTimer(manual, &due, 0, NULL, NULL, FALSE));
    N(WaitForMultipleObjects(2, set, TRUE, 60000));
    N(WaitForSingleObject(automatic, 0));
    N(WaitForSingleObject(manual, 0));

    B(SetWaitableTimer(NULL, &due, 0, NULL, NULL, FALSE));
    B(CancelWaitableTimer(NULL));
    ROW_B("FALSE 87", SetWaitableTimer(automatic, &due, -1, NULL, NULL, FALSE));
    other = H(OpenWaitableTimerA(SYNCHRONIZE, FALSE, NAME("manual")));
    B(SetWaitableTimer(other, &due, 0, NULL, NULL, FALSE));
    B(CancelWaitableTimer(other));
    other = H(OpenWaitableTimerA(TIMER_MODIFY_STATE, FALSE, NAME("manual")));
    N(WaitForSingleObject(other, 0));
    B(CancelWaitableTimer(other));
    B(SetEvent(other));
    return 0;
}
