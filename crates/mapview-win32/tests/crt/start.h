/* Prints UTF-16 arguments, without a C runtime of its own. */
#include <windows.h>
#include <stdio.h>

static inline void show(const WCHAR *text)
{
    char bytes[256];
    WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof bytes, NULL, NULL);
    printf("[%s]", bytes);
}
