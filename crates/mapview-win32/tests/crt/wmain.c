#include "start.h"

int wmain(int argc, WCHAR *argv[])
{
    int index;
    for (index = 1; index < argc; index++)
        show(argv[index]);
    return argv[argc] == NULL ? 3 : 1;
}
