/* What DuplicateHandle says about handles that are none, rights that are missing, and processes that have ended.
 * Contract: DuplicateHandle. */
#include "starting.h"

int main(int count, char **arguments)
{
    HANDLE self = GetCurrentProcess(), event, target, blind, child, thread, real;
    STARTUPINFOA startup = starting_plain();
    PROCESS_INFORMATION process;
    (void)arguments;
    if (count > 1) {
        Sleep(INFINITE);
        return 0;
    }
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    process = starting_again("child", FALSE, 0, &startup);
    child = process.hProcess;
    thread = process.hThread;

#define TARGET(call)                                                                                                   \
    do {                                                                                                               \
        target = self;                                                                                                 \
        call;                                                                                                          \
        SAY("target", "%s", target == NULL ? "NULL" : target == self ? "untouched" : "handle");                        \
    } while (0)

    TARGET(B(DuplicateHandle(self, NULL, self, &target, 0, FALSE, DUPLICATE_SAME_ACCESS)));
    TARGET(B(DuplicateHandle(self, (HANDLE)0x7ffc, self, &target, 0, FALSE, DUPLICATE_SAME_ACCESS)));
    TARGET(B(DuplicateHandle(self, (HANDLE)0x7ffc, child, &target, 0, FALSE, DUPLICATE_SAME_ACCESS)));
    B(DuplicateHandle(NULL, event, self, &target, 0, FALSE, DUPLICATE_SAME_ACCESS));
    B(DuplicateHandle(event, event, self, &target, 0, FALSE, DUPLICATE_SAME_ACCESS));
    B(DuplicateHandle(self, event, event, &target, 0, FALSE, DUPLICATE_SAME_ACCESS));
    B(DuplicateHandle(self, event, (HANDLE)0x7ffc, &target, 0, FALSE, DUPLICATE_SAME_ACCESS));

    blind = OpenProcess(PROCESS_ALL_ACCESS & ~PROCESS_DUP_HANDLE, FALSE, process.dwProcessId);
    B(DuplicateHandle(self, event, blind, &target, 0, FALSE, DUPLICATE_SAME_ACCESS));
    B(DuplicateHandle(blind, event, self, &target, 0, FALSE, DUPLICATE_SAME_ACCESS));

    TARGET(B(DuplicateHandle(self, event, child, &target, 0, FALSE, 0)));
    ROW_B("FALSE 5", DuplicateHandle(self, event, child, &target, ~0u, FALSE, 0));
    B(DuplicateHandle(self, event, child, NULL, 0, FALSE, DUPLICATE_SAME_ACCESS));

    /* The process by its real handle is the same as by the pseudo-handle. */
    real = H(OpenProcess(PROCESS_DUP_HANDLE, FALSE, GetCurrentProcessId()));
    TARGET(B(DuplicateHandle(real, event, real, &target, 0, FALSE, DUPLICATE_SAME_ACCESS)));
    B(SetEvent(target));
    N(WaitForSingleObject(event, 0));
    TARGET(B(DuplicateHandle(self, self, self, &target, 0, FALSE, DUPLICATE_SAME_ACCESS)));
    SAY("own process", "%s", GetProcessId(target) == GetCurrentProcessId() ? "yes" : "no");
    B(CloseHandle(target));
    B(CloseHandle(self));

    MUST(TerminateProcess(child, 0) && WaitForSingleObject(child, 60000) == 0);
    TARGET(B(DuplicateHandle(self, event, child, &target, 0, FALSE, DUPLICATE_SAME_ACCESS)));
    ROW_B("FALSE 5", DuplicateHandle(child, event, self, &target, 0, FALSE, DUPLICATE_SAME_ACCESS));
    B(SetEvent(event));
    B(DuplicateHandle(self, event, child, &target, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    B(SetEvent(event));
    B(CloseHandle(thread));
    return 0;
}
