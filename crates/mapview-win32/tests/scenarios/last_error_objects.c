/* Which calls touch the last error when they succeed. Contract: last-error discipline. */
#include "scenario.h"

static DWORD WINAPI nothing(void *unused)
{
    (void)unused;
    return GetLastError(); /* each thread has its own */
}

int main(void)
{
    HANDLE event, mutex, semaphore, thread, copy, set[2];
    DWORD code;

    /* Create: 0 or 183. */
    event = H(CreateEventA(NULL, TRUE, FALSE, NAME("event")));
    mutex = H(CreateMutexA(NULL, TRUE, NAME("mutex")));
    semaphore = H(CreateSemaphoreA(NULL, 1, 2, NAME("semaphore")));
    H(CreateEventW(NULL, TRUE, FALSE, NULL));
    H(CreateEventExW(NULL, u"" SCENARIO u"-event", 0, SYNCHRONIZE));
    H(CreateMutexExW(NULL, u"" SCENARIO u"-mutex", 0, SYNCHRONIZE));
    H(CreateSemaphoreExW(NULL, 1, 2, u"" SCENARIO u"-semaphore", 0, SYNCHRONIZE));

    /* Open and everything else: as it was. */
    H(OpenEventA(SYNCHRONIZE, FALSE, NAME("event")));
    H(OpenMutexA(SYNCHRONIZE, FALSE, NAME("mutex")));
    H(OpenSemaphoreA(SYNCHRONIZE, FALSE, NAME("semaphore")));
    B(SetEvent(event));
    B(ResetEvent(event));
    B(PulseEvent(event));
    B(ReleaseMutex(mutex));
    B(ReleaseSemaphore(semaphore, 1, NULL));
    N(WaitForSingleObject(event, 0));
    N(WaitForSingleObject(event, 1));
    N(WaitForSingleObjectEx(event, 1, TRUE));
    N(WaitForSingleObject(semaphore, 0));
    N(WaitForSingleObject(semaphore, INFINITE));
    set[0] = event;
    set[1] = semaphore;
    N(WaitForMultipleObjects(2, set, FALSE, 0));
    N(WaitForMultipleObjects(2, set, TRUE, 1));
    N(WaitForMultipleObjectsEx(2, set, TRUE, 1, TRUE));
    B(SetEvent(event));
    N(WaitForMultipleObjects(2, set, FALSE, 0));
    N(SignalObjectAndWait(semaphore, event, 0, FALSE));
    N(SleepEx(0, TRUE));
    B(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    B(SetHandleInformation(copy, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
    B(GetHandleInformation(copy, &code));
    B(CloseHandle(copy));

    thread = H(CreateThread(NULL, 0, nothing, NULL, CREATE_SUSPENDED, NULL));
    N(ResumeThread(thread));
    N(WaitForSingleObject(thread, 60000));
    B(GetExitCodeThread(thread, &code));
    SAY("its last error was", "%lu", (unsigned long)code);
    B(GetExitCodeThread(event, &code));
    B(CloseHandle(thread));

    /* A failure says why, also after a success. */
    B(SetEvent(NULL));
    SetLastError(1);
    SAY("set", "%lu", (unsigned long)GetLastError());
    SetLastError(0xdeadbeef);
    SAY("set", "%lx", (unsigned long)GetLastError());
    return 0;
}
