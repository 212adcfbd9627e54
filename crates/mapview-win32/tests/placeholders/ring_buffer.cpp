// Memory twice in a row, so that records never have to be cut at the end of the buffer. Contract: placeholders.
#include "../scenarios/scenario.h"

// Two views of one section side by side; NULL, and nothing left behind, if that fails.
static char *make_ring(SIZE_T size)
{
    char *first = (char *)VirtualAlloc2(nullptr, nullptr, 2 * size, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS,
                                        nullptr, 0);
    char *second = nullptr;
    void *low = nullptr, *high = nullptr;
    HANDLE section = CreateFileMapping(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE, 0, (DWORD)size, nullptr);
    if (first != nullptr && VirtualFree(first, size, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER))
        second = first + size;
    if (section != nullptr && second != nullptr) {
        low = MapViewOfFile3(section, nullptr, first, 0, size, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, nullptr, 0);
        high = MapViewOfFile3(section, nullptr, second, 0, size, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, nullptr, 0);
    }
    if (section != nullptr)
        CloseHandle(section);
    if (low != nullptr && high != nullptr)
        return first;
    if (low != nullptr)
        UnmapViewOfFile(low);
    else if (first != nullptr)
        VirtualFree(first, 0, MEM_RELEASE);
    if (high != nullptr)
        UnmapViewOfFile(high);
    else if (second != nullptr)
        VirtualFree(second, 0, MEM_RELEASE);
    return nullptr;
}

int main()
{
    const SIZE_T size = 0x10000;
    char *ring = make_ring(size);
    MUST(ring != nullptr);
    ROW_SAY("1", "where it was reserved", "%d", ((ULONG_PTR)ring & 0xffff) == 0);
    ring[0] = 'a';
    ROW_SAY("a", "wraps", "%c", ring[size]);
    memcpy(ring + size - 5, "across the end", 15);
    ROW_SAY("across the end, s the end", "in one piece", "%s, %s", ring + size - 5, ring);
    ROW_B("TRUE", UnmapViewOfFile(ring));
    ROW_SAY("s the end", "the other half stays", "%s", ring + size);
    ROW_B("TRUE", UnmapViewOfFile(ring + size));
    // A megabyte, many times: nothing is left behind.
    for (int round = 0; round < 200; round++) {
        char *one = make_ring(1 << 20);
        MUST(one != nullptr);
        one[(1 << 20) + 7] = (char)round;
        MUST(one[7] == (char)round);
        MUST(UnmapViewOfFile(one) && UnmapViewOfFile(one + (1 << 20)));
    }
    return 0;
}
