/* Who owns a mutex, how often, and who may give it back. Contract: mutexes. */
#include "scenario.h"

static HANDLE mutex;

static DWORD WINAPI other_thread(void *unused)
{
    (void)unused;
    N(WaitForSingleObject(mutex, 0));
    B(ReleaseMutex(mutex));
    return 0;
}

static void in_other_thread(void)
{
    HANDLE thread = CreateThread(NULL, 0, other_thread, NULL, 0, NULL);
    MUST(thread && WaitForSingleObject(thread, 60000) == WAIT_OBJECT_0);
    CloseHandle(thread);
}

int main(void)
{
    HANDLE again, semaphore, none, name_only;
    int i, failed = 0;

    mutex = H(CreateMutexA(NULL, FALSE, NAME("mutex")));
    B(ReleaseMutex(mutex));
    N(WaitForSingleObject(mutex, 0));
    N(WaitForSingleObject(mutex, INFINITE));
    in_other_thread();
    B(ReleaseMutex(mutex));
    in_other_thread();
    B(ReleaseMutex(mutex));
    B(ReleaseMutex(mutex));
    in_other_thread();

    /* Any handle will do to lock it again and to give it back, because it is the thread that owns it. */
    again = H(OpenMutexA(SYNCHRONIZE, FALSE, NAME("mutex")));
    name_only = H(OpenMutexW(MUTEX_MODIFY_STATE, FALSE, u"" SCENARIO u"-mutex"));
    N(WaitForSingleObject(mutex, 0));
    N(WaitForSingleObject(again, 0));
    N(WaitForSingleObject(name_only, 0));
    B(ReleaseMutex(name_only));
    B(ReleaseMutex(again));
    B(ReleaseMutex(again));

    for (i = 0; i < 100000; i++)
        failed += WaitForSingleObject(mutex, 0) != WAIT_OBJECT_0;
    for (i = 0; i < 100000; i++)
        failed += !ReleaseMutex(mutex);
    SAY("of 100000 levels failed", "%d", failed);
    B(ReleaseMutex(mutex));

    /* Who finds it there does not own it. */
    CloseHandle(again);
    again = H(CreateMutexA(NULL, TRUE, NAME("mutex")));
    B(ReleaseMutex(again));
    CloseHandle(again);
    again = H(CreateMutexA(NULL, TRUE, NAME("another")));
    B(ReleaseMutex(again));
    B(ReleaseMutex(again));
    none = H(CreateMutexExA(NULL, NULL, CREATE_MUTEX_INITIAL_OWNER, MUTEX_ALL_ACCESS));
    B(ReleaseMutex(none));
    ROW_H("NULL 87", CreateMutexExA(NULL, NULL, 2, MUTEX_ALL_ACCESS));

    /* The last handle ends it, owned or not. */
    N(WaitForSingleObject(again, 0));
    B(CloseHandle(again));
    H(OpenMutexA(MUTEX_ALL_ACCESS, FALSE, NAME("another")));

    semaphore = H(CreateSemaphoreA(NULL, 0, 1, NULL));
    B(ReleaseMutex(semaphore));
    B(ReleaseMutex(NULL));
    B(ReleaseMutex((HANDLE)(ULONG_PTR)0xdead0));
    B(ReleaseMutex(GetCurrentThread()));
    return 0;
}
