/* The types that COM and Win32 share: those of Win32. */
#ifndef MAPVIEW_WTYPES_H
#define MAPVIEW_WTYPES_H

#include "windef.h"
#include "minwinbase.h"

#endif
