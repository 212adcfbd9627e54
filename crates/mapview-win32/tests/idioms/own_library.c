/* Loads a library at run time and calls a function of it. */
#include <windows.h>
#include <stdio.h>

typedef int(WINAPI *TWICE)(int);

int main(int argc, char **argv)
{
    HMODULE hLibrary = argc == 2 ? LoadLibrary(argv[1]) : NULL;
    TWICE pfnTwice = hLibrary ? (TWICE)GetProcAddress(hLibrary, "Twice") : NULL;
    if (pfnTwice == NULL)
        return 1;
    printf("%d\n", pfnTwice(21));
    FreeLibrary(hLibrary);
    return 0;
}
