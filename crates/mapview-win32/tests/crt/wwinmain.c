#include "start.h"

int WINAPI wWinMain(HINSTANCE instance, HINSTANCE before, LPWSTR line, int show_as)
{
    printf("%d %d ", instance == GetModuleHandleW(NULL), before == NULL);
    show(line);
    return show_as == 1 ? 3 : 1;
}
