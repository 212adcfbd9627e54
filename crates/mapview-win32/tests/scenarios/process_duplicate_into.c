/* Handing handles to a child by duplication: the classic teaching program, with a mapping and a semaphore, and what must
 * hold besides. The child does nothing for it and learns the numbers through a pipe. Contract: DuplicateHandle. */
#include "starting.h"

static int child(void)
{
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    ULONG_PTR values[5];
    DWORD done, flags;
    char *view;
    MUST(ReadFile(input, values, sizeof values, &done, NULL) && done == sizeof values);
    view = P(MapViewOfFile((HANDLE)values[0], FILE_MAP_READ, 0, 0, 0));
    SAY("letter", "%s", view);
    P(MapViewOfFile((HANDLE)values[0], FILE_MAP_WRITE, 0, 0, 0));
    B(SetEvent((HANDLE)values[1]));
    B(GetHandleInformation((HANDLE)values[1], &flags));
    SAY("flags", "%lu", (unsigned long)flags);
    N(WaitForSingleObject((HANDLE)values[2], 60000));
    N(WaitForSingleObject((HANDLE)values[3], 0));
    B(CloseHandle((HANDLE)values[1]));
    B(SetEvent((HANDLE)values[1]));
    B(SetEvent((HANDLE)values[4]));
    B(SetEvent((HANDLE)(values[4] + 1)));
    H(OpenEventA(EVENT_ALL_ACCESS, FALSE, NAME("named")));
    return 0;
}

int main(int count, char **arguments)
{
    SECURITY_ATTRIBUTES inherit = { sizeof inherit, NULL, TRUE };
    HANDLE mapping, event, semaphore, named, read_end, write_end, there[5];
    HANDLE self = GetCurrentProcess();
    STARTUPINFOA startup;
    PROCESS_INFORMATION process;
    DWORD done, code;
    (void)arguments;
    if (count > 1)
        return child();

    MUST(CreatePipe(&read_end, &write_end, &inherit, 0));
    MUST(SetHandleInformation(write_end, HANDLE_FLAG_INHERIT, 0));
    startup = starting_with(read_end, GetStdHandle(STD_OUTPUT_HANDLE), GetStdHandle(STD_ERROR_HANDLE));
    process = starting_again("child", TRUE, 0, &startup);
    CloseHandle(read_end);

    mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, NULL);
    strcpy(MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0), "for the child");
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    semaphore = CreateSemaphoreA(NULL, 1, 1, NULL);
    named = CreateEventA(NULL, TRUE, FALSE, NAME("named"));
    B(DuplicateHandle(self, mapping, process.hProcess, &there[0], FILE_MAP_READ, FALSE, 0));
    B(DuplicateHandle(self, event, process.hProcess, &there[1], 0, TRUE, DUPLICATE_SAME_ACCESS));
    B(DuplicateHandle(self, semaphore, process.hProcess, &there[2], SYNCHRONIZE, FALSE, 0));
    B(DuplicateHandle(self, self, process.hProcess, &there[3], SYNCHRONIZE, FALSE, 0));
    /* The name lives on, although nobody but the message to the child has it for a while. */
    B(DuplicateHandle(self, named, process.hProcess, &there[4], 0, FALSE,
                      DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    B(SetEvent(named));
    B(DuplicateHandle(self, event, process.hProcess, NULL, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CloseHandle(semaphore);
    CloseHandle(mapping);
    N(WaitForSingleObject(event, 0));
    MUST(WriteFile(write_end, there, sizeof there, &done, NULL));
    N(WaitForSingleObject(process.hProcess, 60000));
    MUST(GetExitCodeProcess(process.hProcess, &code));
    SAY("exit code", "%lu", (unsigned long)code);
    N(WaitForSingleObject(event, 0));
    H(OpenEventA(EVENT_ALL_ACCESS, FALSE, NAME("named")));
    there[0] = self;
    B(DuplicateHandle(self, event, process.hProcess, &there[0], 0, FALSE, DUPLICATE_SAME_ACCESS));
    SAY("target", "%s", there[0] == NULL ? "NULL" : "something");
    return 0;
}
