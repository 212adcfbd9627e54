/* VirtualAllocEx and its relatives, in another process. Contract: cross-process. */
#include "memory_peer.h"

int main(int argc, char **argv)
{
    MEMORY_BASIC_INFORMATION info;
    HANDLE process, limited;
    char *base;
    DWORD old, pid;

    if (argc > 1 && strcmp(argv[1], "peer") == 0)
        return memory_be_peer();
    process = memory_start_peer();
    pid = GetProcessId(process);

    base = P(VirtualAllocEx(process, NULL, 4 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    SAY("multiple of 64 KiB", "%d", ((ULONG_PTR)base & (GRAIN - 1)) == 0);
    B(WriteProcessMemory(process, base + PAGE, "hello there", 12, NULL));
    memory_look("found", base + PAGE);
    MUST(VirtualQueryEx(process, base, &info, sizeof info) == sizeof info);
    SAY("there", "%s %lx %lx %d", memory_state(info.State), (unsigned long)info.Protect, (unsigned long)info.Type,
        info.RegionSize == 4 * PAGE);

    B(VirtualProtectEx(process, base + PAGE, PAGE, PAGE_READONLY, &old));
    SAY("before", "%lx", (unsigned long)old);
    MUST(VirtualQueryEx(process, base + PAGE, &info, sizeof info) == sizeof info);
    SAY("there", "%s %lx %d", memory_state(info.State), (unsigned long)info.Protect, info.RegionSize == PAGE);
    ROW_B("FALSE 998", WriteProcessMemory(process, base + PAGE, "h", 1, NULL));
    B(VirtualProtectEx(process, base + PAGE, PAGE, PAGE_READWRITE, &old));
    SAY("before", "%lx", (unsigned long)old);
    B(VirtualProtectEx(process, base, PAGE, PAGE_READONLY, NULL));
    B(VirtualProtectEx(process, base, PAGE, 3, &old));
    B(VirtualProtectEx(process, base, PAGE, PAGE_WRITECOPY, &old));

    B(VirtualFreeEx(process, base + 2 * PAGE, PAGE, MEM_DECOMMIT));
    MUST(VirtualQueryEx(process, base + 2 * PAGE, &info, sizeof info) == sizeof info);
    SAY("there", "%s %lx", memory_state(info.State), (unsigned long)info.Protect);
    P(VirtualAllocEx(process, base + 2 * PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE));
    B(WriteProcessMemory(process, base + 2 * PAGE, "again", 6, NULL));
    memory_look("found", base + 2 * PAGE);
    B(VirtualFreeEx(process, base, PAGE, MEM_RELEASE));
    B(VirtualFreeEx(process, base, 0, MEM_RELEASE | MEM_DECOMMIT));
    B(VirtualFreeEx(process, base, 0, MEM_RELEASE));
    MUST(VirtualQueryEx(process, base, &info, sizeof info) == sizeof info);
    SAY("there", "%s", memory_state(info.State));
    P(VirtualAllocEx(process, base, PAGE, MEM_COMMIT, PAGE_READWRITE));

    P(VirtualAllocEx(process, base, PAGE, MEM_RESERVE, PAGE_READWRITE));
    MUST(VirtualQueryEx(process, base, &info, sizeof info) == sizeof info);
    SAY("there", "%s", memory_state(info.State));
    P(VirtualAllocEx(process, base, PAGE, MEM_RESERVE, PAGE_READWRITE));
    B(VirtualFreeEx(process, base, 0, MEM_RELEASE));
    P(VirtualAllocEx(process, NULL, 0, MEM_RESERVE, PAGE_READWRITE));
    P(VirtualAllocEx(process, NULL, PAGE, 0, PAGE_READWRITE));
    P(VirtualAllocEx(process, NULL, PAGE, MEM_RESERVE, PAGE_WRITECOPY));
    B(VirtualFreeEx(process, memory_shared->view, 0, MEM_RELEASE));

    /* Rights. */
    limited = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, pid);
    MUST(limited);
    P(VirtualAllocEx(limited, NULL, PAGE, MEM_COMMIT, PAGE_READWRITE));
    B(VirtualFreeEx(limited, memory_shared->base, 0, MEM_RELEASE));
    B(VirtualProtectEx(limited, memory_shared->base, PAGE, PAGE_READWRITE, &old));
    SAY("may ask", "%d", VirtualQueryEx(limited, memory_shared->base, &info, sizeof info) == sizeof info);
    CloseHandle(limited);
    limited = OpenProcess(PROCESS_VM_OPERATION, FALSE, pid);
    MUST(limited);
    N(VirtualQueryEx(limited, memory_shared->base, &info, sizeof info));
    P(VirtualAllocEx(memory_ready, NULL, PAGE, MEM_COMMIT, PAGE_READWRITE));
    B(VirtualFreeEx(memory_ready, NULL, 0, MEM_RELEASE));
    B(VirtualProtectEx(memory_ready, memory_shared->base, PAGE, PAGE_READWRITE, &old));

    N(memory_end_peer(process));
    P(VirtualAllocEx(limited, NULL, PAGE, MEM_COMMIT, PAGE_READWRITE));
    B(VirtualFreeEx(limited, memory_shared->base, 0, MEM_RELEASE));
    CloseHandle(limited);
    return 0;
}
