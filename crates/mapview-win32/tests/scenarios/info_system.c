/* What the system says about itself. */
#include "scenario.h"

int main(void)
{
    SYSTEM_INFO system, native;
    OSVERSIONINFOA version;
    OSVERSIONINFOEXA wanted;
    char name[64], tiny[1];
    DWORD size = sizeof name;

    GetSystemInfo(&system);
    GetNativeSystemInfo(&native);
    SAY("page and granularity", "%lu %lu", (unsigned long)system.dwPageSize, (unsigned long)system.dwAllocationGranularity);
    SAY("architecture", "%u %lu", system.wProcessorArchitecture, (unsigned long)system.dwProcessorType);
    SAY("addresses", "%llx %llx", (ULONGLONG)(ULONG_PTR)system.lpMinimumApplicationAddress,
        (ULONGLONG)(ULONG_PTR)system.lpMaximumApplicationAddress);
    SAY("processors", "%d %d", system.dwNumberOfProcessors >= 1, system.dwActiveProcessorMask != 0);
    SAY("native is the same", "%d", native.dwPageSize == system.dwPageSize &&
                                        native.dwNumberOfProcessors == system.dwNumberOfProcessors);

    version.dwOSVersionInfoSize = sizeof version;
    B(GetVersionExA(&version));
    SAY("version", "%d %lu", version.dwMajorVersion >= 6, (unsigned long)version.dwPlatformId);
    version.dwOSVersionInfoSize = 12;
    B(GetVersionExA(&version));
    memset(&wanted, 0, sizeof wanted);
    wanted.dwOSVersionInfoSize = sizeof wanted;
    wanted.dwMajorVersion = 6;
    B(VerifyVersionInfoA(&wanted, VER_MAJORVERSION, VerSetConditionMask(0, VER_MAJORVERSION, VER_GREATER_EQUAL)));
    wanted.dwMajorVersion = 99;
    B(VerifyVersionInfoA(&wanted, VER_MAJORVERSION, VerSetConditionMask(0, VER_MAJORVERSION, VER_GREATER_EQUAL)));

    B(IsProcessorFeaturePresent(PF_XMMI64_INSTRUCTIONS_AVAILABLE));
    B(IsDebuggerPresent());
    B(GetComputerNameA(name, &size));
    SAY("its length", "%d", size == strlen(name) && size > 0);
    size = 0;
    B(GetComputerNameA(tiny, &size));
    SAY("needed", "%d", size > 0);
    size = sizeof name;
    N(SetErrorMode(SEM_FAILCRITICALERRORS));
    N(SetErrorMode(0));
    SAY("MulDiv", "%d %d %d %d %d", MulDiv(10, 3, 4), MulDiv(-10, 3, 4), MulDiv(10, -3, 4), MulDiv(1, 1, 0),
        MulDiv(0x7FFFFFFF, 0x7FFFFFFF, 1));
    return 0;
}
