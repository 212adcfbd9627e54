/* What a handle may do, and its duplicates. Contract: handles, access. */
#include "scenario.h"

static HANDLE duplicate(HANDLE handle, DWORD access, DWORD options)
{
    HANDLE copy = (HANDLE)(ULONG_PTR)0xbad;
    SetLastError(UNTOUCHED);
    if (!DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &copy, access, FALSE, options))
        SAY("no duplicate", "%d %lu", copy == NULL, (unsigned long)GetLastError());
    return copy;
}

int main(void)
{
    HANDLE event, semaphore, mutex, handle, none = NULL;

    event = H(CreateEventA(NULL, FALSE, FALSE, NAME("event")));
    semaphore = H(CreateSemaphoreA(NULL, 0, 9, NAME("semaphore")));
    mutex = H(CreateMutexA(NULL, FALSE, NAME("mutex")));

    handle = H(OpenEventA(SYNCHRONIZE, FALSE, NAME("event")));
    B(SetEvent(handle));
    N(WaitForSingleObject(handle, 0));
    /* What the source may do is no limit. */
    handle = duplicate(handle, EVENT_MODIFY_STATE, 0);
    B(SetEvent(handle));
    N(WaitForSingleObject(handle, 0));
    handle = duplicate(handle, 0, DUPLICATE_SAME_ACCESS);
    B(SetEvent(handle));
    N(WaitForSingleObject(handle, 0));
    handle = duplicate(handle, GENERIC_READ, 0);
    N(WaitForSingleObject(handle, 0));
    B(SetEvent(handle));
    handle = duplicate(event, GENERIC_EXECUTE, 0);
    N(WaitForSingleObject(handle, 0));
    B(ResetEvent(handle));
    handle = duplicate(event, GENERIC_WRITE, 0);
    B(ResetEvent(handle));
    N(WaitForSingleObject(handle, 0));
    handle = duplicate(event, GENERIC_ALL, 0);
    B(SetEvent(handle));
    N(WaitForSingleObject(handle, 0));
    handle = duplicate(event, MAXIMUM_ALLOWED, 0);
    B(SetEvent(handle));
    N(WaitForSingleObject(handle, 0));
    handle = duplicate(event, 0, 0);
    B(SetEvent(handle));
    N(WaitForSingleObject(handle, 0));
    B(CloseHandle(handle));
    handle = duplicate(event, 0, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE);
    SAY("the same value", "%d", handle == event);
    duplicate((HANDLE)(ULONG_PTR)0xdead0, 0, DUPLICATE_SAME_ACCESS);
    duplicate(NULL, 0, DUPLICATE_SAME_ACCESS);
    B(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), NULL, 0, FALSE, DUPLICATE_SAME_ACCESS));
    B(DuplicateHandle(NULL, event, GetCurrentProcess(), &none, 0, FALSE, DUPLICATE_SAME_ACCESS));

    handle = H(OpenSemaphoreA(SEMAPHORE_MODIFY_STATE, FALSE, NAME("semaphore")));
    B(ReleaseSemaphore(handle, 1, NULL));
    N(WaitForSingleObject(handle, 0));
    handle = H(OpenSemaphoreA(SYNCHRONIZE, FALSE, NAME("semaphore")));
    B(ReleaseSemaphore(handle, 1, NULL));
    N(WaitForSingleObject(handle, 0));
    handle = H(CreateSemaphoreExA(NULL, 0, 1, NAME("semaphore"), 0, SYNCHRONIZE | SEMAPHORE_MODIFY_STATE));
    B(ReleaseSemaphore(handle, 1, NULL));
    N(WaitForSingleObject(handle, 0));
    N(WaitForSingleObject(semaphore, 0));

    handle = H(CreateMutexExA(NULL, NAME("mutex"), 0, SYNCHRONIZE));
    N(WaitForSingleObject(handle, 0));
    B(ReleaseMutex(handle));
    handle = H(OpenMutexA(MUTEX_MODIFY_STATE, FALSE, NAME("mutex")));
    N(WaitForSingleObject(handle, 0));
    N(WaitForSingleObject(mutex, 0));
    B(ReleaseMutex(handle));

    ROW_H("NULL 5", OpenMutexA(0, FALSE, NAME("mutex")));
    ROW_H("NULL 5", OpenEventA(0, FALSE, NAME("event")));
    ROW_H("NULL 5", OpenSemaphoreA(0, FALSE, NAME("semaphore")));
    ROW_H("NULL 5", OpenMutexA(MUTEX_ALL_ACCESS | 2, FALSE, NAME("mutex")));
    ROW_H("NULL 5", OpenSemaphoreA(SEMAPHORE_ALL_ACCESS | 4, FALSE, NAME("semaphore")));
    ROW_H("NULL 1314", OpenEventA(EVENT_ALL_ACCESS | ACCESS_SYSTEM_SECURITY, FALSE, NAME("event")));
    H(OpenMutexA(0, FALSE, NAME("missing")));
    handle = H(OpenMutexA(MAXIMUM_ALLOWED, FALSE, NAME("mutex")));
    N(WaitForSingleObject(handle, 0));
    handle = H(OpenEventA(GENERIC_ALL, FALSE, NAME("event")));
    B(SetEvent(handle));
    return 0;
}
