/* Opening processes by their number, and the rights of the handles. */
#include "starting.h"

int main(int count, char **arguments)
{
    HANDLE limited, full, process, event, waiting;
    PROCESS_INFORMATION child;
    STARTUPINFOA startup = starting_plain();
    DWORD code, pid;
    (void)arguments;
    if (count > 1) {
        Sleep(INFINITE);
        return 0;
    }
    child = starting_again("child", FALSE, 0, &startup);
    pid = child.dwProcessId;
    H(OpenProcess(PROCESS_ALL_ACCESS, FALSE, 0));
    H(OpenProcess(PROCESS_ALL_ACCESS, FALSE, 0xfffffff0));
    process = H(OpenProcess(PROCESS_ALL_ACCESS, FALSE, GetCurrentProcessId()));
    SAY("own number", "%s", GetProcessId(process) == GetCurrentProcessId() ? "yes" : "no");
    SAY("by the pseudo-handle", "%s", GetProcessId(GetCurrentProcess()) == GetCurrentProcessId() ? "yes" : "no");
    N(GetProcessId(NULL));

    full = H(OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, pid));
    limited = H(OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid));
    waiting = H(OpenProcess(SYNCHRONIZE, FALSE, pid));
    B(GetExitCodeProcess(full, &code));
    B(GetExitCodeProcess(limited, &code));
    B(GetExitCodeProcess(waiting, &code));
    N(WaitForSingleObject(full, 0));
    N(WaitForSingleObject(waiting, 0));
    SAY("its number", "%s", GetProcessId(limited) == pid ? "yes" : "no");
    event = CreateEventA(NULL, FALSE, FALSE, NULL);
    B(GetExitCodeProcess(event, &code));
    N(GetProcessId(event));
    B(TerminateProcess(event, 0));
    B(SetEvent(child.hProcess));
    B(ReleaseMutex(child.hProcess));

    MUST(TerminateProcess(child.hProcess, 9) && WaitForSingleObject(child.hProcess, 60000) == WAIT_OBJECT_0);
    /* Somebody holds it, so its number still stands for it. */
    process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid);
    SAY("after its end", "%s", process ? "opened" : "gone");
    if (process && GetExitCodeProcess(process, &code))
        SAY("code", "%lu", (unsigned long)code);
    CloseHandle(process);
    return 0;
}
