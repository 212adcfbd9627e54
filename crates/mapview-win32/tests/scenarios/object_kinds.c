/* All kinds share one namespace: a name that belongs to one of them is none of another. Contract: names. */
#include "scenario.h"

#define KINDS 5

static const char *const KIND[KINDS] = {"mutex", "event", "semaphore", "timer", "mapping"};

static HANDLE create(int kind, const char *name)
{
    switch (kind) {
    case 0:
        return CreateMutexA(NULL, FALSE, name);
    case 1:
        return CreateEventA(NULL, FALSE, FALSE, name);
    case 2:
        return CreateSemaphoreA(NULL, 0, 1, name);
    case 3:
        return CreateWaitableTimerA(NULL, FALSE, name);
    default:
        return CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, name);
    }
}

static HANDLE open(int kind, const char *name)
{
    switch (kind) {
    case 0:
        return OpenMutexA(MUTEX_ALL_ACCESS, FALSE, name);
    case 1:
        return OpenEventA(EVENT_ALL_ACCESS, FALSE, name);
    case 2:
        return OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, name);
    case 3:
        return OpenWaitableTimerA(TIMER_ALL_ACCESS, FALSE, name);
    default:
        return OpenFileMappingA(FILE_MAP_READ, FALSE, name);
    }
}

int main(void)
{
    int first, second;
    HANDLE handle, other;

    for (first = 0; first < KINDS; first++) {
        SetLastError(UNTOUCHED);
        handle = create(first, NAME("name"));
        SAY(KIND[first], "%s %lu", handle ? "created" : "failed", (unsigned long)GetLastError());
        for (second = 0; second < KINDS; second++) {
            SetLastError(UNTOUCHED);
            other = create(second, NAME("name"));
            SAY(KIND[second], "create: %s %lu", other ? "handle" : "NULL", (unsigned long)GetLastError());
            if (other)
                CloseHandle(other);
            SetLastError(UNTOUCHED);
            other = open(second, NAME("name"));
            SAY(KIND[second], "open: %s %lu", other ? "handle" : "NULL", (unsigned long)GetLastError());
            if (other)
                CloseHandle(other);
        }
        CloseHandle(handle);
        SetLastError(UNTOUCHED);
        other = open(first, NAME("name"));
        SAY(KIND[first], "gone: %s %lu", other ? "handle" : "NULL", (unsigned long)GetLastError());
    }
    return 0;
}
