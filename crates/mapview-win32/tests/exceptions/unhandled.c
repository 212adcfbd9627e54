/* Exceptions that nobody handles end the process with their code; files that shrink under views are told, too. */
#include "../scenarios/memory_rows.h"
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

static char *base;
static jmp_buf out;
static int depth;

static LONG CALLBACK watch(EXCEPTION_POINTERS *exception)
{
    EXCEPTION_RECORD *record = exception->ExceptionRecord;
    SAY("watched", "%lx %lx", (unsigned long)record->ExceptionCode, (unsigned long)record->NumberParameters);
    return EXCEPTION_CONTINUE_SEARCH;
}

static LONG CALLBACK of_a_page(EXCEPTION_POINTERS *exception)
{
    EXCEPTION_RECORD *record = exception->ExceptionRecord;
    if (record->ExceptionCode != EXCEPTION_IN_PAGE_ERROR)
        return EXCEPTION_CONTINUE_SEARCH;
    ROW_SAY("3 0 1000 c0000011", "in a page", "%lu %lu %lx %lx", (unsigned long)record->NumberParameters,
            (unsigned long)record->ExceptionInformation[0], (long)((char *)record->ExceptionInformation[1] - base),
            (unsigned long)record->ExceptionInformation[2]);
    longjmp(out, 1);
}

/* Has trouble itself, whose handler it is, too. */
static LONG CALLBACK nested(EXCEPTION_POINTERS *exception)
{
    char *address = (char *)exception->ExceptionRecord->ExceptionInformation[1];
    if (address < base || address >= base + 16 * PAGE)
        return EXCEPTION_CONTINUE_SEARCH;
    if (++depth < 3)
        ((volatile char *)base)[depth * PAGE] = 1;
    VirtualAlloc(address, 1, MEM_COMMIT, PAGE_READWRITE);
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* Goes on behind the instruction, with other registers. */
static LONG CALLBACK skip(EXCEPTION_POINTERS *exception)
{
    if (exception->ExceptionRecord->ExceptionCode != EXCEPTION_ILLEGAL_INSTRUCTION)
        return EXCEPTION_CONTINUE_SEARCH;
    exception->ContextRecord->Rip += 2; /* ud2 */
    exception->ContextRecord->Rax = 1234;
    exception->ContextRecord->R15 += 1;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void own_handler(int signal)
{
    (void)signal;
    _exit(77);
}

static void trouble(const char *kind)
{
    volatile char *nowhere = NULL;
    if (strcmp(kind, "guard") == 0)
        *(volatile char *)VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD) = 1;
    else if (strcmp(kind, "raise") == 0)
        RaiseException(0xE0005678, EXCEPTION_NONCONTINUABLE, 0, NULL);
    else if (strcmp(kind, "wild") == 0)
        *(volatile char *)0x1122334455667788 = 1;
    else
        *nowhere = 1;
}

static void child(const char *expected, const char *arguments)
{
    DWORD code = scenario_finish(scenario_start_process(arguments));
    ROW_SAY(expected, arguments, "%lx", (unsigned long)code);
}

static void shrink(void)
{
    HANDLE file = CreateFileA("file", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    HANDLE mapping = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 2 * PAGE, NULL);
    base = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
    MUST(base && truncate("file", PAGE) == 0);
    ROW_SAY("0", "still there", "%d", base[0]);
    MUST(AddVectoredExceptionHandler(0, of_a_page));
    if (setjmp(out) == 0)
        SAY("gone", "%d", *(volatile char *)(base + PAGE));
    if (setjmp(out) == 0)
        SAY("gone", "%d", *(volatile char *)(base + PAGE));
}

int main(int argc, char **argv)
{
    unsigned long rax = 1, r15 = 5;

    if (argc > 2) {
        if (strcmp(argv[1], "chained") == 0)
            signal(SIGSEGV, own_handler);
        AddVectoredExceptionHandler(1, watch);
        trouble(argv[2]);
        return 0;
    }
    child("c0000005", "watched write");
    child("c0000005", "watched wild");
    child("80000001", "watched guard");
    child("e0005678", "watched raise");
    child("4d", "chained write");
    shrink();

    base = VirtualAlloc(NULL, 16 * PAGE, MEM_RESERVE, PAGE_READWRITE);
    MUST(base && AddVectoredExceptionHandler(1, nested));
    ((volatile char *)base)[5] = 7;
    ROW_SAY("3 7 1 1", "nested", "%d %d %d %d", depth, base[5], base[PAGE], base[2 * PAGE]);
    MUST(AddVectoredExceptionHandler(1, skip));
    __asm__ volatile("mov %1, %%r15\n\tud2\n\tmov %%r15, %1" : "=a"(rax), "+r"(r15) : "0"(rax) : "r15");
    ROW_SAY("1234 6", "registers", "%lu %lu", rax, r15);
    return 0;
}
