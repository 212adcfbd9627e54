/* Heaps, and the older LocalAlloc and GlobalAlloc. */
#include "scenario.h"

int main(void)
{
    HANDLE heap = H(HeapCreate(0, 0, 0)), limited = H(HeapCreate(0, 0x1000, 0x100000));
    char *block = P(HeapAlloc(heap, HEAP_ZERO_MEMORY, 100)), *other;
    HGLOBAL memory;
    int index, zeros = 0;

    for (index = 0; index < 100; index++)
        zeros += block[index] == 0;
    SAY("zeros", "%d", zeros);
    SAY("aligned", "%d", ((ULONG_PTR)block & 15) == 0);
    SAY("size", "%d", (int)HeapSize(heap, 0, block));
    strcpy(block, "kept");
    block = P(HeapReAlloc(heap, HEAP_ZERO_MEMORY, block, 50000));
    SAY("contents", "%s %d %d", block, block[200], block[49999]);
    SAY("size", "%d", (int)HeapSize(heap, 0, block));
    P(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 40000));
    SAY("size", "%d", (int)HeapSize(heap, 0, block));
    B(HeapValidate(heap, 0, NULL));
    B(HeapValidate(heap, 0, block));
    B(HeapLock(heap));
    other = P(HeapAlloc(heap, 0, 0));
    B(HeapUnlock(heap));
    SAY("size", "%d", (int)HeapSize(heap, 0, other));
    B(HeapFree(heap, 0, other));
    B(HeapFree(heap, 0, NULL));
    B(HeapFree(heap, 0, block));
    SAY("too much", "%d", HeapAlloc(limited, 0, 0x200000) == NULL);
    SAY("enough", "%d", HeapAlloc(limited, 0, 0x8000) != NULL);
    B(HeapDestroy(limited));
    B(HeapDestroy(heap));
    block = P(HeapAlloc(GetProcessHeap(), 0, 10));
    B(HeapFree(GetProcessHeap(), 0, block));
    SAY("absurd", "%d", HeapAlloc(GetProcessHeap(), 0, (SIZE_T)-1) == NULL);

    block = P(LocalAlloc(LPTR, 20));
    SAY("LocalSize", "%d %d", (int)LocalSize(block), block[19]);
    SAY("LocalLock", "%d", LocalLock(block) == block);
    P(LocalFree(block));
    P(LocalFree(NULL));

    memory = P(GlobalAlloc(GHND, 64));
    block = P(GlobalLock(memory));
    SAY("moveable", "%d %d %d", (void *)block != memory, block[63], (int)GlobalSize(memory));
    N(GlobalFlags(memory));
    SAY("its handle", "%d", GlobalHandle(block) == memory);
    N(GlobalUnlock(memory));
    N(GlobalUnlock(memory));
    memory = P(GlobalReAlloc(memory, 128, GMEM_MOVEABLE));
    SAY("larger", "%d", (int)GlobalSize(memory));
    P(GlobalFree(memory));
    return 0;
}
