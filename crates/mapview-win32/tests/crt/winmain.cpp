#include "start.h"

int WINAPI WinMain(HINSTANCE instance, HINSTANCE, LPSTR line, int show_as)
{
    printf("%d %s", instance == GetModuleHandleA(NULL), line);
    return show_as == 1 ? 3 : 1;
}
