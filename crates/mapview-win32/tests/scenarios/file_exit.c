/* A file to be deleted on close goes when its process ends, however it does, and so does what it shares with nobody. */
#include "scenario.h"

static DWORD WINAPI leave(void *code)
{
    ExitProcess((UINT)(ULONG_PTR)code);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        HANDLE file = CreateFileA(argv[1], GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE, NULL);
        MUST(file != INVALID_HANDLE_VALUE);
        if (strcmp(argv[1], "exit-process") == 0)
            ExitProcess(2);
        if (strcmp(argv[1], "exit") == 0)
            exit(3);
        if (strcmp(argv[1], "thread") == 0) {
            MUST(CreateThread(NULL, 0, leave, (void *)4, 0, NULL));
            Sleep(INFINITE);
        }
        return 1;
    }
    static const char *const ways[] = {"return", "exit", "exit-process", "thread"};
    for (int i = 0; i < 4; i++) {
        SAY(ways[i], "%lu", (unsigned long)scenario_finish(scenario_start_process(ways[i])));
        N(GetFileAttributesA(ways[i]));
    }
    return 0;
}
