/* Single keys of the terminal. Without a terminal they come from stdin. */
#ifndef MAPVIEW_CONIO_H
#define MAPVIEW_CONIO_H

#include "mapview_crt.h"
#include "mapview_crt_stdio.h"

MAPVIEW_C_BEGIN

int _getch(void) MAPVIEW_AS(mapview_getch);
int _kbhit(void) MAPVIEW_AS(mapview_kbhit);
int _ungetch(int key) MAPVIEW_AS(mapview_ungetch);

MAPVIEW_INLINE int _putch(int byte)
{
    int put = putchar(byte);
    fflush(stdout);
    return put;
}

MAPVIEW_INLINE int _getche(void)
{
    int key = _getch();
    if (key != EOF)
        _putch(key);
    return key;
}

MAPVIEW_INLINE int _cputs(const char *text)
{
    int put = fputs(text, stdout);
    fflush(stdout);
    return put == EOF ? EOF : 0;
}

MAPVIEW_INLINE int _cprintf(const char *format, ...)
{
    MAPVIEW_FORWARD(format, (result = mapview_vfprintf(stdout, format, arguments), fflush(stdout), result))
}

MAPVIEW_INLINE int getch(void)
{
    return _getch();
}

MAPVIEW_INLINE int getche(void)
{
    return _getche();
}

MAPVIEW_INLINE int kbhit(void)
{
    return _kbhit();
}

MAPVIEW_INLINE int putch(int byte)
{
    return _putch(byte);
}

MAPVIEW_C_END

#endif
