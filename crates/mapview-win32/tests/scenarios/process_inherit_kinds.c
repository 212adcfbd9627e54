/* A child has what it inherits under the same numbers, with the same rights and flags; what is not inherited is 6 there.
 * Contract: inheritance. */
#include "starting.h"

static HANDLE handles[11];
static const char *const names[] = { "event",      "named event", "mutex", "semaphore", "mapping",
                                     "named mapping", "file",     "pipe",  "process",   "timer",
                                     "not inheritable" };
#define COUNT (sizeof names / sizeof names[0])

static void use(unsigned kind, HANDLE handle)
{
    DWORD done = 0, flags = 77;
    LARGE_INTEGER due;
    char text[32] = "";
    char *view;
    SAY("kind", "%s", names[kind]);
    if (B(GetHandleInformation(handle, &flags)))
        SAY("flags", "%lu", (unsigned long)flags);
    switch (kind) {
    case 0:
    case 1:
    case 10:
        B(SetEvent(handle));
        break;
    case 2:
        N(WaitForSingleObject(handle, 0));
        B(ReleaseMutex(handle));
        break;
    case 3:
        B(ReleaseSemaphore(handle, 2, NULL));
        break;
    case 4:
    case 5:
        view = P(MapViewOfFile(handle, FILE_MAP_WRITE, 0, 0, 0));
        if (view)
            strcpy(view + 8, "from the child");
        B(UnmapViewOfFile(view));
        break;
    case 6: /* the position is shared */
        B(ReadFile(handle, text, 4, &done, NULL));
        SAY("read", "%lu \"%s\"", (unsigned long)done, text);
        B(WriteFile(handle, "!", 1, &done, NULL));
        break;
    case 7:
        B(WriteFile(handle, "through the pipe", 16, &done, NULL));
        break;
    case 8:
        N(WaitForSingleObject(handle, 0));
        B(TerminateProcess(handle, 1));
        break;
    case 9:
        due.QuadPart = -1;
        B(SetWaitableTimer(handle, &due, 0, NULL, NULL, FALSE));
        break;
    }
}

static int child(char **arguments)
{
    unsigned kind;
    for (kind = 0; kind < COUNT; kind++)
        use(kind, (HANDLE)(ULONG_PTR)strtoul(arguments[kind], NULL, 16));
    H(OpenEventA(EVENT_ALL_ACCESS, FALSE, NAME("event")));
    return 0;
}

static HANDLE start(BOOL inherit)
{
    char arguments[2 * MAX_PATH];
    STARTUPINFOA startup = starting_plain();
    PROCESS_INFORMATION process;
    unsigned kind;
    int len = 0;
    for (kind = 0; kind < COUNT; kind++)
        len += sprintf(arguments + len, " %lx", (unsigned long)(ULONG_PTR)handles[kind]);
    process = starting_again(arguments, inherit, 0, &startup);
    CloseHandle(process.hThread);
    return process.hProcess;
}

int main(int count, char **arguments)
{
    SECURITY_ATTRIBUTES inherit = { sizeof inherit, NULL, TRUE };
    HANDLE gap, read_end, all;
    DWORD done;
    LONG before;
    char text[32] = "";
    char *view;
    if (count > 1)
        return child(arguments + 1);

    gap = CreateEventA(NULL, FALSE, FALSE, NULL);
    handles[0] = CreateEventA(&inherit, TRUE, FALSE, NULL);
    handles[1] = OpenEventA(SYNCHRONIZE, TRUE, NAME("event"));
    MUST(handles[1] == NULL);
    all = CreateEventA(NULL, TRUE, FALSE, NAME("event"));
    handles[1] = OpenEventA(SYNCHRONIZE, TRUE, NAME("event"));
    handles[2] = CreateMutexA(&inherit, FALSE, NULL);
    handles[3] = CreateSemaphoreA(&inherit, 0, 5, NULL);
    handles[4] = CreateFileMappingA(INVALID_HANDLE_VALUE, &inherit, PAGE_READWRITE, 0, 4096, NULL);
    handles[5] = CreateFileMappingA(INVALID_HANDLE_VALUE, &inherit, PAGE_READONLY, 0, 4096, NAME("mapping"));
    handles[6] = CreateFileA("inherited.txt", GENERIC_READ | GENERIC_WRITE, 0, &inherit, CREATE_ALWAYS, 0, NULL);
    MUST(CreatePipe(&read_end, &handles[7], NULL, 0));
    MUST(SetHandleInformation(handles[7], HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
    handles[8] = OpenProcess(SYNCHRONIZE, TRUE, GetCurrentProcessId());
    handles[9] = CreateWaitableTimerA(&inherit, TRUE, NULL);
    handles[10] = CreateEventA(NULL, FALSE, FALSE, NULL);
    MUST(SetHandleInformation(handles[0], HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE));
    CloseHandle(gap);
    MUST(WriteFile(handles[6], "0123456789", 10, &done, NULL));
    MUST(SetFilePointer(handles[6], 2, NULL, FILE_BEGIN) == 2);

    SAY("exit code", "%lu", (unsigned long)scenario_finish(start(TRUE)));

    N(WaitForSingleObject(handles[0], 0));
    N(WaitForSingleObject(handles[1], 0));
    N(WaitForSingleObject(all, 0));
    N(WaitForSingleObject(handles[9], 60000));
    B(ReleaseSemaphore(handles[3], 1, &before));
    SAY("semaphore", "%ld", (long)before);
    view = P(MapViewOfFile(handles[4], FILE_MAP_READ, 0, 0, 0));
    SAY("mapping", "%s", view + 8);
    SAY("position", "%lu", (unsigned long)SetFilePointer(handles[6], 0, NULL, FILE_CURRENT));
    MUST(ReadFile(read_end, text, 16, &done, NULL));
    SAY("pipe", "%s", text);

    SAY("without inheriting", "%lu", (unsigned long)scenario_finish(start(FALSE)));
    return 0;
}
