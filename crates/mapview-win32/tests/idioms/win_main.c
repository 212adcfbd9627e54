/* A program without a console, which has no window either. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <stdio.h>

int APIENTRY WinMain(HINSTANCE hInstance, HINSTANCE hPrevInstance, LPSTR lpCmdLine, int nCmdShow)
{
    UNREFERENCED_PARAMETER(hPrevInstance);
    UNREFERENCED_PARAMETER(nCmdShow);
    puts(lpCmdLine);
    return hInstance == GetModuleHandle(NULL) ? 0 : 1;
}
