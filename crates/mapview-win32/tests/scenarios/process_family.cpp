/* The teaching program of handles between processes: a parent makes a mapping without a name, an event and a mutex; one
 * child inherits them, the other is given them; both add to the same total under the mutex, and the parent reads it. */
#include "starting.h"

#include <string>
#include <vector>

struct Shared {
    volatile LONG total;
    LONG seen[2];
};

static const int ROUNDS = 1000;

static std::string text_of(HANDLE handle)
{
    return std::to_string(reinterpret_cast<ULONG_PTR>(handle));
}

static HANDLE handle_of(const char *text)
{
    return reinterpret_cast<HANDLE>(static_cast<ULONG_PTR>(std::stoull(text)));
}

/* What both children do, however they got the handles. */
static int work(HANDLE mapping, HANDLE mutex, HANDLE ready, int who)
{
    Shared *shared = static_cast<Shared *>(MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, sizeof(Shared)));
    MUST(shared);
    SetEvent(ready);
    for (int round = 0; round < ROUNDS; round++) {
        MUST(WaitForSingleObject(mutex, 60000) == WAIT_OBJECT_0);
        LONG before = shared->total;
        if (round % 100 == 0)
            Sleep(0);
        shared->total = before + 1;
        MUST(ReleaseMutex(mutex));
    }
    shared->seen[who] = ROUNDS;
    return UnmapViewOfFile(shared) && CloseHandle(mapping) && CloseHandle(mutex) && CloseHandle(ready) ? 0 : 1;
}

/* Reads from its standard input which handles it was given. */
static int given()
{
    ULONG_PTR handles[3];
    DWORD done;
    MUST(ReadFile(GetStdHandle(STD_INPUT_HANDLE), handles, sizeof handles, &done, NULL) && done == sizeof handles);
    return work((HANDLE)handles[0], (HANDLE)handles[1], (HANDLE)handles[2], 1);
}

int main(int count, char **arguments)
{
    if (count > 4)
        return work(handle_of(arguments[2]), handle_of(arguments[3]), handle_of(arguments[4]), 0);
    if (count > 1)
        return given();

    SECURITY_ATTRIBUTES inherit = { sizeof inherit, NULL, TRUE };
    HANDLE mapping = H(CreateFileMappingA(INVALID_HANDLE_VALUE, &inherit, PAGE_READWRITE, 0, sizeof(Shared), NULL));
    HANDLE mutex = H(CreateMutexA(&inherit, TRUE, NULL));
    HANDLE first_ready = H(CreateEventA(&inherit, TRUE, FALSE, NULL));
    HANDLE second_ready = H(CreateEventA(NULL, TRUE, FALSE, NULL));
    Shared *shared = static_cast<Shared *>(MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, 0));
    MUST(shared);

    std::string line = "inherits " + text_of(mapping) + " " + text_of(mutex) + " " + text_of(first_ready);
    STARTUPINFOA startup = starting_plain();
    PROCESS_INFORMATION first = starting_again(line.c_str(), TRUE, 0, &startup);

    HANDLE read_end, write_end; /* the child that reads has its end inherited */
    MUST(CreatePipe(&read_end, &write_end, NULL, 0));
    startup = starting_with(read_end, GetStdHandle(STD_OUTPUT_HANDLE), GetStdHandle(STD_ERROR_HANDLE));
    PROCESS_INFORMATION second = starting_again("given", TRUE, 0, &startup);
    std::vector<HANDLE> there(3);
    B(DuplicateHandle(GetCurrentProcess(), mapping, second.hProcess, &there[0], 0, FALSE, DUPLICATE_SAME_ACCESS));
    B(DuplicateHandle(GetCurrentProcess(), mutex, second.hProcess, &there[1], SYNCHRONIZE, FALSE, 0));
    B(DuplicateHandle(GetCurrentProcess(), second_ready, second.hProcess, &there[2], EVENT_MODIFY_STATE, FALSE, 0));
    DWORD done;
    MUST(WriteFile(write_end, there.data(), (DWORD)(3 * sizeof(HANDLE)), &done, NULL));

    HANDLE both_ready[] = { first_ready, second_ready };
    N(WaitForMultipleObjects(2, both_ready, TRUE, 60000));
    SAY("while the parent owns the mutex", "%ld", (long)shared->total);
    B(ReleaseMutex(mutex));
    HANDLE children[] = { first.hProcess, second.hProcess };
    N(WaitForMultipleObjects(2, children, TRUE, 60000));
    for (HANDLE child : children) {
        DWORD code;
        MUST(GetExitCodeProcess(child, &code));
        SAY("exit code", "%lu", (unsigned long)code);
    }
    SAY("total", "%ld of %d, %ld and %ld", (long)shared->total, 2 * ROUNDS, (long)shared->seen[0], (long)shared->seen[1]);
    N(WaitForSingleObject(mutex, 0));
    return 0;
}
