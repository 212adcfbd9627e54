/* main for programs that have wmain, WinMain or wWinMain in its place. It lies in an archive of its own, libmapview-main.a,
 * so that the linker takes it only if the program has no main. */
#include <stdint.h>

typedef uint16_t Unit;

Unit **mapview_wide_arguments(int count, char *const *arguments);
char *GetCommandLineA(void);
Unit *GetCommandLineW(void);
void *GetModuleHandleA(const char *name);

/* Under the names that they have if C++ compiled them: with wchar_t (-fshort-wchar) or char16_t, and as few arguments as the
 * program wants to have. */
#define ENTRY(function, symbol) extern int function() __asm__(symbol) __attribute__((weak))
ENTRY(in_c, "wmain");
ENTRY(in_cpp, "_Z5wmainiPPw");
ENTRY(in_cpp_const, "_Z5wmainiPPKw");
ENTRY(in_cpp_environment, "_Z5wmainiPPwS0_");
ENTRY(in_cpp_char16, "_Z5wmainiPPDs");
ENTRY(in_cpp_char16_const, "_Z5wmainiPPKDs");
ENTRY(in_cpp_alone, "_Z5wmainv");
ENTRY(in_window, "WinMain");
ENTRY(in_wide_window, "wWinMain");

enum { SHOW_NORMAL = 1 };

/* What follows the name of the program, whose quotes may hold blanks. */
static int begins_arguments(unsigned unit, int *quoted)
{
    if (unit == '"')
        *quoted = !*quoted;
    return unit == 0 || (!*quoted && (unit == ' ' || unit == '\t'));
}

static char *arguments_after_name(char *line)
{
    int quoted = 0;
    while (!begins_arguments((unsigned char)*line, &quoted))
        line++;
    while (*line == ' ' || *line == '\t')
        line++;
    return line;
}

static Unit *wide_arguments_after_name(Unit *line)
{
    int quoted = 0;
    while (!begins_arguments(*line, &quoted))
        line++;
    while (*line == ' ' || *line == '\t')
        line++;
    return line;
}

int main(int count, char **arguments)
{
    int (*const wide[])() = {in_c,          in_cpp,              in_cpp_const, in_cpp_environment,
                             in_cpp_char16, in_cpp_char16_const, in_cpp_alone};
    unsigned index;
    for (index = 0; index < sizeof wide / sizeof wide[0]; index++)
        if (wide[index])
            return wide[index](count, mapview_wide_arguments(count, arguments), mapview_wide_arguments(0, 0));
    if (in_wide_window)
        return in_wide_window(GetModuleHandleA(0), (void *)0, wide_arguments_after_name(GetCommandLineW()), SHOW_NORMAL);
    if (in_window)
        return in_window(GetModuleHandleA(0), (void *)0, arguments_after_name(GetCommandLineA()), SHOW_NORMAL);
    static const char missing[] = "The program has neither main nor wmain, WinMain or wWinMain.\n";
    __builtin_printf("%s", missing);
    return 127;
}
