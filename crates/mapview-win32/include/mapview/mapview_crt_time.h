/* What Microsoft's <time.h> has more. */
#ifndef MAPVIEW_CRT_TIME_H
#define MAPVIEW_CRT_TIME_H

#include "mapview_crt.h"
#include "mapview_crt_string.h"
#include <errno.h>
#include <time.h>

typedef time_t __time64_t;

MAPVIEW_C_BEGIN

time_t _time64(time_t *now) MAPVIEW_AS(time);
time_t _mktime64(struct tm *date) MAPVIEW_AS(mktime);
struct tm *_localtime64(const time_t *time) MAPVIEW_AS(localtime);
struct tm *_gmtime64(const time_t *time) MAPVIEW_AS(gmtime);
struct tm *mapview_localtime_r(const time_t *time, struct tm *date) MAPVIEW_AS(localtime_r);
struct tm *mapview_gmtime_r(const time_t *time, struct tm *date) MAPVIEW_AS(gmtime_r);
char *mapview_ctime_r(const time_t *time, char *buffer) MAPVIEW_AS(ctime_r);
char *mapview_asctime_r(const struct tm *date, char *buffer) MAPVIEW_AS(asctime_r);

/* The arguments come in another order than those of C11. */
MAPVIEW_INLINE errno_t localtime_s(struct tm *date, const time_t *time)
{
    return date == NULL || time == NULL || mapview_localtime_r(time, date) == NULL ? EINVAL : 0;
}

MAPVIEW_INLINE errno_t gmtime_s(struct tm *date, const time_t *time)
{
    return date == NULL || time == NULL || mapview_gmtime_r(time, date) == NULL ? EINVAL : 0;
}

MAPVIEW_INLINE errno_t _localtime64_s(struct tm *date, const time_t *time)
{
    return localtime_s(date, time);
}

MAPVIEW_INLINE errno_t _gmtime64_s(struct tm *date, const time_t *time)
{
    return gmtime_s(date, time);
}

MAPVIEW_INLINE errno_t ctime_s(char *buffer, size_t size, const time_t *time)
{
    char text[64];
    return time == NULL || mapview_ctime_r(time, text) == NULL ? EINVAL : strcpy_s(buffer, size, text);
}

MAPVIEW_INLINE errno_t asctime_s(char *buffer, size_t size, const struct tm *date)
{
    char text[64];
    return date == NULL || mapview_asctime_r(date, text) == NULL ? EINVAL : strcpy_s(buffer, size, text);
}

MAPVIEW_C_END

#endif
