/* What there is of multimedia: its clock. */
#ifndef MAPVIEW_MMSYSTEM_H
#define MAPVIEW_MMSYSTEM_H

#include "timeapi.h"

#endif
