/* Threads of three processes work under mutexes, semaphores and waits for all; nothing is lost or done twice. Contract: waits. */
#include "scenario.h"

struct Shared {
    LONG under_mutex, under_both, inside, most_inside;
};

enum { THREADS = 6, ROUNDS = 50, CHILDREN = 2 };

static HANDLE mutex, tokens, gate;
static Shared *shared;

static DWORD WINAPI works(void *)
{
    HANDLE both[] = {tokens, mutex};
    DWORD failed = WaitForSingleObject(gate, 60000);
    for (int round = 0; round < ROUNDS; round++) {
        failed += WaitForSingleObject(mutex, 60000);
        shared->under_mutex++;
        failed += !ReleaseMutex(mutex);

        failed += WaitForMultipleObjects(2, both, TRUE, 60000);
        shared->under_both++;
        failed += !ReleaseMutex(mutex);
        LONG inside = InterlockedIncrement(&shared->inside);
        if (inside > shared->most_inside)
            InterlockedExchange(&shared->most_inside, inside);
        InterlockedDecrement(&shared->inside);
        failed += !ReleaseSemaphore(tokens, 1, nullptr);
    }
    return failed;
}

static DWORD work()
{
    HANDLE thread[THREADS];
    DWORD failed = 0, code;
    for (HANDLE &each : thread)
        MUST(each = CreateThread(nullptr, 0, works, nullptr, 0, nullptr));
    MUST(WaitForMultipleObjects(THREADS, thread, TRUE, 60000) == WAIT_OBJECT_0);
    for (HANDLE each : thread) {
        MUST(GetExitCodeThread(each, &code));
        failed += code;
        CloseHandle(each);
    }
    return failed;
}

int main(int count, char **)
{
    MUST(mutex = CreateMutexA(nullptr, FALSE, NAME("mutex")));
    MUST(tokens = CreateSemaphoreA(nullptr, 2, 2, NAME("tokens")));
    MUST(gate = CreateEventA(nullptr, TRUE, FALSE, NAME("gate")));
    HANDLE mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE, 0, sizeof(Shared), NAME("shared"));
    MUST(shared = static_cast<Shared *>(MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, sizeof(Shared))));
    if (count > 1)
        return static_cast<int>(work());

    HANDLE child[CHILDREN];
    for (HANDLE &each : child)
        each = scenario_start_process("child");
    N(SetEvent(gate) ? work() : 1);
    N(WaitForMultipleObjects(CHILDREN, child, TRUE, 60000));
    for (HANDLE each : child)
        SAY("child", "%lu", (unsigned long)scenario_finish(each));

    const LONG all = (CHILDREN + 1) * THREADS * ROUNDS;
    SAY("under the mutex", "%d", shared->under_mutex == all);
    SAY("under both", "%d", shared->under_both == all);
    SAY("never more than there were tokens", "%d", shared->most_inside <= 2 && shared->inside == 0);
    N(WaitForSingleObject(tokens, 0));
    N(WaitForSingleObject(tokens, 0));
    N(WaitForSingleObject(tokens, 0));
    N(WaitForSingleObject(mutex, 0));
    return 0;
}
