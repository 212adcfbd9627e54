/* Taking handles out of a child that does nothing for it, closing them there, and carrying them from one child to another.
 * Contract: DuplicateHandle. */
#include "starting.h"

static int child(void)
{
    HANDLE handles[4];
    DWORD done;
    char byte;
    handles[0] = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, NULL);
    strcpy(MapViewOfFile(handles[0], FILE_MAP_WRITE, 0, 0, 0), "of the child");
    handles[1] = CreateEventA(NULL, TRUE, FALSE, NAME("named"));
    handles[2] = CreateFileA("child.txt", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    handles[3] = OpenEventA(SYNCHRONIZE, FALSE, NAME("named"));
    MUST(WriteFile(handles[2], "0123456789", 10, &done, NULL));
    MUST(SetFilePointer(handles[2], 5, NULL, FILE_BEGIN) == 5);
    MUST(SetHandleInformation(handles[3], HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE));
    MUST(WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), handles, sizeof handles, &done, NULL));
    MUST(ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &done, NULL));
    if (SetEvent(handles[1]) || GetLastError() != ERROR_INVALID_HANDLE)
        return 2;
    if (WaitForSingleObject(handles[3], 0) != WAIT_OBJECT_0)
        return 3;
    if (SetFilePointer(handles[2], 0, NULL, FILE_CURRENT) != 8)
        return 4;
    return 1;
}

static int other(void)
{
    HANDLE handle;
    DWORD done;
    MUST(ReadFile(GetStdHandle(STD_INPUT_HANDLE), &handle, sizeof handle, &done, NULL));
    return SetEvent(handle) ? 1 : 2;
}

int main(int count, char **arguments)
{
    SECURITY_ATTRIBUTES inherit = { sizeof inherit, NULL, TRUE };
    HANDLE to_child[2], from_child[2], to_other[2], theirs[4], mine = NULL, self = GetCurrentProcess();
    STARTUPINFOA startup;
    PROCESS_INFORMATION first, second;
    DWORD done;
    char text[8] = "";
    if (count > 1)
        return arguments[1][0] == 'c' ? child() : other();

    MUST(CreatePipe(&to_child[0], &to_child[1], NULL, 0) && CreatePipe(&from_child[0], &from_child[1], NULL, 0));
    MUST(CreatePipe(&to_other[0], &to_other[1], NULL, 0));
    startup = starting_with(to_child[0], from_child[1], GetStdHandle(STD_ERROR_HANDLE));
    first = starting_again("child", TRUE, 0, &startup);
    startup = starting_with(to_other[0], from_child[1], GetStdHandle(STD_ERROR_HANDLE));
    second = starting_again("other", TRUE, 0, &startup);
    MUST(ReadFile(from_child[0], theirs, sizeof theirs, &done, NULL) && done == sizeof theirs);

    B(DuplicateHandle(first.hProcess, theirs[0], self, &mine, 0, FALSE, DUPLICATE_SAME_ACCESS));
    SAY("mapping", "%s", (char *)MapViewOfFile(mine, FILE_MAP_READ, 0, 0, 0));
    B(DuplicateHandle(first.hProcess, theirs[0], self, &mine, FILE_MAP_READ, FALSE, 0));
    P(MapViewOfFile(mine, FILE_MAP_WRITE, 0, 0, 0));
    B(DuplicateHandle(first.hProcess, theirs[2], self, &mine, 0, FALSE, DUPLICATE_SAME_ACCESS));
    B(ReadFile(mine, text, 3, &done, NULL));
    SAY("from the position", "%s", text);
    B(DuplicateHandle(first.hProcess, theirs[3], self, &mine, 0, FALSE, DUPLICATE_SAME_ACCESS));
    B(SetEvent(mine));
    B(DuplicateHandle(first.hProcess, theirs[3], self, &mine, EVENT_MODIFY_STATE, FALSE, 0));
    N(WaitForSingleObject(mine, 0));
    B(SetEvent(mine));
    B(CloseHandle(mine));
    B(DuplicateHandle(first.hProcess, NULL, self, &mine, 0, FALSE, DUPLICATE_SAME_ACCESS));
    SAY("target", "%s", mine ? "something" : "NULL");
    B(DuplicateHandle(first.hProcess, (HANDLE)0x7ffc, self, &mine, 0, FALSE, DUPLICATE_SAME_ACCESS));
    B(DuplicateHandle(first.hProcess, GetCurrentProcess(), self, &mine, 0, FALSE, DUPLICATE_SAME_ACCESS));
    /* Of the process it is taken from, as documentation warns; Wine 8 takes the caller. */
    ROW_SAY("yes", "the child itself", "%s", GetProcessId(mine) == first.dwProcessId ? "yes" : "no");
    CloseHandle(mine);

    /* From one child to the other; the source is closed. */
    B(DuplicateHandle(first.hProcess, theirs[1], second.hProcess, &mine, 0, FALSE,
                      DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    MUST(WriteFile(to_other[1], &mine, sizeof mine, &done, NULL));
    SAY("the other child", "%lu", (unsigned long)scenario_finish(second.hProcess));
    MUST(WriteFile(to_child[1], "x", 1, &done, NULL));
    SAY("the child", "%lu", (unsigned long)scenario_finish(first.hProcess));
    return 0;
}
