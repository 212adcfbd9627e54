/* The command line taken apart. */
#ifndef MAPVIEW_SHELLAPI_H
#define MAPVIEW_SHELLAPI_H

#include "windef.h"

MAPVIEW_C_BEGIN

LPWSTR *WINAPI CommandLineToArgvW(LPCWSTR lpCmdLine, int *pNumArgs);

MAPVIEW_C_END

#endif
