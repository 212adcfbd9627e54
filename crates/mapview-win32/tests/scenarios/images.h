/* A small library written byte by byte: code, data, a section that all processes share, and read-only data. Nothing in it
 * holds an address, so it is the same wherever it lies. */
#ifndef IMAGES_H
#define IMAGES_H

#include "sections.h"

enum { TEXT_AT = 0x1000, DATA_AT = 0x2000, COMMON_AT = 0x3000, CONST_AT = 0x4000, IMAGE_SIZE = 0x5000 };

static SCENARIO_UNUSED void put16(unsigned char *at, unsigned value)
{
    at[0] = (unsigned char)value;
    at[1] = (unsigned char)(value >> 8);
}

static SCENARIO_UNUSED void put32(unsigned char *at, unsigned value)
{
    put16(at, value & 0xffff);
    put16(at + 2, value >> 16);
}

static SCENARIO_UNUSED void put_section(unsigned char *at, const char *name, unsigned address, unsigned offset, unsigned flags)
{
    memcpy(at, name, strlen(name));
    put32(at + 8, 0x200);
    put32(at + 12, address);
    put32(at + 16, 0x200);
    put32(at + 20, offset);
    put32(at + 36, flags);
}

static SCENARIO_UNUSED DWORD library_bytes(unsigned char *file)
{
    unsigned char *header = file + 0x44, *optional = header + 20, *sections = optional + 240;
    memset(file, 0, 0xc00);
    memcpy(file, "MZ", 2);
    put32(file + 0x3c, 0x40);
    memcpy(file + 0x40, "PE\0\0", 4);
    put16(header, 0x8664);
    put16(header + 2, 4);
    put16(header + 16, 240);
    put16(header + 18, 0x2022); /* a library that knows large addresses */
    put16(optional, 0x20b);
    put32(optional + 16, TEXT_AT);
    put32(optional + 24, 0x80000000u); /* linked for 0x180000000 */
    put32(optional + 28, 1);
    put32(optional + 32, 0x1000);
    put32(optional + 36, 0x200);
    put16(optional + 40, 6); /* of the system and the subsystem */
    put16(optional + 48, 6);
    put32(optional + 56, IMAGE_SIZE);
    put32(optional + 60, 0x400);
    put16(optional + 68, 3);
    put32(optional + 108, 16);
    put_section(sections, ".text", TEXT_AT, 0x400, 0x60000020);
    put_section(sections + 40, ".data", DATA_AT, 0x600, 0xc0000040);
    put_section(sections + 80, ".common", COMMON_AT, 0x800, 0xd0000040);
    put_section(sections + 120, ".rdata", CONST_AT, 0xa00, 0x40000040);
    memcpy(file + 0x400, "\xb8\x2a\0\0\0\xc3", 6); /* mov eax, 42; ret */
    memcpy(file + 0x600, "data", 5);
    put32(file + 0x800, 23);
    memcpy(file + 0xa00, "constant", 9);
    return 0xc00;
}

/* Writes the library to a new file of this name. */
static SCENARIO_UNUSED void write_library(const char *name, DWORD size)
{
    static unsigned char bytes[0xc00];
    DWORD written;
    HANDLE file = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    library_bytes(bytes);
    MUST(file != INVALID_HANDLE_VALUE && WriteFile(file, bytes, size, &written, NULL) && written == size);
    CloseHandle(file);
}

static SCENARIO_UNUSED HANDLE open_library(const char *name, DWORD access)
{
    HANDLE file = CreateFileA(name, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    MUST(file != INVALID_HANDLE_VALUE);
    return file;
}

/* A section of the library; the handle to the file is closed already. */
static SCENARIO_UNUSED HANDLE image_section(const char *name)
{
    HANDLE file = open_library(name, GENERIC_READ | GENERIC_EXECUTE), section;
    section = CreateFileMappingA(file, NULL, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL);
    MUST(section != NULL);
    CloseHandle(file);
    return section;
}

#endif
