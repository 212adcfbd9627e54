/* Views of images: what lies where, what is shared, and how such views end. Contract: views, VirtualQuery, shared sections. */
#include "images.h"

#include <psapi.h>

static DWORD old;

static DWORD valid(const void *address)
{
    PSAPI_WORKING_SET_EX_INFORMATION info;
    memset(&info, 0, sizeof info);
    info.VirtualAddress = (void *)address;
    MUST(QueryWorkingSetEx(GetCurrentProcess(), &info, sizeof info));
    return (DWORD)info.VirtualAttributes.Valid;
}

int main(void)
{
    HANDLE section;
    char *view, *other;
    int answer;

    write_library("small.dll", 0xc00);
    section = image_section("small.dll");
    view = P(MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0));
    MUST(view != NULL);
    SAY("headers", "%s", region(view));
    SAY("text", "%s", region(view + TEXT_AT));
    ROW_SAY("1000 8 80 1000000 1000", "data", "%s", region(view + DATA_AT));
    ROW_SAY("1000 4 80 1000000 1000", "common", "%s", region(view + COMMON_AT));
    SAY("constants", "%s", region(view + CONST_AT));
    SAY("content", "%.2s %s %d %s", view, view + DATA_AT, *(int *)(view + COMMON_AT), view + CONST_AT);
    answer = ((int (*)(void))(view + TEXT_AT))();
    SAY("called", "%d", answer);

    other = MapViewOfFile(section, FILE_MAP_READ, 0, 0, IMAGE_SIZE);
    MUST(other != NULL && other != view);
    strcpy(view + DATA_AT, "mine");
    *(int *)(view + COMMON_AT) += 1;
    SAY("the other", "%s %d", other + DATA_AT, *(int *)(other + COMMON_AT));
    ROW_SAY("1000 4 80 1000000 2000", "data written", "%s", region(view + DATA_AT));
    ROW_SAY("1000 8 80 1000000 1000", "untouched", "%s", region(other + DATA_AT));

    B(VirtualProtect(other + TEXT_AT, 16, PAGE_EXECUTE_READWRITE, &old));
    SAY("text was", "%lx", (unsigned long)old);
    SAY("text writable", "%s", region(other + TEXT_AT));
    other[TEXT_AT + 1] = 43;
    answer = ((int (*)(void))(other + TEXT_AT))();
    SAY("patched", "%d", answer);
    answer = ((int (*)(void))(view + TEXT_AT))();
    SAY("the other is not", "%d", answer);
    B(VirtualProtect(other + CONST_AT, 0x1000, PAGE_READWRITE, &old));
    SAY("constants writable", "%s", region(other + CONST_AT));
    ROW_B("FALSE 487", VirtualProtect(other + CONST_AT, 0x2000, PAGE_READONLY, &old));
    B(FlushViewOfFile(view, 0));
    B(FlushViewOfFile(view + DATA_AT, 0x1000));
    SAY("in memory", "%lu", (unsigned long)valid(view + DATA_AT));

    P(MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0));
    ROW_P("NULL 5", MapViewOfFile(section, FILE_MAP_READ, 0, 0, IMAGE_SIZE + 0x1000));
    ROW_P("NULL 487", MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, view));
    P(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, view + 0x1000));

    B(UnmapViewOfFile(other + DATA_AT + 5));
    SAY("afterwards", "%s", region(other + TEXT_AT));
    B(UnmapViewOfFile(other));
    B(CloseHandle(section));
    SAY("without the section", "%s", view + DATA_AT);
    B(UnmapViewOfFile(view));

    /* Under Wine the rows above left views. The shared section begins anew with the next user, and so does the copy. */
    section = image_section("small.dll");
    view = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    ROW_SAY("data 23", "anew", "%s %d", view + DATA_AT, *(int *)(view + COMMON_AT));
    return 0;
}
