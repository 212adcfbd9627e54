/* A child that is started suspended runs nothing before it is resumed. */
#include "starting.h"

int main(int count, char **arguments)
{
    HANDLE ran;
    STARTUPINFOA startup = starting_plain();
    PROCESS_INFORMATION process;
    DWORD code;
    (void)arguments;
    if (count > 1) {
        SetEvent(OpenEventA(EVENT_MODIFY_STATE, FALSE, NAME("ran")));
        Sleep(arguments[1][0] == 's' ? INFINITE : 0);
        return 4;
    }
    ran = CreateEventA(NULL, TRUE, FALSE, NAME("ran"));
    process = starting_again("once", FALSE, CREATE_SUSPENDED, &startup);
    N(WaitForSingleObject(ran, 200));
    B(GetExitCodeProcess(process.hProcess, &code));
    SAY("code", "%lu", (unsigned long)code);
    N(WaitForSingleObject(process.hThread, 0));
    N(SuspendThread(process.hThread));
    N(ResumeThread(process.hThread));
    N(WaitForSingleObject(ran, 200));
    N(ResumeThread(process.hThread));
    N(WaitForSingleObject(ran, 60000));
    N(WaitForSingleObject(process.hThread, 60000));
    SAY("exit code", "%lu", (unsigned long)scenario_finish(process.hProcess));
    B(GetExitCodeThread(process.hThread, &code));
    SAY("of its thread", "%lu", (unsigned long)code);
    SAY("thread of", "%s", GetProcessIdOfThread(process.hThread) == process.dwProcessId ? "the child" : "another");
    B(CloseHandle(process.hThread));

    /* One that is running is resumed no further, and one that is suspended can be ended. */
    ResetEvent(ran);
    process = starting_again("sleep", FALSE, 0, &startup);
    N(WaitForSingleObject(ran, 60000));
    N(ResumeThread(process.hThread));
    B(TerminateProcess(process.hProcess, 5));
    SAY("exit code", "%lu", (unsigned long)scenario_finish(process.hProcess));
    ResetEvent(ran);
    process = starting_again("sleep", FALSE, CREATE_SUSPENDED, &startup);
    B(TerminateProcess(process.hProcess, 6));
    SAY("exit code", "%lu", (unsigned long)scenario_finish(process.hProcess));
    N(WaitForSingleObject(ran, 0));
    B(SetEvent(process.hThread));
    N(ResumeThread(ran));
    return 0;
}
