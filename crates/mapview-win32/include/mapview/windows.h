/* The Win32 interface of mapview, for Linux. How to use it: docs/win32.md. */
#ifndef MAPVIEW_WINDOWS_H
#define MAPVIEW_WINDOWS_H

#include "sdkddkver.h"
#include "excpt.h"
#include <stdarg.h>
#include <ctype.h>
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "winuser.h"
#include "wincon.h"
#include "mapview_crt_printf.h"
#ifndef WIN32_LEAN_AND_MEAN
#include <stdlib.h>
#include "mmsystem.h"
#include "shellapi.h"
#include "winioctl.h"
#endif

#endif
