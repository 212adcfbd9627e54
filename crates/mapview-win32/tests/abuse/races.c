/* Handles that are closed, duplicated, inherited and waited for by several threads at once, views that come and go, threads
 * that end with mutexes, processes that start meanwhile. Every call may fail, none may go wrong. */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

#define SLOTS 6
#define WORKERS 8

static HANDLE volatile slots[SLOTS];
static volatile LONG stop, abandoned, taken;
static HANDLE mutex;

static unsigned next(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static HANDLE make(unsigned *state)
{
    switch (next(state) % 6) {
    case 0:
        return CreateEventA(NULL, FALSE, TRUE, next(state) % 2 ? "races-event" : NULL);
    case 1:
        return CreateMutexA(NULL, FALSE, next(state) % 2 ? "races-mutex" : NULL);
    case 2:
        return CreateSemaphoreA(NULL, 1, 1000, next(state) % 2 ? "races-semaphore" : NULL);
    case 3:
        return CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 65536, next(state) % 2 ? "races-section" : NULL);
    case 4:
        return CreateWaitableTimerA(NULL, FALSE, next(state) % 2 ? "races-timer" : NULL);
    default:
        return OpenProcess(PROCESS_ALL_ACCESS, FALSE, GetCurrentProcessId());
    }
}

static DWORD WINAPI with_mutex(LPVOID parameter)
{
    DWORD got = WaitForSingleObject(mutex, INFINITE);
    (void)parameter;
    if (got == WAIT_ABANDONED)
        InterlockedIncrement(&abandoned);
    if (got == WAIT_FAILED)
        printf("mutex: %lu\n", (unsigned long)GetLastError());
    InterlockedIncrement(&taken);
    ExitThread(3); /* without giving it back */
}

static DWORD WINAPI work(LPVOID number)
{
    unsigned state = 77u * (1 + (unsigned)(ULONG_PTR)number);
    while (!stop) {
        HANDLE volatile *slot = &slots[next(&state) % SLOTS];
        HANDLE some[3], copy = NULL, old;
        some[0] = *slot;
        some[1] = slots[next(&state) % SLOTS];
        some[2] = slots[next(&state) % SLOTS];
        switch (next(&state) % 11) {
        case 0:
            old = (HANDLE)InterlockedExchangePointer((PVOID volatile *)slot, make(&state));
            CloseHandle(old);
            break;
        case 1:
            WaitForSingleObject(some[0], next(&state) % 2);
            ReleaseMutex(some[0]);
            break;
        case 2:
            WaitForMultipleObjects(3, some, FALSE, next(&state) % 2);
            break;
        case 3:
            WaitForMultipleObjects(3, some, TRUE, next(&state) % 2);
            ReleaseMutex(some[0]);
            ReleaseMutex(some[1]);
            ReleaseMutex(some[2]);
            break;
        case 4:
            SetEvent(some[0]);
            ReleaseSemaphore(some[1], 1, NULL);
            break;
        case 5:
            if (DuplicateHandle(GetCurrentProcess(), some[0], GetCurrentProcess(), &copy, 0, next(&state) % 2, DUPLICATE_SAME_ACCESS))
                CloseHandle(copy);
            break;
        case 6: {
            volatile LONG *view = MapViewOfFile(some[0], FILE_MAP_WRITE, 0, 0, 0);
            if (view) {
                InterlockedIncrement(view);
                if (!UnmapViewOfFile((void *)view))
                    printf("unmap: %lu\n", (unsigned long)GetLastError());
            }
            break;
        }
        case 7:
            CloseHandle(CreateThread(NULL, 0, with_mutex, NULL, 0, NULL));
            break;
        case 8:
            SetHandleInformation(some[0], HANDLE_FLAG_INHERIT, next(&state) % 2);
            break;
        case 9:
            SignalObjectAndWait(some[0], some[1], 0, FALSE);
            break;
        case 10:
            if (next(&state) % 16 == 0) {
                STARTUPINFOA startup = {0};
                PROCESS_INFORMATION child;
                char line[] = "/bin/true";
                startup.cb = sizeof startup;
                if (!CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &child)) {
                    printf("process: %lu\n", (unsigned long)GetLastError());
                    break;
                }
                if (WaitForSingleObject(child.hProcess, 60000) != WAIT_OBJECT_0)
                    printf("child: %lu\n", (unsigned long)GetLastError());
                CloseHandle(child.hProcess);
                CloseHandle(child.hThread);
            }
            break;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    HANDLE threads[WORKERS];
    ULONG_PTR at;
    unsigned state = 1;
    mutex = CreateMutexA(NULL, FALSE, NULL);
    for (at = 0; at < SLOTS; ++at)
        slots[at] = make(&state);
    for (at = 0; at < WORKERS; ++at)
        threads[at] = CreateThread(NULL, 0, work, (LPVOID)at, 0, NULL);
    Sleep(argc > 1 ? (DWORD)atoi(argv[1]) : 1000);
    stop = 1;
    if (WaitForMultipleObjects(WORKERS, threads, TRUE, 60000) != WAIT_OBJECT_0)
        printf("workers: %lu\n", (unsigned long)GetLastError());
    /* The last owner that ended without giving it back can only just have been found out. */
    if (WaitForSingleObject(mutex, 60000) == WAIT_TIMEOUT)
        printf("mutex: nobody has it\n");
    printf("%d\n", taken == 0 || abandoned >= taken - WORKERS - 1);
    return 0;
}
