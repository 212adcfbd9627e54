/* Waits that fail, and what they leave alone. Contract: waits, handles. */
#include "scenario.h"

int main(void)
{
    HANDLE good, no_wait, mapping, closed, set[65];
    int i;

    MUST(good = CreateEventA(NULL, FALSE, TRUE, NULL));
    MUST(closed = CreateEventA(NULL, FALSE, TRUE, NULL));
    MUST(mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, NULL));
    MUST(no_wait = CreateEventExA(NULL, NULL, CREATE_EVENT_INITIAL_SET, EVENT_MODIFY_STATE));
    CloseHandle(closed);

    N(WaitForSingleObject(NULL, 0));
    N(WaitForSingleObject(closed, 0));
    N(WaitForSingleObject((HANDLE)(ULONG_PTR)0xdead0, INFINITE));
    N(WaitForSingleObject(INVALID_HANDLE_VALUE, 0));
    N(WaitForSingleObject(GetCurrentProcess(), 0));
    N(WaitForSingleObject(GetCurrentThread(), 0));
    N(WaitForSingleObject(mapping, 0));
    N(WaitForSingleObject(no_wait, 0));
    N(WaitForSingleObjectEx(no_wait, 0, TRUE));
    N(WaitForSingleObjectEx(NULL, 0, TRUE));

    for (i = 0; i < 65; i++)
        set[i] = good;
    N(WaitForMultipleObjects(0, set, FALSE, 0));
    N(WaitForMultipleObjects(0, NULL, TRUE, 0));
    N(WaitForMultipleObjects(65, set, FALSE, 0));
    N(WaitForMultipleObjects(0xffffffff, set, FALSE, 0));
    N(WaitForMultipleObjectsEx(0, set, FALSE, 0, TRUE));
    N(WaitForMultipleObjectsEx(65, set, FALSE, 0, TRUE));

    set[1] = closed;
    N(WaitForMultipleObjects(2, set, FALSE, 0));
    set[1] = NULL;
    N(WaitForMultipleObjects(2, set, FALSE, INFINITE));
    set[1] = mapping;
    N(WaitForMultipleObjects(2, set, FALSE, 0));
    set[1] = no_wait;
    N(WaitForMultipleObjects(2, set, FALSE, 0));
    N(WaitForMultipleObjects(2, set, TRUE, 0));
    N(WaitForMultipleObjectsEx(2, set, FALSE, 0, TRUE));
    set[1] = GetCurrentThread();
    ROW_N("0xffffffff 6", WaitForMultipleObjects(2, set, FALSE, 0));
    set[0] = GetCurrentProcess();
    set[1] = good;
    ROW_N("0xffffffff 6", WaitForMultipleObjects(2, set, FALSE, 0));
    ROW_N("0xffffffff 6", WaitForMultipleObjects(2, set, TRUE, 0));

    /* None of these took it. */
    MUST(SetEvent(good));
    N(WaitForSingleObject(good, 0));
    N(WaitForSingleObject(good, 0));

    N(SignalObjectAndWait(NULL, good, 0, FALSE));
    N(SignalObjectAndWait(good, NULL, 0, FALSE));
    N(SignalObjectAndWait(mapping, good, 0, FALSE));
    N(SignalObjectAndWait(good, mapping, 0, FALSE));
    N(SignalObjectAndWait(GetCurrentThread(), good, 0, FALSE));
    N(WaitForSingleObject(good, 0));
    return 0;
}
