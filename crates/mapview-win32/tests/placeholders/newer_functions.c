/* Functions of later Windows versions. Contract: CreateFileMapping2, ...FromApp, ...Numa; MapViewOfFile3; parameters. */
#include "../scenarios/sections.h"

static HANDLE create2(DWORD access, DWORD protect, DWORD attributes)
{
    return CreateFileMapping2(MEMORY, NULL, access, protect, attributes, 8192, NULL, NULL, 0);
}

static void *map3(HANDLE section, void *base, DWORD protect, MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    return MapViewOfFile3(section, NULL, base, 0, 0, 0, protect, parameters, count);
}

int main(void)
{
    MEM_EXTENDED_PARAMETER parameters[2];
    MEM_ADDRESS_REQUIREMENTS requirements;
    HANDLE section, reader;

    section = ROW_H("handle 0", create2(FILE_MAP_READ | FILE_MAP_WRITE, PAGE_READWRITE, 0));
    ROW_P("pointer", MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0));
    reader = ROW_H("handle 0", create2(FILE_MAP_READ, PAGE_READWRITE, SEC_COMMIT));
    ROW_P("NULL 5", MapViewOfFile(reader, FILE_MAP_WRITE, 0, 0, 0));
    ROW_P("pointer", MapViewOfFile(reader, FILE_MAP_READ, 0, 0, 0));
    ROW_H("NULL 87", create2(FILE_MAP_READ, PAGE_READWRITE | SEC_COMMIT, 0));
    ROW_H("NULL 87", create2(FILE_MAP_READ, PAGE_NOACCESS, 0));
    ROW_H("NULL 87", create2(FILE_MAP_READ, PAGE_READWRITE, SEC_COMMIT | SEC_RESERVE));
    ROW_H("NULL 50", create2(FILE_MAP_READ, PAGE_READWRITE, SEC_COMMIT | 0x400000)); /* SEC_NO_CHANGE */
    ROW_H("NULL 87", create2(FILE_MAP_READ, PAGE_READWRITE, SEC_IMAGE | 0x400000));

    ROW_H("handle 0", CreateFileMappingFromApp(MEMORY, NULL, PAGE_EXECUTE_READWRITE | SEC_RESERVE, 0x100000000ULL, NULL));
    ROW_H("handle 0", CreateFileMappingNumaA(MEMORY, NULL, PAGE_READWRITE, 0, 100, NAME("numa"), 0));
    ROW_H("handle", OpenFileMappingFromApp(FILE_MAP_READ, FALSE, u"newer_functions-numa"));
    ROW_H("NULL 87", CreateFileMappingNumaA(MEMORY, NULL, PAGE_READWRITE, 0, 100, NULL, 12345));
    ROW_H("handle 0", CreateFileMappingNumaW(MEMORY, NULL, PAGE_READWRITE, 0, 100, NULL, NUMA_NO_PREFERRED_NODE));
    ROW_P("pointer", MapViewOfFileExNuma(section, FILE_MAP_READ, 0, 0, 0, NULL, 0));
    ROW_P("NULL 87", MapViewOfFileExNuma(section, FILE_MAP_READ, 0, 0, 0, NULL, 12345));
    ROW_P("pointer", MapViewOfFileFromApp(section, FILE_MAP_READ, 0, 4096));

    ROW_P("NULL 6", MapViewOfFile2(section, NULL, 0, NULL, 0, 0, PAGE_READONLY));
    ROW_P("pointer", MapViewOfFile2(section, GetCurrentProcess(), 0, NULL, 0, 0, PAGE_READONLY));
    ROW_P("NULL 6", MapViewOfFileNuma2(section, section, 0, NULL, 0, 0, PAGE_READONLY, 0));
    ROW_P("NULL 87", MapViewOfFileNuma2(section, GetCurrentProcess(), 0, NULL, 0, 0x1000, PAGE_READONLY, 0));
    ROW_P("NULL 87", map3(section, NULL, FILE_MAP_READ | FILE_MAP_WRITE, NULL, 0)); /* no page protection */
    ROW_P("NULL 87", map3(section, NULL, PAGE_READWRITE | PAGE_GUARD, NULL, 0));
    ROW_P("NULL 5", map3(section, NULL, PAGE_EXECUTE_READ, NULL, 0));
    ROW_SAY("1000 1 1 40000 2000", "nothing", "%s", region(map3(section, NULL, PAGE_NOACCESS, NULL, 0)));
    ROW_SAY("1000 8 8 40000 2000", "copy", "%s", region(map3(section, NULL, PAGE_WRITECOPY, NULL, 0)));

    memset(parameters, 0, sizeof parameters);
    memset(&requirements, 0, sizeof requirements);
    ROW_P("NULL 87", map3(section, NULL, PAGE_READONLY, NULL, 1));
    ROW_P("NULL 87", map3(section, NULL, PAGE_READONLY, parameters, 1)); /* type 0 */
    parameters[0].Type = 77;
    ROW_P("NULL 87", map3(section, NULL, PAGE_READONLY, parameters, 1));
    parameters[0].Type = parameters[1].Type = MemExtendedParameterNumaNode;
    ROW_P("pointer", map3(section, NULL, PAGE_READONLY, parameters, 1));
    ROW_P("NULL 87", map3(section, NULL, PAGE_READONLY, parameters, 2)); /* twice */
    parameters[0].Type = MemExtendedParameterAddressRequirements;
    parameters[0].Pointer = &requirements;
    ROW_P("pointer", map3(section, NULL, PAGE_READONLY, parameters, 1));
    requirements.Alignment = 0x100000;
    ROW_P("NULL 87", map3(section, NULL, PAGE_READONLY, parameters, 1)); /* views know none */
    requirements.Alignment = 0;
    requirements.HighestEndingAddress = (void *)0x7fffffff;
    section = memory_section(PAGE_READWRITE, 0x10000);
    ROW_SAY("1", "in the lower 2 GiB", "%d", (ULONG_PTR)map3(section, NULL, PAGE_READONLY, parameters, 1) - 1 < 0x7fff0000);
    ROW_P("NULL 87", map3(section, (void *)0x10000000, PAGE_READONLY, parameters, 1));
    requirements.HighestEndingAddress = (void *)0x7fffff00;
    ROW_P("NULL 87", map3(section, NULL, PAGE_READONLY, parameters, 1));
    return 0;
}
