/* What handle values look like, how they are reused, compared and protected. Contract: handles. */
/* Libraries: mincore */
#include "scenario.h"

#define COUNT 8

int main(void)
{
    HANDLE handle[COUNT], again, other;
    SECURITY_ATTRIBUTES inherit;
    DWORD flags;
    int i, multiples = 0;

    for (i = 0; i < COUNT; i++) {
        MUST(handle[i] = CreateEventA(NULL, TRUE, FALSE, NULL));
        multiples += (ULONG_PTR)handle[i] % 4 == 0;
    }
    SAY("multiples of 4", "%d", multiples);
    B(CloseHandle(handle[5]));
    B(CloseHandle(handle[2]));
    MUST(again = CreateEventA(NULL, TRUE, FALSE, NULL));
    SAY("the lowest first", "%d", again == handle[2]);
    MUST(again = CreateMutexA(NULL, FALSE, NULL));
    SAY("then the next", "%d", again == handle[5]);

    /* The low two bits do not count. */
    B(SetEvent((HANDLE)((ULONG_PTR)handle[0] | 1)));
    N(WaitForSingleObject((HANDLE)((ULONG_PTR)handle[0] | 2), 0));
    N(WaitForSingleObject((HANDLE)((ULONG_PTR)handle[0] | 3), 0));
    B(CloseHandle((HANDLE)((ULONG_PTR)handle[0] | 3)));
    B(SetEvent(handle[0]));
    B(CloseHandle(handle[0]));
    B(CloseHandle(NULL));
    B(CloseHandle((HANDLE)(ULONG_PTR)0xdead0));
    B(CloseHandle(INVALID_HANDLE_VALUE));
    B(CloseHandle(GetCurrentThread()));
    B(SetEvent((HANDLE)((ULONG_PTR)handle[1] | (ULONG_PTR)1 << 40)));

    /* Protected from being closed. */
    B(SetHandleInformation(handle[1], HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE));
    B(GetHandleInformation(handle[1], &flags));
    SAY("flags", "%lu", (unsigned long)flags);
    B(CloseHandle(handle[1]));
    B(SetEvent(handle[1]));
    B(SetHandleInformation(handle[1], HANDLE_FLAG_PROTECT_FROM_CLOSE, 0));
    B(CloseHandle(handle[1]));
    B(GetHandleInformation(handle[1], &flags));
    B(SetHandleInformation(handle[1], HANDLE_FLAG_INHERIT, 0));

    /* Inheritable or not. */
    memset(&inherit, 0, sizeof inherit);
    inherit.bInheritHandle = TRUE;
    again = H(CreateSemaphoreA(&inherit, 0, 1, NAME("inherited")));
    B(GetHandleInformation(again, &flags));
    SAY("flags", "%lu", (unsigned long)flags);
    other = H(CreateSemaphoreA(NULL, 0, 1, NAME("inherited")));
    B(GetHandleInformation(other, &flags));
    SAY("flags", "%lu", (unsigned long)flags);
    B(CompareObjectHandles(again, other));
    B(CloseHandle(other));
    other = H(OpenSemaphoreA(SYNCHRONIZE, TRUE, NAME("inherited")));
    B(GetHandleInformation(other, &flags));
    SAY("flags", "%lu", (unsigned long)flags);
    B(SetHandleInformation(other, HANDLE_FLAG_INHERIT, 0));
    B(GetHandleInformation(other, &flags));
    SAY("flags", "%lu", (unsigned long)flags);
    MUST(DuplicateHandle(GetCurrentProcess(), other, GetCurrentProcess(), &other, 0, TRUE, DUPLICATE_SAME_ACCESS));
    B(GetHandleInformation(other, &flags));
    SAY("flags", "%lu", (unsigned long)flags);

    B(CompareObjectHandles(again, other));
    B(CompareObjectHandles(handle[3], handle[4]));
    B(CompareObjectHandles(handle[3], again));
    B(CompareObjectHandles(handle[3], handle[3]));
    MUST(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &other, 0, FALSE,
                         DUPLICATE_SAME_ACCESS));
    B(CompareObjectHandles(other, GetCurrentThread()));
    SAY("a real handle", "%d", other != GetCurrentThread());
    N(WaitForSingleObject(other, 0));
    return 0;
}
