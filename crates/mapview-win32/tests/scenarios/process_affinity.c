/* On which processors a process may run. */
#include "scenario.h"

int main(void)
{
    HANDLE self = GetCurrentProcess();
    HANDLE limited = H(OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, GetCurrentProcessId()));
    DWORD_PTR own = 0, system = 0, first, again = 0;

    B(GetProcessAffinityMask(self, &own, &system));
    SAY("own are some", "%d", own != 0);
    SAY("own are among the system's", "%d", (own & ~system) == 0);
    first = own & (~own + 1);
    B(GetProcessAffinityMask(limited, &own, &system));

    B(SetProcessAffinityMask(self, 0));
    B(SetProcessAffinityMask(limited, first));
    B(SetProcessAffinityMask(self, first));
    B(GetProcessAffinityMask(self, &again, &system));
    SAY("only the first", "%d", again == first);
    B(SetProcessAffinityMask(self, own));
    B(GetProcessAffinityMask(self, &again, &system));
    SAY("as before", "%d", again == own);

    B(GetProcessAffinityMask(NULL, &own, &system));
    B(SetProcessAffinityMask((HANDLE)0x1234, first));
    return 0;
}
