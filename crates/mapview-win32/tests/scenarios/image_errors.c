/* What cannot be mapped as an image. Contract: CreateFileMapping. */
#include "images.h"

static HANDLE section(HANDLE file, DWORD protect)
{
    return CreateFileMappingA(file, NULL, protect, 0, 0, NULL);
}

static HANDLE some_file(const char *name, const void *bytes, DWORD size)
{
    DWORD written;
    HANDLE file = CreateFileA(name, GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE, 7, NULL, CREATE_ALWAYS, 0, NULL);
    MUST(file != INVALID_HANDLE_VALUE && (size == 0 || WriteFile(file, bytes, size, &written, NULL)));
    return file;
}

int main(void)
{
    unsigned char bytes[0xc00];
    HANDLE empty = some_file("empty", "", 0), text = some_file("text", "no program", 10), reading, short_file, writing;
    library_bytes(bytes);
    short_file = some_file("short.dll", bytes, 0x900);
    H(section(empty, PAGE_READONLY | SEC_IMAGE));
    H(section(text, PAGE_READONLY | SEC_IMAGE));
    ROW_H("NULL 193", section(short_file, PAGE_READONLY | SEC_IMAGE));
    H(section(MEMORY, PAGE_READONLY | SEC_IMAGE));

    write_library("small.dll", 0xc00);
    reading = open_library("small.dll", GENERIC_READ);
    H(section(reading, PAGE_READONLY | SEC_IMAGE));
    H(section(reading, PAGE_WRITECOPY | SEC_IMAGE));
    ROW_H("NULL 5", section(reading, PAGE_READWRITE | SEC_IMAGE));
    ROW_H("NULL 5", section(reading, PAGE_EXECUTE_READ | SEC_IMAGE));
    H(section(reading, PAGE_READONLY | 0x11000000)); /* SEC_IMAGE_NO_EXECUTE */
    H(section(reading, PAGE_READONLY | SEC_IMAGE | SEC_WRITECOMBINE));
    H(section(reading, PAGE_READONLY | SEC_IMAGE | SEC_RESERVE));
    H(section(reading, PAGE_READONLY | SEC_IMAGE | SEC_COMMIT));
    H(section(reading, SEC_IMAGE));
    H(CreateFileMappingA(reading, NULL, PAGE_READONLY | SEC_IMAGE, 0, IMAGE_SIZE, NULL));
    H(CreateFileMappingA(reading, NULL, PAGE_READONLY | SEC_IMAGE, 0, IMAGE_SIZE + 1, NULL));
    CloseHandle(reading);

    /* Who made the file may still have it open for writing. */
    writing = some_file("own.dll", bytes, sizeof bytes);
    H(section(writing, PAGE_READONLY | SEC_IMAGE));
    return 0;
}
