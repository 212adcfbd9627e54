/* A parent that talks with its child through pipes as standard handles, and a child that writes to a file it was given as
 * standard output by SetStdHandle. */
#include "starting.h"

static int child(void)
{
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\r\n")] = 0;
        printf("echo: %s\n", line);
        fprintf(stderr, "%u characters\n", (unsigned)strlen(line));
        fflush(stdout);
        fflush(stderr);
    }
    printf("end of input\n");
    return 3;
}

static int writer(void)
{
    DWORD done;
    return WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), "through the handle", 18, &done, NULL) ? (int)done : 0;
}

/* All until nobody can write any more. */
static void drain(const char *what, HANDLE pipe)
{
    char text[256];
    DWORD len = 0, done;
    while (ReadFile(pipe, text + len, (DWORD)sizeof text - 1 - len, &done, NULL) && done > 0)
        len += done;
    SAY("last error", "%lu", (unsigned long)GetLastError());
    text[len] = 0;
    for (char *line = strtok(text, "\r\n"); line; line = strtok(NULL, "\r\n"))
        SAY(what, "%s", line);
}

int main(int count, char **arguments)
{
    HANDLE input[2], output[2], error[2], old, file;
    STARTUPINFOA startup, own;
    PROCESS_INFORMATION process;
    SECURITY_ATTRIBUTES inherit = { sizeof inherit, NULL, TRUE };
    char text[32] = "";
    DWORD done;
    if (count > 1) {
        GetStartupInfoA(&own);
        if (own.dwFlags & STARTF_USESTDHANDLES && GetStdHandle(STD_OUTPUT_HANDLE) != own.hStdOutput)
            return 99;
        return arguments[1][0] == 'c' ? child() : writer();
    }
    MUST(CreatePipe(&input[0], &input[1], NULL, 0) && CreatePipe(&output[0], &output[1], NULL, 0));
    MUST(CreatePipe(&error[0], &error[1], NULL, 0));
    startup = starting_with(input[0], output[1], error[1]);
    process = starting_again("child", TRUE, 0, &startup);
    CloseHandle(input[0]);
    CloseHandle(output[1]);
    CloseHandle(error[1]);
    B(WriteFile(input[1], "first\nsecond line\n", 18, &done, NULL));
    B(CloseHandle(input[1]));
    drain("output", output[0]);
    drain("error", error[0]);
    SAY("exit code", "%lu", (unsigned long)scenario_finish(process.hProcess));

    /* The older way: the parent changes its own. */
    file = CreateFileA("output.txt", GENERIC_READ | GENERIC_WRITE, 0, &inherit, CREATE_ALWAYS, 0, NULL);
    old = GetStdHandle(STD_OUTPUT_HANDLE);
    B(SetStdHandle(STD_OUTPUT_HANDLE, file));
    startup = starting_plain();
    process = starting_again("writer", TRUE, 0, &startup);
    SAY("exit code", "%lu", (unsigned long)scenario_finish(process.hProcess));
    B(SetStdHandle(STD_OUTPUT_HANDLE, old));
    MUST(SetFilePointer(file, 0, NULL, FILE_BEGIN) == 0);
    B(ReadFile(file, text, sizeof text - 1, &done, NULL));
    SAY("file", "%s", text);
    return 0;
}
