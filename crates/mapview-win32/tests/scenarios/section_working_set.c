/* Which pages are in memory, and which file is behind an address. Contract: QueryWorkingSetEx; GetMappedFileName. */
/* Libraries: psapi */
#include "sections.h"
#include <psapi.h>

static void page(const char *what, void *address)
{
    PSAPI_WORKING_SET_EX_INFORMATION info;
    memset(&info, 0xff, sizeof info);
    info.VirtualAddress = address;
    MUST(QueryWorkingSetEx(GetCurrentProcess(), &info, sizeof info));
    SAY(what, "valid %d, shared %d, sharers %s, protection 0x%x", (int)info.VirtualAttributes.Valid,
        (int)info.VirtualAttributes.Shared, info.VirtualAttributes.ShareCount ? "some" : "none",
        (unsigned)info.VirtualAttributes.Win32Protection);
}

static void file_behind(const char *what, void *address)
{
    char name[MAX_PATH] = "", *last;
    DWORD length;
    SetLastError(UNTOUCHED);
    length = GetMappedFileNameA(GetCurrentProcess(), address, name, sizeof name);
    last = strrchr(name, '\\') ? strrchr(name, '\\') : strrchr(name, '/');
    if (length)
        SAY(what, "%s %d %lu", last ? last + 1 : "?", length == strlen(name), (unsigned long)GetLastError());
    else
        SAY(what, "0 %lu", (unsigned long)GetLastError());
}

int main(void)
{
    HANDLE file = new_file("mapped-file", 3 * 4096), section = memory_section(PAGE_READWRITE, 8 * 4096), of_file;
    volatile char *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), *copy, *of_the_file, *again;
    char *private_memory = VirtualAlloc(NULL, 3 * 4096, MEM_RESERVE, PAGE_NOACCESS), name[1];
    PSAPI_WORKING_SET_EX_INFORMATION three[3];

    MUST(VirtualAlloc(private_memory, 8192, MEM_COMMIT, PAGE_READWRITE));
    page("nobody touched it", (char *)view);
    view[0] = 1;
    page("written", (char *)view);
    page("any address of it", (char *)view + 100);
    page("the next page", (char *)view + 4096);
    again = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    page("another view, not touched", (char *)again);
    MUST(again[0] == 1);
    page("another view, read", (char *)again);

    of_file = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    copy = MapViewOfFile(of_file, FILE_MAP_COPY, 0, 0, 0);
    of_the_file = MapViewOfFile(of_file, FILE_MAP_READ, 0, 0, 0);
    MUST(copy && of_the_file && of_the_file[4096] == 0);
    page("read of a file", (char *)of_the_file + 4096);
    copy[4096] = 5;
    memset(three, 0, sizeof three);
    three[0].VirtualAddress = (char *)copy + 4096;
    three[1].VirtualAddress = (char *)private_memory;
    three[2].VirtualAddress = (char *)private_memory + 8192;
    private_memory[0] = 1;
    B(QueryWorkingSetEx(GetCurrentProcess(), three, sizeof three));
    ROW_SAY("1 0 0 4", "a copied page", "%d %d %d %x", (int)three[0].VirtualAttributes.Valid,
            (int)three[0].VirtualAttributes.Shared, (int)three[0].VirtualAttributes.ShareCount,
            (unsigned)three[0].VirtualAttributes.Win32Protection);
    SAY("private memory", "%d %d %d", (int)three[1].VirtualAttributes.Valid, (int)three[1].VirtualAttributes.Shared,
        (int)three[2].VirtualAttributes.Valid);
    page("private, not touched", private_memory + 4096);
    MUST(VirtualFree(private_memory, 0, MEM_RELEASE));
    page("free", private_memory);
    ROW_B("FALSE 24", QueryWorkingSetEx(GetCurrentProcess(), three, 0));
    ROW_B("FALSE 6", QueryWorkingSetEx(NULL, three, sizeof three));

    file_behind("view of a file", (char *)of_the_file + 5000);
    file_behind("copy of a file", (char *)copy);
    file_behind("view of memory", (char *)view);
    file_behind("free address", private_memory);
    file_behind("heap", HeapAlloc(GetProcessHeap(), 0, 10));
    ROW_N("0x0 122", GetMappedFileNameA(GetCurrentProcess(), (char *)of_the_file, name, 0));
    return 0;
}
