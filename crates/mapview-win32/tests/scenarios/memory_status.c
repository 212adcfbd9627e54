/* What is told about memory: the numbers differ, what they have to be does not. Libraries: psapi */
#include "memory_rows.h"
#include <psapi.h>

int main(void)
{
    MEMORYSTATUSEX status;
    PROCESS_MEMORY_COUNTERS counters;
    PROCESS_MEMORY_COUNTERS_EX more;
    PERFORMANCE_INFORMATION machine;
    char *memory;
    SIZE_T before;

    status.dwLength = sizeof status;
    B(GlobalMemoryStatusEx(&status));
    SAY("memory", "%d %d %d", status.ullTotalPhys > 1 << 20, status.ullAvailPhys <= status.ullTotalPhys,
        status.dwMemoryLoad <= 100);
    SAY("paging file and addresses", "%d %d %d", status.ullAvailPageFile <= status.ullTotalPageFile,
        status.ullTotalVirtual > (ULONGLONG)1 << 40, status.ullAvailVirtual < status.ullTotalVirtual);
    ROW_SAY("1", "with memory", "%d", status.ullTotalPageFile >= status.ullTotalPhys);
    status.dwLength = sizeof status - 1;
    ROW_B("FALSE 87", GlobalMemoryStatusEx(&status));

    memset(&counters, 0, sizeof counters);
    B(GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters));
    before = counters.WorkingSetSize;
    SAY("working set", "%d %d", before > 0, counters.PeakWorkingSetSize >= before);
    memory = VirtualAlloc(NULL, 32 << 20, MEM_COMMIT, PAGE_READWRITE);
    MUST(memory);
    memset(memory, 1, 32 << 20);
    B(GetProcessMemoryInfo(GetCurrentProcess(), (PROCESS_MEMORY_COUNTERS *)&more, sizeof more));
    SAY("more", "%d %d", more.WorkingSetSize >= before + (16 << 20), more.PageFaultCount >= counters.PageFaultCount);
    ROW_SAY("1", "private", "%d", more.PrivateUsage >= 16 << 20);
    B(GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters - 1));
    B(GetProcessMemoryInfo(NULL, &counters, sizeof counters));

    memset(&machine, 0, sizeof machine);
    B(GetPerformanceInfo(&machine, sizeof machine));
    SAY("machine", "%lx %d %d", (unsigned long)machine.PageSize, machine.PhysicalTotal > 256,
        machine.PhysicalAvailable <= machine.PhysicalTotal);
    SAY("counts", "%d %d", machine.ProcessCount > 0, machine.ThreadCount >= machine.ProcessCount);
    B(GetPerformanceInfo(&machine, sizeof machine - 1));
    B(VirtualFree(memory, 0, MEM_RELEASE));
    return 0;
}
