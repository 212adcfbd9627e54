/* One-time initialisation, with threads that wait for it and with those that race. */
#include "scenario.h"

static INIT_ONCE once = INIT_ONCE_STATIC_INIT, failing = INIT_ONCE_STATIC_INIT;
static LONG calls;

static BOOL CALLBACK initialise(PINIT_ONCE which, PVOID parameter, PVOID *context)
{
    InterlockedIncrement(&calls);
    *context = parameter;
    return which != &failing;
}

static DWORD WINAPI thread(LPVOID parameter)
{
    PVOID context = NULL;
    InitOnceExecuteOnce(&once, initialise, parameter, &context);
    return context == parameter;
}

int main(void)
{
    HANDLE threads[4];
    PVOID context = NULL;
    INIT_ONCE other = INIT_ONCE_STATIC_INIT;
    BOOL pending = 7;
    DWORD code, sum = 0;
    int index;

    for (index = 0; index < 4; index++)
        threads[index] = CreateThread(NULL, 0, thread, (LPVOID)(ULONG_PTR)0x40, 0, NULL);
    for (index = 0; index < 4; index++) {
        MUST(WaitForSingleObject(threads[index], 60000) == WAIT_OBJECT_0 && GetExitCodeThread(threads[index], &code));
        sum += code;
        CloseHandle(threads[index]);
    }
    SAY("calls", "%d, right %lu", (int)calls, (unsigned long)sum);
    B(InitOnceBeginInitialize(&once, INIT_ONCE_CHECK_ONLY, &pending, &context));
    SAY("done", "%d %d", (int)pending, (int)(ULONG_PTR)context);

    B(InitOnceExecuteOnce(&failing, initialise, NULL, &context));
    B(InitOnceExecuteOnce(&failing, initialise, NULL, &context));
    SAY("calls", "%d", (int)calls);

    B(InitOnceBeginInitialize(&other, INIT_ONCE_CHECK_ONLY, &pending, &context));
    B(InitOnceBeginInitialize(&other, 0, &pending, &context));
    SAY("pending", "%d", (int)pending);
    B(InitOnceBeginInitialize(&other, INIT_ONCE_ASYNC, &pending, &context));
    B(InitOnceComplete(&other, 0, (PVOID)(ULONG_PTR)3));
    B(InitOnceComplete(&other, INIT_ONCE_INIT_FAILED, NULL));
    B(InitOnceBeginInitialize(&other, INIT_ONCE_ASYNC, &pending, &context));
    B(InitOnceBeginInitialize(&other, INIT_ONCE_ASYNC, &pending, &context));
    B(InitOnceBeginInitialize(&other, 0, &pending, &context));
    B(InitOnceComplete(&other, INIT_ONCE_ASYNC, (PVOID)(ULONG_PTR)0x80));
    B(InitOnceComplete(&other, INIT_ONCE_ASYNC, (PVOID)(ULONG_PTR)0x90));
    B(InitOnceBeginInitialize(&other, INIT_ONCE_ASYNC, &pending, &context));
    SAY("done", "%d %x", (int)pending, (int)(ULONG_PTR)context);
    return 0;
}
