/* Threads from their start to their end. Contract: waits, handles. */
#include "scenario.h"

static HANDLE go, waiting;
static DWORD WINAPI returns(void *code)
{
    return (DWORD)(ULONG_PTR)code;
}

static DWORD WINAPI waits(void *code)
{
    SetEvent(waiting);
    WaitForSingleObject(go, INFINITE);
    return (DWORD)(ULONG_PTR)code;
}

static int deep(int levels)
{
    volatile char frame[64];
    frame[0] = (char)levels;
    if (levels == 0 && frame[0] == 0)
        ExitThread(77);
    return levels ? deep(levels - 1) + frame[0] : 0;
}

static DWORD WINAPI exits(void *levels)
{
    return (DWORD)deep((int)(INT_PTR)levels);
}

static void code_of(HANDLE thread)
{
    DWORD code = 4711;
    B(GetExitCodeThread(thread, &code));
    SAY("exit code", "%lu", (unsigned long)code);
}

static DWORD WINAPI big_stack(void *size)
{
    volatile char bytes[3 << 20];
    memset((void *)bytes, 1, sizeof bytes);
    return (DWORD)(ULONG_PTR)size + bytes[100];
}

static DWORD WINAPI is_itself(void *handle)
{
    DWORD id = GetCurrentThreadId();
    return (id == GetThreadId(*(HANDLE *)handle)) + 2 * (id == GetThreadId(GetCurrentThread()));
}

int main(void)
{
    HANDLE thread, other, own, many[MAXIMUM_WAIT_OBJECTS];
    DWORD id = 0, sum = 0, code;
    int i, round;

    MUST(go = CreateEventA(NULL, TRUE, FALSE, NULL));
    MUST(waiting = CreateEventA(NULL, FALSE, FALSE, NULL));
    thread = H(CreateThread(NULL, 0, waits, (void *)42, 0, &id));
    N(WaitForSingleObject(waiting, 60000));
    code_of(thread);
    N(WaitForSingleObject(thread, 0));
    SAY("its number", "%d", id != 0 && id == GetThreadId(thread) && id != GetCurrentThreadId());
    other = H(OpenThread(SYNCHRONIZE, FALSE, id));
    B(GetExitCodeThread(other, &code));
    B(TerminateThread(other, 1));
    N(SuspendThread(other));
    N(ResumeThread(other));
    N(QueueUserAPC(NULL, other, 0));
    B(SetEvent(go));
    N(WaitForSingleObject(other, 60000));
    N(WaitForSingleObject(thread, INFINITE));
    N(WaitForSingleObject(thread, 0));
    code_of(thread);
    H(OpenThread(SYNCHRONIZE, FALSE, 0));
    CloseHandle(thread);
    B(GetExitCodeThread(thread, &code));

    thread = H(CreateThread(NULL, 0, returns, (void *)STILL_ACTIVE, 0, NULL));
    N(WaitForSingleObject(thread, 60000));
    code_of(thread);
    CloseHandle(thread);
    thread = H(CreateThread(NULL, 0, exits, (void *)100, 0, NULL));
    N(WaitForSingleObject(thread, 60000));
    code_of(thread);
    CloseHandle(thread);
    thread = H(CreateThread(NULL, 4 << 20, big_stack, (void *)5, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL));
    N(WaitForSingleObject(thread, 60000));
    code_of(thread);
    CloseHandle(thread);

    /* Suspended until it is resumed as often. */
    thread = H(CreateThread(NULL, 0, is_itself, &thread, CREATE_SUSPENDED, &id));
    N(WaitForSingleObject(thread, 20));
    code_of(thread);
    N(SuspendThread(thread));
    N(SuspendThread(thread));
    N(ResumeThread(thread));
    N(ResumeThread(thread));
    N(WaitForSingleObject(thread, 20));
    N(ResumeThread(thread));
    N(WaitForSingleObject(thread, 60000));
    code_of(thread);
    N(ResumeThread(thread));
    N(SuspendThread(thread));
    CloseHandle(thread);

    /* Terminated before it began. */
    thread = H(CreateThread(NULL, 0, returns, (void *)1, CREATE_SUSPENDED, NULL));
    B(TerminateThread(thread, 99));
    N(WaitForSingleObject(thread, 60000));
    code_of(thread);
    CloseHandle(thread);

    /* The pseudo-handle becomes a real one, of the main thread too. */
    B(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &own, 0, FALSE,
                      DUPLICATE_SAME_ACCESS));
    N(WaitForSingleObject(own, 0));
    code_of(own);
    SAY("its number", "%d", GetThreadId(own) == GetCurrentThreadId());
    other = H(OpenThread(THREAD_ALL_ACCESS, FALSE, GetCurrentThreadId()));
    N(SuspendThread(NULL));
    N(ResumeThread(go));
    B(TerminateThread(go, 1));
    N(GetThreadId(go));
    SAY("number of none", "%lu", (unsigned long)GetThreadId(NULL));

    for (round = 0; round < 8; round++) {
        for (i = 0; i < MAXIMUM_WAIT_OBJECTS; i++)
            MUST(many[i] = CreateThread(NULL, 0x10000, returns, (void *)(INT_PTR)i, 0, NULL));
        MUST(WaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS, many, TRUE, 60000) == WAIT_OBJECT_0);
        for (i = 0; i < MAXIMUM_WAIT_OBJECTS; i++) {
            MUST(GetExitCodeThread(many[i], &code));
            CloseHandle(many[i]);
            sum += code;
        }
    }
    SAY("sum of exit codes", "%lu", (unsigned long)sum);
    return 0;
}
