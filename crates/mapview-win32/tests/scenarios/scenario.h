/* What the scenarios print with. One source runs on Windows and on Linux, and both must print the same.
 *
 * B, H, P, N call a function and print its source text, what it returned and what became of the last error, as in
 *   SetEvent(NULL): FALSE 6
 *   CreateEventA(NULL, TRUE, FALSE, NAME("go")): handle 183
 * ROW_B, ROW_H, ROW_P, ROW_N do the same where Wine 8 is known to differ from Windows: `expected` is what Windows does;
 * on Linux the line must say just that, under Wine it is left out of the comparison.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <windows.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__)
#define SCENARIO_UNUSED __attribute__((unused))
#else
#define SCENARIO_UNUSED
#endif

/* A name that no other scenario uses; the build defines SCENARIO. */
#define NAME(text) SCENARIO "-" text

/* Nobody sets this last error, so who finds it there knows that a call left it alone. */
#define UNTOUCHED 4711

static const char *scenario_expected;

/* Prints "what: result", and for a row of its own what it should be; then the next call starts anew. */
static SCENARIO_UNUSED void scenario_line(const char *what, const char *format, ...)
{
    va_list arguments;
    if (scenario_expected)
        printf("!%s|", scenario_expected);
    printf("%s: ", what);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
    scenario_expected = NULL;
}

static SCENARIO_UNUSED void scenario_start(const char *expected)
{
    scenario_expected = expected;
    SetLastError(UNTOUCHED);
}

static SCENARIO_UNUSED void scenario_value(const char *what, const char *value, int failed)
{
    DWORD error = GetLastError();
    if (!failed && error == UNTOUCHED)
        scenario_line(what, "%s", value);
    else
        scenario_line(what, "%s %lu", value, (unsigned long)error);
}

static SCENARIO_UNUSED BOOL scenario_bool(const char *what, BOOL value)
{
    scenario_value(what, value ? "TRUE" : "FALSE", !value);
    return value;
}

static SCENARIO_UNUSED HANDLE scenario_handle(const char *what, HANDLE value)
{
    int failed = value == NULL || value == INVALID_HANDLE_VALUE;
    scenario_value(what, value == NULL ? "NULL" : failed ? "INVALID" : "handle", failed);
    return value;
}

static SCENARIO_UNUSED void *scenario_pointer(const char *what, void *value)
{
    scenario_value(what, value ? "pointer" : "NULL", value == NULL);
    return value;
}

static SCENARIO_UNUSED DWORD scenario_number(const char *what, DWORD value)
{
    char text[16];
    snprintf(text, sizeof text, "0x%lx", (unsigned long)value);
    scenario_value(what, text, value == 0xffffffff);
    return value;
}

#define B(call) (scenario_start(NULL), scenario_bool(#call, (call)))
#define H(call) (scenario_start(NULL), scenario_handle(#call, (call)))
#define P(call) (scenario_start(NULL), scenario_pointer(#call, (void *)(call)))
#define N(call) (scenario_start(NULL), scenario_number(#call, (DWORD)(call)))

#define ROW_B(expected, call) (scenario_start(expected), scenario_bool(#call, (call)))
#define ROW_H(expected, call) (scenario_start(expected), scenario_handle(#call, (call)))
#define ROW_P(expected, call) (scenario_start(expected), scenario_pointer(#call, (void *)(call)))
#define ROW_N(expected, call) (scenario_start(expected), scenario_number(#call, (DWORD)(call)))

/* Prints a line of the scenario's own: SAY("read back", "%s", text). */
#define SAY(what, ...) (scenario_expected = NULL, scenario_line(what, __VA_ARGS__))
#define ROW_SAY(expected, what, ...) (scenario_expected = (expected), scenario_line(what, __VA_ARGS__))

/* Ends the scenario where it cannot go on. */
#define MUST(condition)                                                                                            \
    do {                                                                                                           \
        if (!(condition)) {                                                                                        \
            fprintf(stderr, "%s:%d: %s (last error %lu)\n", __FILE__, __LINE__, #condition,                        \
                    (unsigned long)GetLastError());                                                                \
            exit(1);                                                                                               \
        }                                                                                                          \
    } while (0)

/* Starts this program again with these arguments; it inherits what is inheritable. Its lines come where they come, so let
 * it print only while its parent waits for it. */
static SCENARIO_UNUSED HANDLE scenario_start_process(const char *arguments)
{
    char command[2 * MAX_PATH], program[MAX_PATH];
    STARTUPINFOA startup;
    PROCESS_INFORMATION process;
    memset(&startup, 0, sizeof startup);
    startup.cb = sizeof startup;
    MUST(GetModuleFileNameA(NULL, program, sizeof program));
    snprintf(command, sizeof command, "\"%s\" %s", program, arguments);
    fflush(stdout);
    MUST(CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process));
    CloseHandle(process.hThread);
    return process.hProcess;
}

/* Waits for the process, closes its handle and returns its exit code. */
static SCENARIO_UNUSED DWORD scenario_finish(HANDLE process)
{
    DWORD code;
    MUST(WaitForSingleObject(process, 60000) == WAIT_OBJECT_0);
    MUST(GetExitCodeProcess(process, &code));
    CloseHandle(process);
    return code;
}

#endif
