/* What a process holds when it is terminated: its mutexes are abandoned, its handles closed, names that only it had end.
 * Contract: mutex, handles. */
#include "starting.h"

int main(int count, char **arguments)
{
    HANDLE named, unnamed, ready, child;
    SECURITY_ATTRIBUTES inherit = { sizeof inherit, NULL, TRUE };
    char text[64];
    if (count > 1) {
        void *first, *second;
        MUST(sscanf(arguments[1], "%p", &first) == 1 && sscanf(arguments[2], "%p", &second) == 1);
        MUST(WaitForSingleObject(first, 0) == WAIT_OBJECT_0);
        MUST(WaitForSingleObject(first, 0) == WAIT_OBJECT_0); /* twice */
        named = OpenMutexA(SYNCHRONIZE, FALSE, NAME("mutex"));
        MUST(WaitForSingleObject(named, 0) == WAIT_OBJECT_0);
        MUST(CreateEventA(NULL, TRUE, FALSE, NAME("only here")));
        MUST(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, NAME("mapping only here")));
        SetEvent(second);
        Sleep(INFINITE);
    }
    unnamed = CreateMutexA(&inherit, FALSE, NULL);
    named = CreateMutexA(NULL, FALSE, NAME("mutex"));
    ready = CreateEventA(&inherit, TRUE, FALSE, NULL);
    sprintf(text, "%p %p", unnamed, ready);
    child = scenario_start_process(text);
    MUST(WaitForSingleObject(ready, 60000) == WAIT_OBJECT_0);
    N(WaitForSingleObject(unnamed, 0));
    N(WaitForSingleObject(named, 0));
    H(OpenEventA(SYNCHRONIZE, FALSE, NAME("only here")));
    B(ReleaseMutex(named));
    B(TerminateProcess(child, 7));
    N(WaitForSingleObject(unnamed, 60000));
    N(WaitForSingleObject(named, 60000));
    B(ReleaseMutex(unnamed));
    B(ReleaseMutex(unnamed));
    N(WaitForSingleObject(unnamed, 0));
    SAY("exit code", "%lu", (unsigned long)scenario_finish(child));
    H(OpenEventA(SYNCHRONIZE, FALSE, NAME("only here")));
    H(OpenFileMappingA(FILE_MAP_READ, FALSE, NAME("mapping only here")));
    return 0;
}
