/* Waits for several objects: which one ends them, and what they take. Contract: waits. */
#include "scenario.h"

static HANDLE mutex[2];

static DWORD WINAPI abandons(void *which)
{
    INT_PTR bits = (INT_PTR)which;
    if (bits & 1)
        WaitForSingleObject(mutex[0], INFINITE);
    if (bits & 2)
        WaitForSingleObject(mutex[1], INFINITE);
    return 0;
}

static void abandon(INT_PTR which)
{
    HANDLE thread = CreateThread(NULL, 0, abandons, (void *)which, 0, NULL);
    MUST(thread && WaitForSingleObject(thread, 60000) == WAIT_OBJECT_0);
    CloseHandle(thread);
}

int main(void)
{
    HANDLE automatic, manual, semaphore, set[MAXIMUM_WAIT_OBJECTS], three[3];
    LONG count;
    int i;

    MUST(automatic = CreateEventA(NULL, FALSE, FALSE, NULL));
    MUST(manual = CreateEventA(NULL, TRUE, FALSE, NULL));
    MUST(semaphore = CreateSemaphoreA(NULL, 0, 9, NULL));
    MUST(mutex[0] = CreateMutexA(NULL, FALSE, NULL));
    MUST(mutex[1] = CreateMutexA(NULL, FALSE, NULL));

    /* Any: the first in the list, and that one alone. */
    three[0] = semaphore;
    three[1] = automatic;
    three[2] = manual;
    N(WaitForMultipleObjects(3, three, FALSE, 0));
    SetEvent(manual);
    N(WaitForMultipleObjects(3, three, FALSE, INFINITE));
    SetEvent(automatic);
    N(WaitForMultipleObjects(3, three, FALSE, 0));
    N(WaitForMultipleObjects(3, three, FALSE, 0));
    SetEvent(automatic);
    ReleaseSemaphore(semaphore, 2, NULL);
    N(WaitForMultipleObjects(3, three, FALSE, 0));
    N(WaitForSingleObject(automatic, 0));
    B(ReleaseSemaphore(semaphore, 1, &count));
    SAY("count", "%ld", (long)count);

    /* All: everything at one instant, or nothing. */
    N(WaitForMultipleObjects(3, three, TRUE, 0));
    B(ReleaseSemaphore(semaphore, 1, &count));
    SAY("count", "%ld", (long)count);
    N(WaitForMultipleObjects(3, three, TRUE, 20));
    SetEvent(automatic);
    N(WaitForMultipleObjects(3, three, TRUE, INFINITE));
    N(WaitForSingleObject(automatic, 0));
    N(WaitForSingleObject(manual, 0));
    B(ReleaseSemaphore(semaphore, 1, &count));
    SAY("count", "%ld", (long)count);

    /* The same object twice. */
    three[0] = automatic;
    three[2] = automatic;
    three[1] = semaphore;
    N(WaitForMultipleObjects(3, three, FALSE, 0));
    ROW_N("0xffffffff 87", WaitForMultipleObjects(3, three, TRUE, 0));
    MUST(DuplicateHandle(GetCurrentProcess(), automatic, GetCurrentProcess(), &three[2], 0, FALSE,
                         DUPLICATE_SAME_ACCESS));
    ROW_N("0xffffffff 87", WaitForMultipleObjects(3, three, TRUE, 0));

    /* As many as there may be. */
    for (i = 0; i < MAXIMUM_WAIT_OBJECTS; i++)
        MUST(set[i] = CreateEventA(NULL, FALSE, FALSE, NULL));
    N(WaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS, set, FALSE, 0));
    SetEvent(set[63]);
    N(WaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS, set, FALSE, 0));
    for (i = 0; i < MAXIMUM_WAIT_OBJECTS; i++)
        SetEvent(set[i]);
    N(WaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS, set, TRUE, 0));
    N(WaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS, set, FALSE, 0));

    /* Abandoned mutexes. */
    three[0] = manual;
    three[1] = mutex[0];
    three[2] = mutex[1];
    abandon(2);
    ResetEvent(manual);
    N(WaitForMultipleObjects(2, &three[1], FALSE, 0));
    ReleaseMutex(mutex[0]);
    N(WaitForMultipleObjects(2, &three[0], FALSE, 0));
    ReleaseMutex(mutex[0]);
    N(WaitForSingleObject(mutex[1], 0));
    ReleaseMutex(mutex[1]);
    abandon(1);
    SetEvent(manual);
    N(WaitForMultipleObjects(3, three, FALSE, 0));
    ResetEvent(manual);
    N(WaitForMultipleObjects(3, three, FALSE, 0));
    B(ReleaseMutex(mutex[0]));
    N(WaitForMultipleObjects(3, three, FALSE, 0));
    B(ReleaseMutex(mutex[0]));
    abandon(3);
    N(WaitForMultipleObjects(3, three, TRUE, 0));
    SetEvent(manual);
    N(WaitForMultipleObjects(3, three, TRUE, 0));
    B(ReleaseMutex(mutex[0]));
    B(ReleaseMutex(mutex[1]));
    N(WaitForMultipleObjects(3, three, TRUE, 0));
    B(ReleaseMutex(mutex[0]));
    B(ReleaseMutex(mutex[1]));
    return 0;
}
