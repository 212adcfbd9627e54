/* One library mapped by several processes: by its file, and by a section that a child inherits. Contract: shared sections. */
#include "images.h"

static int child(const char *how, const char *value)
{
    HANDLE section = strcmp(how, "inherited") ? image_section("small.dll") : (HANDLE)(ULONG_PTR)strtoull(value, NULL, 0);
    char *view = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    MUST(view != NULL);
    strcpy(view + DATA_AT, "child's");
    return ++*(int *)(view + COMMON_AT);
}

int main(int count, char **arguments)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    char text[64];
    HANDLE section, file;
    char *view;
    DWORD code;
    if (count > 2)
        return child(arguments[1], arguments[2]);

    write_library("small.dll", 0xc00);
    code = scenario_finish(scenario_start_process("alone -"));
    SAY("alone", "%lu", (unsigned long)code);
    code = scenario_finish(scenario_start_process("alone -"));
    SAY("and anew", "%lu", (unsigned long)code);

    file = open_library("small.dll", GENERIC_READ | GENERIC_EXECUTE);
    section = CreateFileMappingA(file, &inherit, PAGE_READONLY | SEC_IMAGE, 0, 0, NULL);
    MUST(section != NULL);
    CloseHandle(file);
    view = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    MUST(view != NULL);
    *(int *)(view + COMMON_AT) = 50;
    code = scenario_finish(scenario_start_process("together -"));
    SAY("together", "%lu", (unsigned long)code);
    snprintf(text, sizeof text, "inherited %llu", (unsigned long long)(ULONG_PTR)section);
    code = scenario_finish(scenario_start_process(text));
    SAY("inherited", "%lu", (unsigned long)code);
    SAY("here", "%d %s", *(int *)(view + COMMON_AT), view + DATA_AT);
    return 0;
}
