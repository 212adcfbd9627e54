/* Annotations for Microsoft's checker; see sal.h. */
#ifndef MAPVIEW_SPECSTRINGS_H
#define MAPVIEW_SPECSTRINGS_H

#include "sal.h"

#endif
