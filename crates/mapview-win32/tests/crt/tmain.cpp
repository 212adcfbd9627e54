#include "start.h"
#include <tchar.h>

int _tmain(int argc, _TCHAR *argv[])
{
    _tprintf(_T("%d %s\n"), argc, argv[1]);
    return 3;
}
