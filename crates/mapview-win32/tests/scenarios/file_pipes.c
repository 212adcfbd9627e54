/* Pipes without names, in this process and to a child that inherits an end. */
#include "scenario.h"

static char buffer[64];

static void get(HANDLE pipe)
{
    DWORD done = 99;
    memset(buffer, 0, sizeof buffer);
    B(ReadFile(pipe, buffer, sizeof buffer - 1, &done, NULL));
    SAY("got", "%lu \"%s\"", (unsigned long)done, buffer);
}

int main(int argc, char **argv)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    HANDLE read, write, up;
    DWORD done, there, left, mode;
    if (argc > 1) {
        unsigned long in, out;
        MUST(sscanf(argv[1], "%lu", &in) == 1 && sscanf(argv[2], "%lu", &out) == 1);
        get((HANDLE)(ULONG_PTR)in);
        B(WriteFile((HANDLE)(ULONG_PTR)out, "from the child", 14, &done, NULL));
        return 7;
    }
    B(CreatePipe(&read, &write, NULL, 0));
    B(WriteFile(write, "12345", 5, &done, NULL));
    B(PeekNamedPipe(read, buffer, 3, &done, &there, &left));
    SAY("peeked", "%lu %lu %.3s", (unsigned long)done, (unsigned long)there, buffer);
    get(read);
    B(PeekNamedPipe(read, NULL, 0, NULL, &there, NULL));
    SAY("there", "%lu", (unsigned long)there);
    B(ReadFile(write, buffer, 1, &done, NULL));
    B(WriteFile(read, buffer, 1, &done, NULL));
    N(GetFileType(read));
    N(GetFileType(write));
    B(WriteFile(write, "rest", 4, &done, NULL));
    B(CloseHandle(write));
    get(read);
    get(read);
    B(PeekNamedPipe(read, NULL, 0, NULL, &there, NULL));
    B(CloseHandle(read));

    B(CreatePipe(&read, &write, NULL, 0));
    B(CloseHandle(read));
    B(WriteFile(write, "nobody", 6, &done, NULL));
    SAY("count", "%lu", (unsigned long)done);
    B(CloseHandle(write));

    B(CreatePipe(&read, &write, &inherit, 0));
    B(GetHandleInformation(read, &mode));
    SAY("inherit", "%lu", (unsigned long)mode);
    B(CloseHandle(read));
    B(CloseHandle(write));

    char arguments[64];
    HANDLE answer;
    B(CreatePipe(&read, &write, &inherit, 0));
    B(CreatePipe(&answer, &up, &inherit, 0));
    B(SetHandleInformation(write, HANDLE_FLAG_INHERIT, 0));
    B(SetHandleInformation(answer, HANDLE_FLAG_INHERIT, 0));
    snprintf(arguments, sizeof arguments, "%lu %lu", (unsigned long)(ULONG_PTR)read, (unsigned long)(ULONG_PTR)up);
    B(WriteFile(write, "from the parent", 15, &done, NULL));
    HANDLE child = scenario_start_process(arguments);
    CloseHandle(read); /* not printed: the child prints meanwhile */
    CloseHandle(up);
    SAY("exit code", "%lu", (unsigned long)scenario_finish(child));
    get(answer);
    get(answer);
    B(WriteFile(write, "too late", 8, &done, NULL));
    return 0;
}
