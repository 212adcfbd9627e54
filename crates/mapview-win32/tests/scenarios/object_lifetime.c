/* A name lives as long as some handle of some process. Contract: names, handles. */
#include "scenario.h"

static HANDLE event;

static DWORD WINAPI waits(void *started)
{
    SetEvent((HANDLE)started);
    return WaitForSingleObject(event, INFINITE);
}

int main(int count, char **arguments)
{
    HANDLE first, second, third, process, go, thread;
    DWORD code;

    if (count > 1) {
        /* The child holds the object for a while, and leaves it to nobody. */
        MUST(first = OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, arguments[1]));
        MUST(go = OpenEventA(EVENT_ALL_ACCESS, FALSE, NAME("go")));
        MUST(SetEvent(go));
        MUST(WaitForSingleObject(first, 60000) == WAIT_OBJECT_0);
        TerminateProcess(GetCurrentProcess(), 5);
    }

    first = H(CreateSemaphoreA(NULL, 1, 2, NAME("semaphore")));
    second = H(OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, NAME("semaphore")));
    MUST(DuplicateHandle(GetCurrentProcess(), second, GetCurrentProcess(), &third, 0, FALSE, DUPLICATE_SAME_ACCESS));
    B(CloseHandle(first));
    B(CloseHandle(second));
    H(OpenSemaphoreA(SYNCHRONIZE, FALSE, NAME("semaphore")));
    N(WaitForSingleObject(third, 0));

    go = H(CreateEventA(NULL, FALSE, FALSE, NAME("go")));
    first = H(CreateSemaphoreA(NULL, 0, 1, NAME("child's")));
    process = scenario_start_process(NAME("child's"));
    N(WaitForSingleObject(go, 60000));
    second = H(OpenSemaphoreA(SEMAPHORE_MODIFY_STATE, FALSE, NAME("child's")));
    B(CloseHandle(first));
    B(ReleaseSemaphore(second, 1, NULL));
    B(CloseHandle(second));
    SAY("child", "%lu", (unsigned long)scenario_finish(process));
    H(OpenSemaphoreA(SYNCHRONIZE, FALSE, NAME("child's")));
    first = H(CreateSemaphoreA(NULL, 1, 1, NAME("child's")));
    N(WaitForSingleObject(first, 0));

    /* A new object of the same name knows nothing of the old one. */
    first = H(CreateEventA(NULL, TRUE, TRUE, NAME("state")));
    N(WaitForSingleObject(first, 0));
    B(CloseHandle(first));
    first = H(CreateEventA(NULL, TRUE, FALSE, NAME("state")));
    N(WaitForSingleObject(first, 0));

    /* Who waits keeps the object: a second handle can still end the wait. */
    event = H(CreateEventA(NULL, FALSE, FALSE, NAME("waited for")));
    second = H(OpenEventA(EVENT_MODIFY_STATE, FALSE, NAME("waited for")));
    MUST(thread = CreateThread(NULL, 0, waits, go, 0, NULL));
    N(WaitForSingleObject(go, 60000));
    B(CloseHandle(event));
    B(SetEvent(second));
    N(WaitForSingleObject(thread, 60000));
    B(GetExitCodeThread(thread, &code));
    return 0;
}
