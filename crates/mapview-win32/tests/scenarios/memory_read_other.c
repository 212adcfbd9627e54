/* ReadProcessMemory and WriteProcessMemory, of another process. Contract: cross-process. */
#include "memory_peer.h"

static char bytes[3 * PAGE];

static SIZE_T n;

#define READ(process, from, len) (n = 77, B(ReadProcessMemory(process, from, bytes, len, &n)), SAY("n", "%lx", (long)n))
#define WRITE(process, to, len) (n = 77, B(WriteProcessMemory(process, to, bytes, len, &n)), SAY("n", "%lx", (long)n))

int main(int argc, char **argv)
{
    HANDLE process, limited;
    char *base, *own;

    if (argc > 1 && strcmp(argv[1], "peer") == 0)
        return memory_be_peer();
    process = memory_start_peer();
    base = memory_shared->base;
    own = VirtualAlloc(NULL, 2 * PAGE, MEM_RESERVE, PAGE_READWRITE);
    MUST(own && VirtualAlloc(own, PAGE, MEM_COMMIT, PAGE_READWRITE));

    READ(process, base + PAGE - 2, 4);
    SAY("read", "%.4s", bytes);
    READ(process, base, 3 * PAGE);
    SAY("read", "%c%c%c", bytes[0], bytes[PAGE], bytes[2 * PAGE]);
    READ(process, base, 0);
    READ(process, memory_shared->view, sizeof(void *));
    SAY("through a view", "%d", *(char **)bytes == base);
    B(ReadProcessMemory(process, base, bytes, 1, NULL));

    strcpy(bytes, "from outside");
    WRITE(process, base + 8, 13);
    memory_look("found", base + 8);
    WRITE(process, base + 5 * PAGE, 13); /* code */
    memory_look("found", base + 5 * PAGE);
    ROW_B("TRUE", WriteProcessMemory(process, base, bytes, 0, NULL));
    B(WriteProcessMemory(process, base, bytes, 1, NULL));

    /* What is not there, or forbids it. */
    ROW_B("FALSE 299", ReadProcessMemory(process, base + 3 * PAGE, bytes, 1, NULL));
    ROW_B("FALSE 299", ReadProcessMemory(process, base + 2 * PAGE, bytes, 2 * PAGE, NULL));
    ROW_B("FALSE 299", ReadProcessMemory(process, base + 4 * PAGE, bytes, 1, NULL));
    ROW_B("FALSE 299", ReadProcessMemory(process, NULL, bytes, 1, NULL));
    ROW_B("FALSE 998", WriteProcessMemory(process, base + 2 * PAGE, bytes, 1, NULL));
    ROW_B("FALSE 299", WriteProcessMemory(process, base + 3 * PAGE, bytes, 1, NULL));
    ROW_B("FALSE 299", WriteProcessMemory(process, NULL, bytes, 1, NULL));
    WRITE(process, base + 6 * PAGE, PAGE);
    n = 77;
    ROW_B("FALSE 299", WriteProcessMemory(process, base + 6 * PAGE, own, 2 * PAGE, &n));
    ROW_SAY("0", "n", "%lx", (long)n);

    /* Handles. */
    READ(NULL, base, 1);
    READ((HANDLE)0x12345678, base, 1);
    READ(memory_ready, base, 1);
    WRITE(NULL, base, 1);
    limited = OpenProcess(PROCESS_VM_READ, FALSE, GetProcessId(process));
    MUST(limited);
    READ(limited, base, 1);
    WRITE(limited, base, 1);
    CloseHandle(limited);
    limited = OpenProcess(PROCESS_VM_WRITE | PROCESS_VM_OPERATION, FALSE, GetProcessId(process));
    MUST(limited);
    READ(limited, base, 1);
    WRITE(limited, base, 1);
    CloseHandle(limited);

    /* The same of this process. */
    strcpy(own, "own");
    READ(GetCurrentProcess(), own, 4);
    SAY("read", "%s", bytes);
    limited = OpenProcess(PROCESS_VM_READ, FALSE, GetCurrentProcessId());
    MUST(limited);
    READ(limited, own, 4);
    WRITE(limited, own, 4);
    CloseHandle(limited);
    strcpy(bytes, "new");
    WRITE(GetCurrentProcess(), own, 4);
    SAY("written", "%s", own);
    ROW_B("FALSE 299", ReadProcessMemory(GetCurrentProcess(), own, bytes, 2 * PAGE, NULL));
    ROW_B("FALSE 299", WriteProcessMemory(GetCurrentProcess(), own + PAGE, bytes, 1, NULL));

    MUST(DuplicateHandle(GetCurrentProcess(), process, GetCurrentProcess(), &limited, 0, FALSE, DUPLICATE_SAME_ACCESS));
    N(memory_end_peer(process));
    ROW_B("FALSE 5", ReadProcessMemory(limited, base, bytes, 1, NULL));
    ROW_B("FALSE 5", WriteProcessMemory(limited, base, bytes, 1, NULL));
    return 0;
}
