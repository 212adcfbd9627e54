/* A list of handles says which of the inheritable ones a child gets. Contract: inheritance. */
#include "starting.h"

#define ATTRIBUTES 2

static LPPROC_THREAD_ATTRIBUTE_LIST new_list(void)
{
    static LPVOID memory[32];
    SIZE_T size = 0;
    LPPROC_THREAD_ATTRIBUTE_LIST list = (LPPROC_THREAD_ATTRIBUTE_LIST)(void *)memory;
    B(InitializeProcThreadAttributeList(NULL, ATTRIBUTES, 0, &size));
    MUST(size <= sizeof memory);
    B(InitializeProcThreadAttributeList(list, ATTRIBUTES, 0, &size));
    return list;
}

static BOOL start(BOOL inherit, LPPROC_THREAD_ATTRIBUTE_LIST list, const HANDLE *handles, PROCESS_INFORMATION *process)
{
    char program[MAX_PATH], command[2 * MAX_PATH];
    STARTUPINFOEXA startup;
    memset(&startup, 0, sizeof startup);
    startup.StartupInfo.cb = sizeof startup;
    startup.lpAttributeList = list;
    MUST(GetModuleFileNameA(NULL, program, sizeof program));
    sprintf(command, "\"%s\" %p %p %p", program, handles[0], handles[1], handles[2]);
    return CreateProcessA(NULL, command, NULL, NULL, inherit, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL,
                          &startup.StartupInfo, process);
}

int main(int count, char **arguments)
{
    SECURITY_ATTRIBUTES inherit = { sizeof inherit, NULL, TRUE };
    LPPROC_THREAD_ATTRIBUTE_LIST list;
    PROCESS_INFORMATION process;
    HANDLE handles[3];
    int index;
    if (count > 1) {
        DWORD code = 0;
        for (index = 0; index < 3; index++) {
            void *handle;
            MUST(sscanf(arguments[index + 1], "%p", &handle) == 1);
            code |= (DWORD)(SetEvent(handle) != FALSE) << index;
        }
        return (int)code;
    }
    for (index = 0; index < 3; index++)
        handles[index] = CreateEventA(&inherit, TRUE, FALSE, NULL);

    list = new_list();
    B(UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles, 12, NULL, NULL));
    B(UpdateProcThreadAttribute(list, 0, 0x7777, handles, sizeof handles[0], NULL, NULL));
    B(UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles + 1, sizeof handles[1], NULL, NULL));
    B(UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles, sizeof handles[0], NULL, NULL));
    MUST(start(TRUE, list, handles, &process));
    SAY("only the second", "0x%lx", (unsigned long)scenario_finish(process.hProcess));
    DeleteProcThreadAttributeList(list);

    list = new_list();
    B(UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles, 2 * sizeof handles[0], NULL, NULL));
    MUST(start(TRUE, list, handles, &process));
    SAY("the first two", "0x%lx", (unsigned long)scenario_finish(process.hProcess));
    MUST(SetHandleInformation(handles[1], HANDLE_FLAG_INHERIT, 0));
    /* Windows checks before it starts anything; Wine 8 leaves the handle out. */
    ROW_B("FALSE 87", start(TRUE, list, handles, &process));
    MUST(start(TRUE, NULL, handles, &process));
    SAY("no list", "0x%lx", (unsigned long)scenario_finish(process.hProcess));
    MUST(start(FALSE, NULL, handles, &process));
    SAY("nothing", "0x%lx", (unsigned long)scenario_finish(process.hProcess));
    return 0;
}
