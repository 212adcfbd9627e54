/* Which pages were written. Contract: GetWriteWatch and ResetWriteWatch. */
#include "memory_rows.h"

static char *base;
static void *pages[16];
static ULONG_PTR count;
static DWORD granularity;

static UINT watch(DWORD flags, char *from, SIZE_T size, ULONG_PTR most)
{
    UINT result;
    count = most;
    granularity = 0;
    result = GetWriteWatch(flags, from, size, pages, &count, &granularity);
    return result;
}

static void told(void)
{
    char text[200] = "";
    ULONG_PTR i;
    for (i = 0; i < count; i++)
        snprintf(text + strlen(text), 20, " %lx", (long)((char *)pages[i] - base));
    SAY("written", "%lx%s", (unsigned long)granularity, text);
}

int main(void)
{
    char *plain = VirtualAlloc(NULL, 4 * PAGE, MEM_COMMIT, PAGE_READWRITE);
    volatile char sink;
    base = P(VirtualAlloc(NULL, 16 * PAGE, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE));

    N(watch(0, base, 16 * PAGE, 16));
    told();
    base[3 * PAGE] = 1;
    base[PAGE + 5] = 1;
    sink = base[7 * PAGE];
    base[3 * PAGE] = sink + 1;
    N(watch(0, base, 16 * PAGE, 16));
    told();
    N(watch(0, base + 2 * PAGE, 2 * PAGE, 16));
    told();
    N(watch(WRITE_WATCH_FLAG_RESET, base, 16 * PAGE, 1));
    told();
    N(watch(WRITE_WATCH_FLAG_RESET, base, 16 * PAGE, 16));
    told();
    N(watch(0, base, 16 * PAGE, 16));
    told();
    base[9 * PAGE] = 1;
    N(ResetWriteWatch(base, 16 * PAGE));
    N(watch(0, base, 16 * PAGE, 16));
    told();

    N(watch(0, plain, PAGE, 16));
    N(ResetWriteWatch(plain, PAGE));
    N(watch(2, base, PAGE, 16));
    N(watch(0, base, 0, 16));
    N(watch(0, base, PAGE, 0));
    N(watch(0, base, 17 * PAGE, 16));
    N(ResetWriteWatch(base, 0));
    N(ResetWriteWatch(base, 17 * PAGE));
    count = 16;
    N(GetWriteWatch(0, base, PAGE, NULL, &count, &granularity));
    N(GetWriteWatch(0, base, PAGE, pages, NULL, &granularity));
    N(GetWriteWatch(0, base, PAGE, pages, &count, NULL));
    B(VirtualFree(base, 0, MEM_RELEASE));
    N(watch(0, base, PAGE, 16));
    return 0;
}
