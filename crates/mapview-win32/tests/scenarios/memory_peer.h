/* A child process that allocates some memory, says where, and stays until it is told to look at it and end. */
#ifndef MEMORY_PEER_H
#define MEMORY_PEER_H

#include "memory_rows.h"

struct memory_peer {
    /* Eight pages: 0 and 1 read-write, 2 read-only, 3 reserved, 4 no access, 5 code, 6 and 7 read-write. */
    char *base;
    /* A view of the mapping that this stands in. */
    char *view;
    /* What the parent wants to be looked at. */
    char *look;
    char found[64];
};

static struct memory_peer *memory_shared;
static HANDLE memory_ready, memory_done;

static SCENARIO_UNUSED void memory_open_shared(void)
{
    HANDLE mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, PAGE, NAME("peer"));
    MUST(mapping);
    memory_shared = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    memory_ready = CreateEventA(NULL, FALSE, FALSE, NAME("ready"));
    memory_done = CreateEventA(NULL, FALSE, FALSE, NAME("done"));
    MUST(memory_shared && memory_ready && memory_done);
}

static SCENARIO_UNUSED int memory_be_peer(void)
{
    DWORD old;
    char *base = VirtualAlloc(NULL, 8 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    memory_open_shared();
    MUST(base);
    memset(base, 'a', PAGE);
    memset(base + PAGE, 'b', PAGE);
    memset(base + 2 * PAGE, 'c', PAGE);
    memset(base + 4 * PAGE, 'e', PAGE);
    MUST(VirtualProtect(base + 2 * PAGE, PAGE, PAGE_READONLY, &old));
    MUST(VirtualFree(base + 3 * PAGE, PAGE, MEM_DECOMMIT));
    MUST(VirtualProtect(base + 4 * PAGE, PAGE, PAGE_NOACCESS, &old));
    MUST(VirtualProtect(base + 5 * PAGE, PAGE, PAGE_EXECUTE_READ, &old));
    memory_shared->base = base;
    memory_shared->view = (char *)memory_shared;
    MUST(SetEvent(memory_ready));
    for (;;) {
        MUST(WaitForSingleObject(memory_done, 60000) == WAIT_OBJECT_0);
        if (memory_shared->look == NULL)
            return 0;
        memcpy(memory_shared->found, memory_shared->look, sizeof memory_shared->found);
        MUST(SetEvent(memory_ready));
    }
}

static SCENARIO_UNUSED HANDLE memory_start_peer(void)
{
    HANDLE process;
    memory_open_shared();
    process = scenario_start_process("peer");
    MUST(WaitForSingleObject(memory_ready, 60000) == WAIT_OBJECT_0);
    return process;
}

/* What the child finds at an address. */
static SCENARIO_UNUSED void memory_look(const char *what, char *address)
{
    memory_shared->look = address;
    MUST(SetEvent(memory_done) && WaitForSingleObject(memory_ready, 60000) == WAIT_OBJECT_0);
    SAY(what, "%.20s", memory_shared->found);
}

static SCENARIO_UNUSED DWORD memory_end_peer(HANDLE process)
{
    memory_shared->look = NULL;
    MUST(SetEvent(memory_done));
    return scenario_finish(process);
}

#endif
