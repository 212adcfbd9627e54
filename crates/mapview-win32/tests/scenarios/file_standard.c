/* Standard handles that a parent chooses: a child whose input, output and error are files and pipes. */
#include "scenario.h"

static HANDLE start(const char *arguments, HANDLE input, HANDLE output, HANDLE error)
{
    char command[2 * MAX_PATH], program[MAX_PATH];
    STARTUPINFOA startup;
    PROCESS_INFORMATION process;
    memset(&startup, 0, sizeof startup);
    startup.cb = sizeof startup;
    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdInput = input;
    startup.hStdOutput = output;
    startup.hStdError = error;
    MUST(GetModuleFileNameA(NULL, program, sizeof program));
    snprintf(command, sizeof command, "\"%s\" %s", program, arguments);
    MUST(CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process));
    CloseHandle(process.hThread);
    return process.hProcess;
}

int main(int argc, char **argv)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    HANDLE read, write, input;
    char text[128];
    DWORD done = 0, all = 0;
    (void)argv;
    if (argc > 1) {
        MUST(ReadFile(GetStdHandle(STD_INPUT_HANDLE), text, 5, &done, NULL));
        fprintf(stderr, "(%lu %lu %lu)", (unsigned long)GetFileType(GetStdHandle(STD_INPUT_HANDLE)),
                (unsigned long)GetFileType(GetStdHandle(STD_OUTPUT_HANDLE)), (unsigned long)done);
        fflush(stderr);
        MUST(WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, done, &done, NULL));
        MUST(WriteFile(GetStdHandle(STD_ERROR_HANDLE), "!", 1, &done, NULL));
        return 0;
    }
    B(CreatePipe(&read, &write, &inherit, 0));
    B(SetHandleInformation(read, HANDLE_FLAG_INHERIT, 0));
    input = H(CreateFileA("in", GENERIC_READ | GENERIC_WRITE, 7, &inherit, CREATE_NEW, 0, NULL));
    B(WriteFile(input, "hello, world", 12, &done, NULL));
    N(SetFilePointer(input, 0, NULL, FILE_BEGIN));
    HANDLE child = start("child", input, write, write);
    B(CloseHandle(write));
    while (ReadFile(read, text + all, sizeof text - 1 - all, &done, NULL))
        all += done;
    SAY("end", "%lu", (unsigned long)GetLastError());
    text[all] = 0;
    SAY("said", "%s", text);
    N(scenario_finish(child));
    N(SetFilePointer(input, 0, NULL, FILE_CURRENT));
    return 0;
}
