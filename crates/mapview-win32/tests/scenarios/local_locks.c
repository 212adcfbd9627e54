/* Critical sections, slim locks and condition variables between threads. */
#include "scenario.h"

#define ROUNDS 2000

static CRITICAL_SECTION section;
static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE changed = CONDITION_VARIABLE_INIT;
static CONDITION_VARIABLE emptied = CONDITION_VARIABLE_INIT;
static int items, made, used, exclusive, plain;

static DWORD WINAPI counts(LPVOID parameter)
{
    int round;
    for (round = 0; round < ROUNDS; round++) {
        EnterCriticalSection(&section);
        EnterCriticalSection(&section);
        plain++;
        LeaveCriticalSection(&section);
        LeaveCriticalSection(&section);
        AcquireSRWLockExclusive(&lock);
        exclusive++;
        ReleaseSRWLockExclusive(&lock);
    }
    return parameter != NULL;
}

static DWORD WINAPI consumes(LPVOID parameter)
{
    for (;;) {
        EnterCriticalSection(&section);
        while (items == 0)
            SleepConditionVariableCS(&changed, &section, INFINITE);
        items--;
        if (++used > ROUNDS) {
            LeaveCriticalSection(&section);
            return parameter == NULL;
        }
        LeaveCriticalSection(&section);
        WakeConditionVariable(&emptied);
    }
}

static DWORD WINAPI tries(LPVOID parameter)
{
    DWORD result = TryEnterCriticalSection(&section) ? 1 : 0;
    result |= TryAcquireSRWLockExclusive(&lock) ? 2 : 0;
    result |= TryAcquireSRWLockShared(&lock) ? 4 : 0;
    if (result & 4)
        ReleaseSRWLockShared(&lock);
    return parameter ? result : 99;
}

static DWORD join(HANDLE thread)
{
    DWORD code = 1234;
    MUST(thread && WaitForSingleObject(thread, 60000) == WAIT_OBJECT_0);
    MUST(GetExitCodeThread(thread, &code));
    CloseHandle(thread);
    return code;
}

int main(void)
{
    HANDLE threads[4];
    int index;

    SAY("sizes", "%d %d %d", (int)sizeof section, (int)sizeof lock, (int)sizeof changed);
    InitializeCriticalSection(&section);
    for (index = 0; index < 4; index++)
        threads[index] = CreateThread(NULL, 0, counts, NULL, 0, NULL);
    for (index = 0; index < 4; index++)
        join(threads[index]);
    SAY("counted", "%d %d", plain, exclusive);

    EnterCriticalSection(&section);
    SAY("owner", "%d %d", section.OwningThread == (HANDLE)(ULONG_PTR)GetCurrentThreadId(), (int)section.RecursionCount);
    B(TryEnterCriticalSection(&section));
    SAY("recursion", "%d", (int)section.RecursionCount);
    LeaveCriticalSection(&section);
    AcquireSRWLockShared(&lock);
    N(join(CreateThread(NULL, 0, tries, &items, 0, NULL)));
    ReleaseSRWLockShared(&lock);
    LeaveCriticalSection(&section);

    B(SleepConditionVariableSRW(&changed, (AcquireSRWLockExclusive(&lock), &lock), 1, 0));
    SAY("still held", "%d", TryAcquireSRWLockExclusive(&lock));
    ReleaseSRWLockExclusive(&lock);

    threads[0] = CreateThread(NULL, 0, consumes, NULL, 0, NULL);
    while (made <= ROUNDS) {
        EnterCriticalSection(&section);
        while (items > 3)
            SleepConditionVariableCS(&emptied, &section, INFINITE);
        items++;
        made++;
        LeaveCriticalSection(&section);
        WakeAllConditionVariable(&changed);
    }
    N(join(threads[0]));
    SAY("consumed", "%d of %d", used, made);
    DeleteCriticalSection(&section);
    return 0;
}
