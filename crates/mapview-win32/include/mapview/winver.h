/* Versions: what there is of them stands in winbase.h. */
#ifndef MAPVIEW_WINVER_H
#define MAPVIEW_WINVER_H

#include "winbase.h"

#endif
