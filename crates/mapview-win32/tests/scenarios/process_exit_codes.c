/* Exit codes have 32 bits, whoever says them: main, ExitProcess, exit, TerminateProcess. Contract: handles, waits.
 * Libraries: mincore */
#include "scenario.h"

#define THIRTY_TWO_BITS 0x89abcdef

static void show(const char *arguments)
{
    DWORD code;
    HANDLE process = scenario_start_process(arguments);
    MUST(WaitForSingleObject(process, 60000) == WAIT_OBJECT_0);
    MUST(GetExitCodeProcess(process, &code));
    SAY(arguments, "0x%lx", (unsigned long)code);
    N(WaitForSingleObject(process, 0));
    MUST(GetExitCodeProcess(process, &code));
    SAY("asked again", "0x%lx", (unsigned long)code);
    CloseHandle(process);
}

static void last_words(void)
{
    printf("atexit ran\n");
    fflush(stdout);
}

int main(int count, char **arguments)
{
    DWORD code = 1;
    HANDLE process, limited, blind;
    if (count > 1) {
        switch (arguments[1][0]) {
        case 'r':
            return atoi(arguments[2]);
        case 'x':
            exit(THIRTY_TWO_BITS);
        case 'e':
            ExitProcess(THIRTY_TWO_BITS);
        case 'a':
            atexit(last_words);
            return 256;
        case 't':
            TerminateProcess(GetCurrentProcess(), THIRTY_TWO_BITS);
            return 1;
        case 'h': /* until somebody ends it */
            Sleep(INFINITE);
        }
    }
    show("r 0");
    show("r 7");
    show("r -1");
    show("r 259");
    show("r 65536");
    show("x");
    show("e");
    show("a");
    show("t");

    process = scenario_start_process("h");
    B(GetExitCodeProcess(process, &code));
    SAY("while it runs", "%lu", (unsigned long)code);
    N(WaitForSingleObject(process, 0));
    limited = H(OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, GetProcessId(process)));
    blind = H(OpenProcess(SYNCHRONIZE, FALSE, GetProcessId(process)));
    B(TerminateProcess(limited, 5));
    N(WaitForSingleObject(limited, 0));
    B(GetExitCodeProcess(blind, &code));
    B(CompareObjectHandles(process, limited));
    B(TerminateProcess(process, 0xC0DE0042));
    N(WaitForSingleObject(blind, 60000));
    B(GetExitCodeProcess(limited, &code));
    SAY("code of who was terminated", "0x%lx", (unsigned long)code);
    ROW_B("FALSE 5", TerminateProcess(process, 1));
    B(GetExitCodeProcess(process, &code));
    SAY("which stays", "0x%lx", (unsigned long)code);

    B(GetExitCodeProcess(GetCurrentProcess(), &code));
    SAY("own", "%lu", (unsigned long)code);
    B(GetExitCodeProcess(NULL, &code));
    B(TerminateProcess(NULL, 0));
    B(CloseHandle(process));
    B(GetExitCodeProcess(process, &code));
    return 0;
}
