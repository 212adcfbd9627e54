/* A vectored handler commits memory when it is touched, and is told of guard pages and of what is forbidden. */
#include "memory_rows.h"

static char *base;
static int touched, asked_last;

/* Prints what it is told, and mends it. */
static LONG CALLBACK mend(EXCEPTION_POINTERS *exception)
{
    EXCEPTION_RECORD *record = exception->ExceptionRecord;
    char *address = (char *)record->ExceptionInformation[1];
    DWORD old;
    touched++;
    SAY("exception", "%lx flags %lx %lu: access %lu at %lx", (unsigned long)record->ExceptionCode,
        (unsigned long)record->ExceptionFlags, (unsigned long)record->NumberParameters,
        (unsigned long)record->ExceptionInformation[0], (long)(address - base));
    if (record->ExceptionAddress != (void *)(ULONG_PTR)exception->ContextRecord->Rip)
        SAY("address", "is not Rip");
    if (address < base || address >= base + 16 * PAGE)
        return EXCEPTION_CONTINUE_SEARCH;
    if (record->ExceptionCode == STATUS_GUARD_PAGE_VIOLATION)
        return EXCEPTION_CONTINUE_EXECUTION;
    if (VirtualAlloc(address, 1, MEM_COMMIT, PAGE_READWRITE) == NULL && !VirtualProtect(address, 1, PAGE_READWRITE, &old))
        return EXCEPTION_CONTINUE_SEARCH;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static LONG CALLBACK last(EXCEPTION_POINTERS *exception)
{
    (void)exception;
    asked_last++;
    return EXCEPTION_CONTINUE_SEARCH;
}

static DWORD WINAPI touch(void *argument)
{
    volatile char *page = argument;
    *page = 5;
    return (DWORD)*page;
}

int main(void)
{
    volatile char *p;
    void *handler, *other;
    HANDLE thread;
    DWORD old, code = 0;
    int i, sum = 0;

    base = VirtualAlloc(NULL, 16 * PAGE, MEM_RESERVE, PAGE_READWRITE);
    MUST(base);
    p = base;
    other = P(AddVectoredExceptionHandler(0, last));
    handler = P(AddVectoredExceptionHandler(1, mend));

    /* Memory that is committed when it is used. */
    for (i = 0; i < 3; i++)
        p[i * PAGE + 7] = (char)(i + 1);
    for (i = 0; i < 3; i++)
        sum += p[i * PAGE + 7];
    SAY("sum", "%d after %d touches", sum, touched);
    SAY("new memory", "%d", p[3 * PAGE]);
    ROW(base, base);

    /* A guard page tells once. */
    MUST(VirtualProtect(base, PAGE, PAGE_READWRITE | PAGE_GUARD, &old));
    SAY("guarded", "%d", p[7]);
    SAY("and again", "%d", p[7]);
    ROW(base, base);

    MUST(VirtualProtect(base + PAGE, PAGE, PAGE_READONLY, &old));
    SAY("read", "%d", p[PAGE + 7]);
    p[PAGE + 7] = 9;
    SAY("written", "%d", p[PAGE + 7]);
    MUST(VirtualProtect(base + 2 * PAGE, PAGE, PAGE_NOACCESS, &old));
    SAY("read", "%d", p[2 * PAGE + 7]);

    /* In another thread. */
    thread = CreateThread(NULL, 0, touch, base + 8 * PAGE, 0, NULL);
    MUST(thread && WaitForSingleObject(thread, 60000) == WAIT_OBJECT_0 && GetExitCodeThread(thread, &code));
    SAY("thread", "%lu", (unsigned long)code);
    SAY("asked last", "%d", asked_last);
    N(RemoveVectoredExceptionHandler(handler));
    N(RemoveVectoredExceptionHandler(handler));
    N(RemoveVectoredExceptionHandler(other));
    return 0;
}
