/* Starting this program again, in more ways than scenario.h knows. */
#ifndef STARTING_H
#define STARTING_H

#include "scenario.h"

/* Start-up information in which nothing is said. */
static SCENARIO_UNUSED STARTUPINFOA starting_plain(void)
{
    STARTUPINFOA startup;
    memset(&startup, 0, sizeof startup);
    startup.cb = sizeof startup;
    return startup;
}

/* With these standard handles, which become inheritable. */
static SCENARIO_UNUSED STARTUPINFOA starting_with(HANDLE input, HANDLE output, HANDLE error)
{
    STARTUPINFOA startup = starting_plain();
    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdInput = input;
    startup.hStdOutput = output;
    startup.hStdError = error;
    SetHandleInformation(input, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    SetHandleInformation(output, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    SetHandleInformation(error, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    return startup;
}

/* Starts this program with these arguments. */
static SCENARIO_UNUSED PROCESS_INFORMATION starting_again(const char *arguments, BOOL inherit, DWORD flags,
                                                          STARTUPINFOA *startup)
{
    char command[3 * MAX_PATH], program[MAX_PATH];
    PROCESS_INFORMATION process;
    MUST(GetModuleFileNameA(NULL, program, sizeof program));
    snprintf(command, sizeof command, "\"%s\" %s", program, arguments);
    fflush(stdout);
    MUST(CreateProcessA(NULL, command, NULL, NULL, inherit, flags, NULL, NULL, startup, &process));
    return process;
}

#endif
