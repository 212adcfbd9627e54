/* Programs that cannot be started are told by CreateProcess itself, and nothing is left running. */
#include "starting.h"

static PROCESS_INFORMATION process;

static BOOL start(const char *program, const char *line, DWORD flags, const char *directory)
{
    char copy[MAX_PATH] = "";
    STARTUPINFOA startup = starting_plain();
    if (line)
        strcpy(copy, line);
    memset(&process, 0x55, sizeof process);
    return CreateProcessA(program, line ? copy : NULL, NULL, NULL, FALSE, flags, NULL, directory, &startup, &process);
}

static void write(const char *path, const char *text)
{
    DWORD done;
    HANDLE file = CreateFileA(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    MUST(file != INVALID_HANDLE_VALUE && WriteFile(file, text, (DWORD)strlen(text), &done, NULL));
    CloseHandle(file);
}

int main(int count, char **arguments)
{
    char program[MAX_PATH], line[MAX_PATH + 16];
    (void)arguments;
    if (count > 1)
        return 5;
    MUST(GetModuleFileNameA(NULL, program, sizeof program));
    write("notes.txt", "this is no program, but long enough to be one");
    write("letter.exe", "this is no program, but long enough to be one");
    MUST(CreateDirectoryA("folder", NULL));

    B(start(NULL, "no-such-program", 0, NULL));
    B(start(NULL, "no-such-program with arguments", 0, NULL));
    B(start(NULL, "\"no such program\" with arguments", 0, NULL));
    B(start("no-such-program", NULL, 0, NULL));
    B(start("no-such-folder\\program", NULL, 0, NULL));
    B(start(NULL, "no-such-folder\\program", 0, NULL));
    B(start("letter.exe", NULL, 0, NULL));
    B(start("notes.txt", NULL, 0, NULL));
    B(start(NULL, ".\\letter", 0, NULL));
    ROW_B("FALSE 5", start("folder", NULL, 0, NULL));

    sprintf(line, "\"%s\" child", program);
    B(start(program, line, 0, "no-such-folder"));
    B(start(program, line, 0, "notes.txt"));
    ROW_B("FALSE 87", start(program, line, DETACHED_PROCESS | CREATE_NEW_CONSOLE, NULL));

    /* And what works. */
    B(start(program, line, 0, NULL));
    SAY("exit code", "%lu", (unsigned long)scenario_finish(process.hProcess));
    MUST(start(NULL, line, CREATE_NO_WINDOW, "folder"));
    SAY("exit code", "%lu", (unsigned long)scenario_finish(process.hProcess));
    B(start(program, "\"anything else\" child", CREATE_NEW_CONSOLE, NULL));
    SAY("exit code", "%lu", (unsigned long)scenario_finish(process.hProcess));
    B(start(program, line, DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP, NULL));
    SAY("exit code", "%lu", (unsigned long)scenario_finish(process.hProcess));
    return 0;
}
