/* The extended parameters of VirtualAlloc2, and what else Wine 8 does not have. Contract: VirtualAlloc2; hints. */
#include "../scenarios/memory_rows.h"

static MEM_EXTENDED_PARAMETER parameters[3];
static MEM_ADDRESS_REQUIREMENTS wanted;

static char *allocate(void *base, ULONG count)
{
    return VirtualAlloc2(NULL, base, 2 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, parameters, count);
}

static void with(ULONG_PTR lowest, ULONG_PTR highest, SIZE_T alignment)
{
    memset(parameters, 0, sizeof parameters);
    wanted.LowestStartingAddress = (void *)lowest;
    wanted.HighestEndingAddress = (void *)highest;
    wanted.Alignment = alignment;
    parameters[0].Type = MemExtendedParameterAddressRequirements;
    parameters[0].Pointer = &wanted;
}

int main(void)
{
    char *base;
    DWORD old;

    with(0x20000000, 0x2fffffff, 0);
    base = ROW_P("pointer", allocate(NULL, 1));
    ROW_SAY("1 1", "within", "%d %d", (ULONG_PTR)base >= 0x20000000, (ULONG_PTR)base + 2 * PAGE <= 0x30000000);
    base[0] = 1;
    ROW_P("NULL 87", allocate(base + 16 * GRAIN, 1));
    ROW_B("TRUE", VirtualFree(base, 0, MEM_RELEASE));
    with(0, 0, 1 << 24);
    base = ROW_P("pointer", allocate(NULL, 1));
    ROW_SAY("0", "aligned", "%lx", (unsigned long)((ULONG_PTR)base & ((1 << 24) - 1)));
    ROW_B("TRUE", VirtualFree(base, 0, MEM_RELEASE));
    with(0, 0, 0x8000);
    ROW_P("NULL 87", allocate(NULL, 1));
    with(0, 0, 3 << 16);
    ROW_P("NULL 87", allocate(NULL, 1));
    with(PAGE, 0, 0);
    ROW_P("NULL 87", allocate(NULL, 1));
    with(0, 0x2ffffffe, 0);
    ROW_P("NULL 87", allocate(NULL, 1));
    with(0, (ULONG_PTR)-1, 0);
    ROW_P("NULL 87", allocate(NULL, 1));
    with(0x30000000, 0x2fffffff, 0);
    ROW_P("NULL 87", allocate(NULL, 1));

    with(0, 0, 1 << 20);
    parameters[1] = parameters[0];
    ROW_P("NULL 87", allocate(NULL, 2));
    parameters[1].Type = 0;
    ROW_P("NULL 87", allocate(NULL, 2));
    parameters[1].Type = 77;
    ROW_P("NULL 87", allocate(NULL, 2));
    parameters[1].Type = MemExtendedParameterNumaNode;
    parameters[1].ULong = 0;
    base = ROW_P("pointer", allocate(NULL, 2));
    ROW_B("TRUE", VirtualFree(base, 0, MEM_RELEASE));
    parameters[1].ULong = 5000;
    ROW_P("NULL 87", allocate(NULL, 2));
    parameters[1].Type = MemExtendedParameterPartitionHandle;
    ROW_P("NULL 50", allocate(NULL, 2));
    ROW_P("NULL 87", VirtualAlloc2(NULL, NULL, PAGE, MEM_COMMIT, PAGE_READWRITE, NULL, 1));
    ROW_P("NULL 6", VirtualAlloc2((HANDLE)0x12345678, NULL, PAGE, MEM_COMMIT, PAGE_READWRITE, NULL, 0));

    /* Apps may not allocate code. */
    ROW_P("NULL 87", VirtualAllocFromApp(NULL, PAGE, MEM_COMMIT, PAGE_EXECUTE_READWRITE));
    ROW_P("NULL 87", VirtualAlloc2FromApp(NULL, NULL, PAGE, MEM_COMMIT, PAGE_EXECUTE, NULL, 0));
    base = ROW_P("pointer", VirtualAllocFromApp(NULL, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE));
    ROW_B("TRUE", VirtualProtectFromApp(base, PAGE, PAGE_READONLY, &old));
    ROW_B("FALSE 487", VirtualProtectFromApp(base, 0x100000, PAGE_READWRITE, &old));
    ROW_SAY("1", "before", "%lx", (unsigned long)old);
    ROW_B("FALSE 998", VirtualProtectFromApp(base, PAGE, PAGE_READWRITE, NULL));
    ROW_B("FALSE 998", VirtualProtect(base, PAGE, PAGE_READWRITE, (DWORD *)0x1000));
    ROW_B("TRUE", VirtualProtectFromApp(base, PAGE, PAGE_READWRITE, &old));
    ROW_SAY("2", "before", "%lx", (unsigned long)old);

    /* What is not needed. */
    memset(base, 7, 2 * PAGE);
    ROW_N("0x0", OfferVirtualMemory(base, PAGE, VmOfferPriorityLow));
    ROW_N("0x0", ReclaimVirtualMemory(base, PAGE));
    ROW_SAY("7 7", "kept", "%d %d", base[0], base[PAGE]);
    ROW_N("0x57", OfferVirtualMemory(base, PAGE + 1, VmOfferPriorityLow));
    ROW_N("0x57", OfferVirtualMemory(base, PAGE, 9));
    ROW_N("0x0", DiscardVirtualMemory(base + PAGE, PAGE));
    ROW_SAY("1", "kept or zero", "%d", base[PAGE] == 0 || base[PAGE] == 7);
    ROW_N("0x57", DiscardVirtualMemory(base + 1, PAGE));
    ROW_N("0x1e7", DiscardVirtualMemory(base, 3 * PAGE));
    ROW_B("TRUE", VirtualFree(base, 0, MEM_RELEASE));

    /* How memory is cached is told, and not changed. */
    base = ROW_P("pointer", VirtualAlloc(NULL, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE | PAGE_NOCACHE));
    ROW_B("TRUE", VirtualProtect(base, PAGE, PAGE_READONLY, &old));
    ROW_SAY("204", "before", "%lx", (unsigned long)old);
    ROW_B("TRUE", VirtualProtect(base, PAGE, PAGE_READWRITE | PAGE_NOCACHE, &old));
    ROW_SAY("202", "before", "%lx", (unsigned long)old);
    ROW_P("NULL 87", VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_NOACCESS | PAGE_NOCACHE));
    ROW_P("NULL 87", VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_READWRITE | PAGE_NOCACHE | PAGE_WRITECOMBINE));
    ROW_P("NULL 50", VirtualAlloc(NULL, PAGE, MEM_RESERVE | MEM_PHYSICAL, PAGE_READWRITE));
    return 0;
}
