/* Environment and current directory of a child: its parent's, or others. */
#include "starting.h"

static void start(const char *arguments, DWORD flags, void *environment, const char *directory)
{
    char program[MAX_PATH], line[2 * MAX_PATH];
    STARTUPINFOA startup = starting_plain();
    PROCESS_INFORMATION process;
    MUST(GetModuleFileNameA(NULL, program, sizeof program));
    sprintf(line, "\"%s\" %s", program, arguments);
    fflush(stdout);
    MUST(CreateProcessA(program, line, NULL, NULL, FALSE, flags, environment, directory, &startup, &process));
    SAY(arguments, "%lu", (unsigned long)scenario_finish(process.hProcess));
}

int main(int count, char **arguments)
{
    char narrow[512], *at = narrow;
    WCHAR wide[] = u"SECOND=zwei \x00fc\0THIRD=\0";
    if (count > 1) {
        int index;
        FILE *file;
        for (index = 2; index < count; index++) {
            const char *value = getenv(arguments[index]);
            SAY(arguments[index], "%s", value ? value : "(not there)");
        }
        SAY("started by", "%s", getenv("MAPVIEW_START") ? "a variable" : "nothing that shows");
        file = fopen("here.txt", "r");
        SAY("in the folder", "%s", file ? "yes" : "no");
        return count;
    }
    MUST(CreateDirectoryA("folder", NULL));
    MUST(CloseHandle(CreateFileA("folder\\here.txt", GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL)));
    MUST(SetEnvironmentVariableA("FIRST", "one"));
    MUST(SetEnvironmentVariableA("SECOND", "two"));
    start("parent's FIRST SECOND THIRD", 0, NULL, NULL);

    at += sprintf(at, "FIRST=eins mit = darin") + 1;
    at += sprintf(at, "SYSTEMROOT=%s", getenv("SYSTEMROOT") ? getenv("SYSTEMROOT") : "none") + 1;
    *at = 0;
    start("narrow FIRST SECOND THIRD", 0, narrow, "folder");
    start("wide FIRST THIRD", CREATE_UNICODE_ENVIRONMENT, wide, "folder\\..\\folder\\");
    return 0;
}
