/* How a filter ends processes with the exceptions that nobody handles, and how raised ones go on. */
#include "memory_rows.h"

static LONG WINAPI filter(EXCEPTION_POINTERS *exception)
{
    SAY("filter", "%lx %lu", (unsigned long)exception->ExceptionRecord->ExceptionCode,
        (unsigned long)exception->ExceptionRecord->NumberParameters);
    return EXCEPTION_EXECUTE_HANDLER;
}

static LONG CALLBACK go_on(EXCEPTION_POINTERS *exception)
{
    EXCEPTION_RECORD *record = exception->ExceptionRecord;
    if (record->ExceptionCode == 0xE0001234) {
        SAY("raised", "%lu %lx %lx", (unsigned long)record->NumberParameters, (unsigned long)record->ExceptionInformation[0],
            (unsigned long)record->ExceptionInformation[1]);
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

/* Past the sanitizers, which would have it first. */
static void trouble(const char *kind)
{
    volatile char *nowhere = (volatile char *)0x10;
    int quotient = 100;
    if (strcmp(kind, "write") == 0)
        *nowhere = 1;
    else if (strcmp(kind, "divide") == 0)
        __asm__ volatile("cltd\n\tidivl %1" : "+a"(quotient) : "r"(0) : "edx");
    else if (strcmp(kind, "illegal") == 0)
        __builtin_trap();
    else if (strcmp(kind, "raise") == 0)
        RaiseException(0xE0005678, 0, 0, NULL);
}

static void child(const char *arguments)
{
    DWORD code = scenario_finish(scenario_start_process(arguments));
    SAY(arguments, "%lx", (unsigned long)code);
}

int main(int argc, char **argv)
{
    ULONG_PTR arguments[2] = {0x11, 0x22};
    int first, second;

    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    if (argc > 2) {
        SetUnhandledExceptionFilter(filter);
        trouble(argv[2]);
        return 0;
    }
    child("filtered write");
    child("filtered divide");
    child("filtered illegal");
    child("filtered raise");

    MUST(AddVectoredExceptionHandler(1, go_on));
    RaiseException(0xE0001234, 0, 2, arguments);
    SAY("went on", "1");
    SetUnhandledExceptionFilter(filter);
    first = SetUnhandledExceptionFilter(NULL) == filter;
    second = SetUnhandledExceptionFilter(filter) == NULL;
    SAY("filters", "%d %d", first, second);
    return 0;
}
