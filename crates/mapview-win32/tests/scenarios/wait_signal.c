/* Signaling one object and waiting for another in one step. Contract: waits. */
#include "scenario.h"

static HANDLE ask, answer, mutex, pulsed;
static int asked;

static DWORD WINAPI answers(void *times)
{
    int i;
    for (i = 0; i < (int)(INT_PTR)times; i++) {
        WaitForSingleObject(ask, INFINITE);
        asked++;
        SetEvent(answer);
    }
    return 0;
}

static DWORD WINAPI pulses(void *unused)
{
    (void)unused;
    WaitForSingleObject(mutex, INFINITE);
    PulseEvent(pulsed);
    ReleaseMutex(mutex);
    return 0;
}

int main(void)
{
    HANDLE thread, semaphore, read_only;
    int i, failed = 0;

    ask = H(CreateEventA(NULL, FALSE, FALSE, NULL));
    answer = H(CreateEventA(NULL, FALSE, FALSE, NULL));
    pulsed = H(CreateEventA(NULL, TRUE, FALSE, NULL));
    mutex = H(CreateMutexA(NULL, FALSE, NULL));
    semaphore = H(CreateSemaphoreA(NULL, 0, 1, NULL));

    N(SignalObjectAndWait(ask, answer, 0, FALSE));
    N(WaitForSingleObject(ask, 0));
    N(SignalObjectAndWait(ask, ask, 0, FALSE));
    N(SignalObjectAndWait(semaphore, answer, 0, FALSE));
    N(SignalObjectAndWait(semaphore, answer, 0, FALSE));
    N(SignalObjectAndWait(semaphore, semaphore, 0, FALSE));
    N(SignalObjectAndWait(answer, semaphore, 0, FALSE));
    N(WaitForSingleObject(answer, 0));
    N(SignalObjectAndWait(mutex, answer, 0, FALSE));
    N(WaitForSingleObject(mutex, 0));
    N(SignalObjectAndWait(mutex, mutex, 0, FALSE));
    N(SignalObjectAndWait(mutex, answer, 0, FALSE));
    B(ReleaseMutex(mutex));

    MUST(thread = CreateThread(NULL, 0, answers, (void *)1000, 0, NULL));
    for (i = 0; i < 1000; i++)
        failed += SignalObjectAndWait(ask, answer, 60000, i & 1) != WAIT_OBJECT_0;
    N(WaitForSingleObject(thread, 60000));
    SAY("asked, failed", "%d %d", asked, failed);
    CloseHandle(thread);

    /* Nothing comes between the two steps: the pulse finds the waiter, every time. */
    for (i = 0; i < 200; i++) {
        MUST(WaitForSingleObject(mutex, 60000) == WAIT_OBJECT_0);
        MUST(thread = CreateThread(NULL, 0, pulses, NULL, 0, NULL));
        failed += SignalObjectAndWait(mutex, pulsed, 60000, FALSE) != WAIT_OBJECT_0;
        MUST(WaitForSingleObject(thread, 60000) == WAIT_OBJECT_0);
        CloseHandle(thread);
    }
    SAY("failed", "%d", failed);

    read_only = H(CreateEventExA(NULL, NULL, 0, SYNCHRONIZE));
    N(SignalObjectAndWait(read_only, ask, 0, FALSE));
    N(SignalObjectAndWait(ask, read_only, 0, FALSE));
    N(WaitForSingleObject(ask, 0));
    MUST(thread = CreateThread(NULL, 0, answers, NULL, 0, NULL));
    N(SignalObjectAndWait(thread, ask, 0, FALSE));
    N(SignalObjectAndWait(ask, thread, 60000, FALSE));
    return 0;
}
