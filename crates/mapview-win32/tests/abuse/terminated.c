/* Threads are terminated and suspended wherever they are, in the midst of calls too. What they used must stay usable for
 * the others, as on Windows, where a call is over before its thread is stopped. */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

static HANDLE event, manual, mutex, semaphore, section, timer;

static DWORD WINAPI use(LPVOID which)
{
    HANDLE both[3], copy;
    both[0] = event;
    both[1] = semaphore;
    both[2] = mutex;
    for (;;) {
        switch ((int)(ULONG_PTR)which) {
        case 0:
            SetEvent(event);
            WaitForSingleObject(event, 1);
            break;
        case 1:
            if (WaitForSingleObject(mutex, INFINITE) != WAIT_FAILED)
                ReleaseMutex(mutex);
            break;
        case 2:
            ReleaseSemaphore(semaphore, 1, NULL);
            WaitForMultipleObjects(2, both, FALSE, 1);
            break;
        case 3:
            SetEvent(event);
            ReleaseSemaphore(semaphore, 1, NULL);
            if (WaitForMultipleObjects(3, both, TRUE, 1) < 0x100)
                ReleaseMutex(mutex);
            break;
        case 4:
            PulseEvent(manual);
            SignalObjectAndWait(manual, event, 0, FALSE);
            ResetEvent(manual);
            break;
        case 5:
            if (DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS))
                CloseHandle(copy);
            break;
        case 6: {
            void *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
            if (view)
                UnmapViewOfFile(view);
            break;
        }
        case 7: {
            void *memory = VirtualAlloc(NULL, 65536, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
            DWORD old;
            if (memory) {
                VirtualProtect(memory, 4096, PAGE_READONLY, &old);
                VirtualFree(memory, 0, MEM_RELEASE);
            }
            break;
        }
        case 8:
            copy = CreateEventA(NULL, FALSE, FALSE, "terminated-a");
            SetEvent(copy);
            CloseHandle(copy);
            break;
        case 9:
            copy = OpenProcess(PROCESS_ALL_ACCESS, FALSE, GetCurrentProcessId());
            CloseHandle(copy);
            break;
        case 10: {
            LARGE_INTEGER due;
            due.QuadPart = -10;
            SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE);
            WaitForSingleObject(timer, 1);
            break;
        }
        case 11: {
            SIZE_T done;
            char buffer[16];
            ReadProcessMemory(GetCurrentProcess(), use, buffer, sizeof buffer, &done);
            break;
        }
        }
    }
    return 0;
}

static void check(const char *what, int good)
{
    if (!good) {
        printf("%s: %lu\n", what, (unsigned long)GetLastError());
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    int round, rounds = argc > 1 ? atoi(argv[1]) : 15;
    int only = argc > 2 ? atoi(argv[2]) : -1;
    unsigned long long random = 12345;
    event = CreateEventA(NULL, FALSE, FALSE, "terminated-event");
    manual = CreateEventA(NULL, TRUE, FALSE, NULL);
    mutex = CreateMutexA(NULL, FALSE, "terminated-mutex");
    semaphore = CreateSemaphoreA(NULL, 0, 1000000000, NULL);
    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 65536, NULL);
    timer = CreateWaitableTimerA(NULL, FALSE, NULL);
    for (round = 0; round < rounds; ++round) {
        HANDLE threads[12], other;
        LARGE_INTEGER due;
        void *memory;
        DWORD old;
        volatile int spin;
        int at;
        for (at = 0; at < 12; ++at)
            check("create", (threads[at] = CreateThread(NULL, 0, use, (LPVOID)(ULONG_PTR)(only < 0 ? at : only), 0, NULL)) != NULL);
        for (at = 0; at < 12; ++at) {
            random = random * 6364136223846793005ull + 1442695040888963407ull;
            for (spin = 0; spin < (int)(random >> 48); ++spin)
                ;
            check("suspend", SuspendThread(threads[at]) != (DWORD)-1);
            check("resume", ResumeThread(threads[at]) == 1);
        }
        for (at = 0; at < 12; ++at) {
            random = random * 6364136223846793005ull + 1442695040888963407ull;
            for (spin = 0; spin < (int)(random >> 48); ++spin)
                ;
            check("terminate", TerminateThread(threads[at], 9));
        }
        check("ended", WaitForMultipleObjects(12, threads, TRUE, 20000) == WAIT_OBJECT_0);
        for (at = 0; at < 12; ++at)
            CloseHandle(threads[at]);
        /* All that they used can be used. */
        check("mutex", WaitForSingleObject(mutex, 20000) != WAIT_TIMEOUT && ReleaseMutex(mutex));
        check("event", SetEvent(event) && WaitForSingleObject(event, 20000) == WAIT_OBJECT_0);
        check("semaphore", ReleaseSemaphore(semaphore, 1, NULL) && WaitForSingleObject(semaphore, 20000) == WAIT_OBJECT_0);
        memory = VirtualAlloc(NULL, 65536, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
        check("memory", memory && VirtualProtect(memory, 4096, PAGE_READONLY, &old) && VirtualFree(memory, 0, MEM_RELEASE));
        memory = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
        check("view", memory && UnmapViewOfFile(memory));
        other = CreateEventA(NULL, FALSE, FALSE, "terminated-a");
        check("name", other && CloseHandle(other));
        other = OpenProcess(PROCESS_ALL_ACCESS, FALSE, GetCurrentProcessId());
        check("process", other && CloseHandle(other));
        due.QuadPart = -10;
        check("timer", SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE) && WaitForSingleObject(timer, 20000) == WAIT_OBJECT_0);
        check("manual", SetEvent(manual) && WaitForSingleObject(manual, 20000) == WAIT_OBJECT_0 && ResetEvent(manual));
    }
    printf("1\n");
    return 0;
}
