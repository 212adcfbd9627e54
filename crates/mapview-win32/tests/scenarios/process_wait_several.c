/* Waiting for several children, for any and for all, and together with other objects. Contract: waits. */
#include "starting.h"

#define CHILDREN 5

int main(int count, char **arguments)
{
    SECURITY_ATTRIBUTES inherit = { sizeof inherit, NULL, TRUE };
    HANDLE go[CHILDREN], child[CHILDREN], mixed[3], event;
    DWORD code;
    int index;
    char text[32];
    if (count > 1) {
        void *handle;
        MUST(sscanf(arguments[1], "%p", &handle) == 1);
        return WaitForSingleObject(handle, 60000) == WAIT_OBJECT_0 ? atoi(arguments[2]) : 99;
    }
    for (index = 0; index < CHILDREN; index++) {
        go[index] = CreateEventA(&inherit, TRUE, FALSE, NULL);
        sprintf(text, "%p %d", go[index], 10 + index);
        child[index] = scenario_start_process(text);
    }
    N(WaitForMultipleObjects(CHILDREN, child, FALSE, 0));
    MUST(SetEvent(go[3]));
    N(WaitForMultipleObjects(CHILDREN, child, FALSE, 60000));
    N(WaitForMultipleObjects(CHILDREN, child, TRUE, 0));
    MUST(SetEvent(go[1]) && WaitForSingleObject(child[1], 60000) == WAIT_OBJECT_0);
    N(WaitForMultipleObjects(CHILDREN, child, FALSE, 60000));

    event = CreateEventA(NULL, FALSE, FALSE, NULL);
    mixed[0] = child[0];
    mixed[1] = event;
    mixed[2] = child[3];
    N(WaitForMultipleObjects(2, mixed, FALSE, 0));
    MUST(SetEvent(event));
    N(WaitForMultipleObjects(2, mixed, FALSE, 60000));
    N(WaitForMultipleObjects(2, mixed + 1, TRUE, 0));
    MUST(SetEvent(event));
    N(WaitForMultipleObjects(2, mixed + 1, TRUE, 60000));
    N(WaitForSingleObject(event, 0));

    for (index = 0; index < CHILDREN; index++)
        MUST(SetEvent(go[index]));
    N(WaitForMultipleObjects(CHILDREN, child, TRUE, 60000));
    N(WaitForMultipleObjects(CHILDREN, child, FALSE, 60000));
    for (index = 0; index < CHILDREN; index++) {
        MUST(GetExitCodeProcess(child[index], &code));
        SAY("exit code", "%lu", (unsigned long)code);
    }
    mixed[0] = GetCurrentProcess();
    mixed[1] = child[0];
    N(WaitForSingleObject(mixed[0], 0));
    ROW_N("0xffffffff 6", WaitForMultipleObjects(2, mixed, FALSE, 0));
    /* One process twice, through two handles. */
    mixed[0] = OpenProcess(SYNCHRONIZE, FALSE, GetCurrentProcessId());
    mixed[1] = OpenProcess(SYNCHRONIZE, FALSE, GetCurrentProcessId());
    N(WaitForMultipleObjects(2, mixed, FALSE, 0));
    ROW_N("0xffffffff 87", WaitForMultipleObjects(2, mixed, TRUE, 0));
    return 0;
}
