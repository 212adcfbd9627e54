/* A command line reaches the child as it is, and is split there by Microsoft's rules; CommandLineToArgvW splits alike.
 * Libraries: shell32 */
#include "starting.h"
#include <shellapi.h>

static const char *const lines[] = {
    "\"my program\" child plain words",
    "program child \"two words\" \"\" end",
    "program child a\\b \\\\c d\\ e\\\\",
    "program child \"a\\\\b\" \"c\\\\\" \"d\\\\\\\"e\" f\\\"g",
    "program child \"\"\"triple\"\"\" x\"\"y",
    "program child   many\t\tblanks  ",
    "program child open \"quote to the end",
    "pro\"gram child\" child",
};

int main(int count, char **arguments)
{
    char program[MAX_PATH], line[MAX_PATH];
    unsigned number;
    int index, wide_count;
    LPWSTR *wide;
    if (count > 1) {
        int same = 0;
        SAY("line", "%s", GetCommandLineA());
        wide = CommandLineToArgvW(GetCommandLineW(), &wide_count);
        SAY("count", "%d %d", count, wide_count);
        for (index = 0; index < count && index < wide_count; index++) {
            char narrow[MAX_PATH];
            WideCharToMultiByte(CP_UTF8, 0, wide[index], -1, narrow, sizeof narrow, NULL, NULL);
            SAY("argument", "[%s]", narrow);
            same += strcmp(narrow, arguments[index]) == 0;
        }
        SAY("split alike", "%d", same);
        LocalFree(wide);
        return 0;
    }
    MUST(GetModuleFileNameA(NULL, program, sizeof program));
    for (number = 0; number < sizeof lines / sizeof lines[0]; number++) {
        STARTUPINFOA startup = starting_plain();
        PROCESS_INFORMATION process;
        strcpy(line, lines[number]);
        fflush(stdout);
        MUST(CreateProcessA(program, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process));
        MUST(scenario_finish(process.hProcess) == 0);
    }
    wide = CommandLineToArgvW(u"a  b\\\\\"c d\" \"e\"\"\"f g\" h", &wide_count);
    for (index = 0; index < wide_count; index++)
        SAY("alone", "[%c] %d", wide[index][0], lstrlenW(wide[index]));
    LocalFree(wide);
    return 0;
}
