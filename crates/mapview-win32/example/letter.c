/* One process writes a letter, another one, which it starts, reads it. Source for Windows and for Linux alike. */
#include <windows.h>
#include <stdio.h>
#include <string.h>

#define NAME TEXT("Local\\letter")
#define ROOM 256

static int failed(const char *what)
{
    fprintf(stderr, "%s: error %lu\n", what, (unsigned long)GetLastError());
    return 1;
}

static int read_letter(void)
{
    HANDLE mapping = OpenFileMapping(FILE_MAP_READ, FALSE, NAME);
    const char *letter = mapping ? (const char *)MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0) : NULL;
    if (letter == NULL)
        return failed("reading");
    printf("%s\n", letter);
    UnmapViewOfFile(letter);
    CloseHandle(mapping);
    return 0;
}

static int write_letter(void)
{
    TCHAR program[MAX_PATH], arguments[] = TEXT("letter read");
    STARTUPINFO startup = {0};
    PROCESS_INFORMATION reader;
    DWORD code = 1;
    HANDLE mapping = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, ROOM, NAME);
    char *letter = mapping ? (char *)MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0) : NULL;
    if (letter == NULL)
        return failed("writing");
    strcpy(letter, "Dear reader");

    startup.cb = sizeof startup;
    GetModuleFileName(NULL, program, MAX_PATH);
    if (!CreateProcess(program, arguments, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &reader))
        return failed("starting the reader");
    WaitForSingleObject(reader.hProcess, INFINITE);
    GetExitCodeProcess(reader.hProcess, &code);
    CloseHandle(reader.hThread);
    CloseHandle(reader.hProcess);
    UnmapViewOfFile(letter);
    CloseHandle(mapping);
    return (int)code;
}

int main(int count, char **arguments)
{
    return count > 1 && strcmp(arguments[1], "read") == 0 ? read_letter() : write_letter();
}
