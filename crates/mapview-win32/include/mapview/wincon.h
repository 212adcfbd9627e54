/* The console. */
#ifndef MAPVIEW_WINCON_H
#define MAPVIEW_WINCON_H

#include "consoleapi.h"

#endif
