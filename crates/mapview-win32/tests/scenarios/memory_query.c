/* VirtualQuery of everything, and of nothing. Contract: VirtualQuery. */
#include "memory_rows.h"

static const char constant[PAGE] = "constant";
static char written[PAGE] = "written";

int main(void)
{
    MEMORY_BASIC_INFORMATION info, next;
    char *base = VirtualAlloc(NULL, 4 * GRAIN, MEM_RESERVE, PAGE_EXECUTE_READ), *at;
    char local = 0, *heap = malloc(100);
    DWORD old;

    ROW(base, base);
    ROW(base, base + GRAIN + 77);
    MUST(VirtualAlloc(base + GRAIN, GRAIN, MEM_COMMIT, PAGE_READWRITE));
    MUST(VirtualProtect(base + GRAIN + PAGE, PAGE, PAGE_READONLY, &old));
    MUST(VirtualProtect(base + GRAIN + 3 * PAGE, PAGE, PAGE_NOACCESS, &old));
    for (at = base; at < base + 4 * GRAIN; at = (char *)info.BaseAddress + info.RegionSize) {
        ROW(base, at);
        MUST(VirtualQuery(at, &info, sizeof info) == sizeof info);
    }
    ROW(base, base + GRAIN + 2 * PAGE + 1);

    /* The whole of an allocation is told, however it was protected: neighbours of one kind are one. */
    MUST(VirtualProtect(base + GRAIN, GRAIN, PAGE_READWRITE, &old));
    ROW(base, base + GRAIN);
    MUST(VirtualAlloc(base, 4 * GRAIN, MEM_COMMIT, PAGE_READWRITE));
    ROW(base, base);
    MUST(VirtualFree(base, 0, MEM_RELEASE));
    ROW(base, base);

    /* The program's own memory. */
    MUST(VirtualQuery(&local, &info, sizeof info));
    SAY("stack", "%s %lx %lx", memory_state(info.State), (unsigned long)info.Protect, (unsigned long)info.Type);
    MUST(VirtualQuery(heap, &info, sizeof info));
    SAY("heap", "%s %lx %lx", memory_state(info.State), (unsigned long)info.Protect, (unsigned long)info.Type);
    MUST(VirtualQuery(constant, &info, sizeof info) && VirtualQuery((void *)main, &next, sizeof next));
    SAY("constants", "%s %lx %lx %lx", memory_state(info.State), (unsigned long)info.Protect,
        (unsigned long)info.Type, (unsigned long)info.AllocationProtect);
    SAY("code", "%s %lx %lx", memory_state(next.State), (unsigned long)next.Protect, (unsigned long)next.Type);
    SAY("one image", "%d", info.AllocationBase == next.AllocationBase);
    MUST(VirtualQuery(written, &next, sizeof next));
    SAY("variables", "%s %lx", memory_state(next.State), (unsigned long)next.Type);

    /* The edges. */
    N(VirtualQuery(base, &info, sizeof info - 1));
    N(VirtualQuery(base, &info, 0));
    N(VirtualQuery(base, NULL, sizeof info));
    N(VirtualQuery(base, (MEMORY_BASIC_INFORMATION *)0x1000, sizeof info));
    N(VirtualQuery((void *)0x800000000000, &info, sizeof info));
    N(VirtualQuery((void *)-1, &info, sizeof info));
    N(VirtualQueryEx(NULL, base, &info, sizeof info));
    N(VirtualQueryEx((HANDLE)0x12345678, base, &info, sizeof info));
    MUST(VirtualQuery(NULL, &info, sizeof info));
    SAY("nothing", "%s %d %d", memory_state(info.State), info.BaseAddress == NULL, info.RegionSize >= GRAIN);
    free(heap);
    return 0;
}
