/* The build of the Windows SDK that programs ask for; the headers declare what that of Windows 10, version 2004, declares. */
#ifndef MAPVIEW_NTVERP_H
#define MAPVIEW_NTVERP_H

#define VER_PRODUCTMAJORVERSION 10
#define VER_PRODUCTMINORVERSION 0
#define VER_PRODUCTBUILD 19041

#endif
