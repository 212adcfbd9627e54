/* Where garbage comes from: handles, sizes, flags, addresses and names, the same in every run. */
#ifndef GARBAGE_H
#define GARBAGE_H

#include <windows.h>
#include <string.h>

#define SHARED 24

static HANDLE shared_handles[SHARED];

/* Absurd sizes are no errors of the program: malloc shall fail as it does without the sanitizer. */
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=64:detect_leaks=0";
}

/* What the calls may read and write. */
static __thread union {
    char bytes[4096];
    WCHAR wide[2048];
    DWORD words[1024];
    unsigned long long longs[512];
} out, in;
static __thread unsigned long long state;

static unsigned long long next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static unsigned below(unsigned limit)
{
    return (unsigned)((next() >> 11) % limit);
}

static HANDLE handle(void)
{
    static const LONG_PTR wild[] = {0,  1,  2,   3,    -1,         -2,         -3,        -4,
                                    -5, -6, -7,  -8,   -10,        -11,        -12,       0x7FFFFFFC,
                                    4,  5,  8,   1000, 0x04000004, 0x04000010, 0xDEADBEE0, 0x123456789ABCLL};
    switch (below(4)) {
    case 0:
        return (HANDLE)wild[below(sizeof wild / sizeof *wild)];
    case 1:
        return (HANDLE)(LONG_PTR)next();
    default:
        return shared_handles[below(SHARED)];
    }
}

static DWORD bits(void)
{
    switch (below(6)) {
    case 0:
        return 0;
    case 1:
        return 0xFFFFFFFFu;
    case 2:
        return 1u << below(32);
    case 3:
        return 1u << below(32) | 1u << below(32);
    case 4:
        return below(16);
    default:
        return (DWORD)next();
    }
}

static SIZE_T size(void)
{
    static const SIZE_T sizes[] = {0, 1, 2, 7, 4095, 4096, 4097, 65535, 65536, 65537, (SIZE_T)-1, (SIZE_T)-2, (SIZE_T)-4096, (SIZE_T)1 << 63, (SIZE_T)1 << 47, ((SIZE_T)1 << 32) - 1, (SIZE_T)1 << 32, 0x7FFFFFFF, 0x80000000};
    return below(3) ? sizes[below(sizeof sizes / sizeof *sizes)] : (SIZE_T)(next() >> below(64));
}

/* Where nothing is that the program needs: the lowest and the highest addresses, and those that no processor has. */
static void *address(void)
{
    static const ULONG_PTR wild[] = {0,
                                     1,
                                     0xFFF,
                                     0x1000,
                                     0xFFFF,
                                     0x7FFFFFFE0000,
                                     0x7FFFFFFF0000,
                                     0x7FFFFFFFFFFF,
                                     0x800000000000,
                                     0xFFFF800000000000,
                                     0xFFFFFFFFFFFFF000,
                                     0xFFFFFFFFFFFFFFFF,
                                     0x7FFF8000ULL / 2};
    return (void *)wild[below(sizeof wild / sizeof *wild)];
}

static void *place(void)
{
    return below(3) ? out.bytes : NULL;
}

static const char *name(void)
{
    static const char *const names[] = {NULL, "", "a", "a", "b", "Local\\a", "Global\\a", "Local\\", "local\\a", "\\", "a\\b", "Local", "\xff\xfe", "x/y", "..", ":", "nul"};
    static __thread char longest[70000];
    unsigned which = below(sizeof names / sizeof *names + 2);
    if (which < sizeof names / sizeof *names)
        return names[which];
    memset(longest, 'n', sizeof longest);
    longest[which & 1 ? 260 : sizeof longest - 1] = 0;
    return longest;
}

static const WCHAR *wide_name(void)
{
    static __thread WCHAR wide[70000];
    const char *text = name();
    unsigned at = 0;
    if (!text)
        return NULL;
    for (; text[at]; ++at)
        wide[at] = (WCHAR)(below(9) ? (unsigned char)text[at] : 0xD800 + below(0x400));
    wide[at] = 0;
    return wide;
}

static SECURITY_ATTRIBUTES *attributes(void)
{
    static __thread SECURITY_ATTRIBUTES given;
    given.nLength = below(2) ? sizeof given : bits();
    given.lpSecurityDescriptor = NULL;
    given.bInheritHandle = below(2);
    return below(2) ? &given : NULL;
}

/* New objects take the places of old ones, which others may be using. */
static void keep(HANDLE made)
{
    HANDLE *slot = &shared_handles[below(SHARED)];
    if (made == NULL || made == INVALID_HANDLE_VALUE)
        return;
    made = (HANDLE)InterlockedExchangePointer((PVOID volatile *)slot, made);
    if (made)
        CloseHandle(made);
}

#endif
