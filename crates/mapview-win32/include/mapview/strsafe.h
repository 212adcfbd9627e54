/* StringCch... and StringCb...: text into buffers whose size is given. */
#ifndef MAPVIEW_STRSAFE_H
#define MAPVIEW_STRSAFE_H

#include "minwindef.h"
#include "winerror.h"
#include "mapview_crt_stdio.h"
#include "mapview_crt_string.h"

#define STRSAFE_MAX_CCH 2147483647
#define STRSAFE_E_INSUFFICIENT_BUFFER ((HRESULT)0x8007007A)
#define STRSAFE_E_INVALID_PARAMETER ((HRESULT)0x80070057)
#define STRSAFE_E_END_OF_FILE ((HRESULT)0x80070026)

MAPVIEW_C_BEGIN

/* Text that was put with truncation; there always is a NUL. */
MAPVIEW_INLINE HRESULT mapview_strsafe(errno_t result)
{
    return result == 0 ? S_OK : result == STRUNCATE ? STRSAFE_E_INSUFFICIENT_BUFFER : STRSAFE_E_INVALID_PARAMETER;
}

size_t mapview_strnlen(const char *text, size_t most) MAPVIEW_AS(strnlen);

MAPVIEW_INLINE HRESULT StringCchLengthA(const char *text, size_t most, size_t *length)
{
    size_t found = text == NULL || most > STRSAFE_MAX_CCH ? most : mapview_strnlen(text, most);
    if (length)
        *length = found < most ? found : 0;
    return found < most ? S_OK : STRSAFE_E_INVALID_PARAMETER;
}

MAPVIEW_INLINE HRESULT StringCchCopyNA(char *to, size_t size, const char *from, size_t count)
{
    size_t length;
    if (to == NULL || size == 0 || size > STRSAFE_MAX_CCH)
        return STRSAFE_E_INVALID_PARAMETER;
    length = from == NULL ? 0 : mapview_strnlen(from, count);
    return length == 0 ? (to[0] = 0, S_OK) : mapview_strsafe(strncpy_s(to, size, from, length < size ? length : _TRUNCATE));
}

MAPVIEW_INLINE HRESULT StringCchCopyA(char *to, size_t size, const char *from)
{
    return StringCchCopyNA(to, size, from, STRSAFE_MAX_CCH);
}

MAPVIEW_INLINE HRESULT StringCchCatNA(char *to, size_t size, const char *from, size_t count)
{
    size_t length;
    if (FAILED(StringCchLengthA(to, size, &length)))
        return STRSAFE_E_INVALID_PARAMETER;
    return StringCchCopyNA(to + length, size - length, from, count);
}

MAPVIEW_INLINE HRESULT StringCchCatA(char *to, size_t size, const char *from)
{
    return StringCchCatNA(to, size, from, STRSAFE_MAX_CCH);
}

MAPVIEW_INLINE HRESULT StringCchVPrintfA(char *to, size_t size, const char *format, va_list arguments)
{
    if (to == NULL || size == 0 || size > STRSAFE_MAX_CCH)
        return STRSAFE_E_INVALID_PARAMETER;
    return mapview_vsprintf(3, to, size, format, arguments) < 0 ? STRSAFE_E_INSUFFICIENT_BUFFER : S_OK;
}

MAPVIEW_INLINE HRESULT StringCchPrintfA(char *to, size_t size, const char *format, ...)
{
    va_list arguments;
    HRESULT result;
    va_start(arguments, format);
    result = StringCchVPrintfA(to, size, format, arguments);
    va_end(arguments);
    return result;
}

MAPVIEW_INLINE HRESULT StringCbLengthA(const char *text, size_t most, size_t *length)
{
    HRESULT result = StringCchLengthA(text, most / sizeof(char), length);
    if (length)
        *length *= sizeof(char);
    return result;
}

MAPVIEW_INLINE HRESULT StringCbCopyA(char *to, size_t size, const char *from)
{
    return StringCchCopyA(to, size / sizeof(char), from);
}

MAPVIEW_INLINE HRESULT StringCbCopyNA(char *to, size_t size, const char *from, size_t count)
{
    return StringCchCopyNA(to, size / sizeof(char), from, count / sizeof(char));
}

MAPVIEW_INLINE HRESULT StringCbCatA(char *to, size_t size, const char *from)
{
    return StringCchCatA(to, size / sizeof(char), from);
}

MAPVIEW_INLINE HRESULT StringCbVPrintfA(char *to, size_t size, const char *format, va_list arguments)
{
    return StringCchVPrintfA(to, size / sizeof(char), format, arguments);
}

MAPVIEW_INLINE HRESULT StringCbPrintfA(char *to, size_t size, const char *format, ...)
{
    va_list arguments;
    HRESULT result;
    va_start(arguments, format);
    result = StringCchVPrintfA(to, size / sizeof(char), format, arguments);
    va_end(arguments);
    return result;
}

MAPVIEW_INLINE HRESULT StringCchLengthW(const WCHAR *text, size_t most, size_t *length)
{
    size_t found = text == NULL || most > STRSAFE_MAX_CCH ? most : mapview_wcsnlen(text, most);
    if (length)
        *length = found < most ? found : 0;
    return found < most ? S_OK : STRSAFE_E_INVALID_PARAMETER;
}

MAPVIEW_INLINE HRESULT StringCchCopyNW(WCHAR *to, size_t size, const WCHAR *from, size_t count)
{
    size_t length;
    if (to == NULL || size == 0 || size > STRSAFE_MAX_CCH)
        return STRSAFE_E_INVALID_PARAMETER;
    length = from == NULL ? 0 : mapview_wcsnlen(from, count);
    return length == 0 ? (to[0] = 0, S_OK) : mapview_strsafe(wcsncpy_s(to, size, from, length < size ? length : _TRUNCATE));
}

MAPVIEW_INLINE HRESULT StringCchCopyW(WCHAR *to, size_t size, const WCHAR *from)
{
    return StringCchCopyNW(to, size, from, STRSAFE_MAX_CCH);
}

MAPVIEW_INLINE HRESULT StringCchCatNW(WCHAR *to, size_t size, const WCHAR *from, size_t count)
{
    size_t length;
    if (FAILED(StringCchLengthW(to, size, &length)))
        return STRSAFE_E_INVALID_PARAMETER;
    return StringCchCopyNW(to + length, size - length, from, count);
}

MAPVIEW_INLINE HRESULT StringCchCatW(WCHAR *to, size_t size, const WCHAR *from)
{
    return StringCchCatNW(to, size, from, STRSAFE_MAX_CCH);
}

MAPVIEW_INLINE HRESULT StringCchVPrintfW(WCHAR *to, size_t size, const WCHAR *format, va_list arguments)
{
    if (to == NULL || size == 0 || size > STRSAFE_MAX_CCH)
        return STRSAFE_E_INVALID_PARAMETER;
    return mapview_vswprintf(3, to, size, format, arguments) < 0 ? STRSAFE_E_INSUFFICIENT_BUFFER : S_OK;
}

MAPVIEW_INLINE HRESULT StringCchPrintfW(WCHAR *to, size_t size, const WCHAR *format, ...)
{
    va_list arguments;
    HRESULT result;
    va_start(arguments, format);
    result = StringCchVPrintfW(to, size, format, arguments);
    va_end(arguments);
    return result;
}

MAPVIEW_INLINE HRESULT StringCbLengthW(const WCHAR *text, size_t most, size_t *length)
{
    HRESULT result = StringCchLengthW(text, most / sizeof(WCHAR), length);
    if (length)
        *length *= sizeof(WCHAR);
    return result;
}

MAPVIEW_INLINE HRESULT StringCbCopyW(WCHAR *to, size_t size, const WCHAR *from)
{
    return StringCchCopyW(to, size / sizeof(WCHAR), from);
}

MAPVIEW_INLINE HRESULT StringCbCopyNW(WCHAR *to, size_t size, const WCHAR *from, size_t count)
{
    return StringCchCopyNW(to, size / sizeof(WCHAR), from, count / sizeof(WCHAR));
}

MAPVIEW_INLINE HRESULT StringCbCatW(WCHAR *to, size_t size, const WCHAR *from)
{
    return StringCchCatW(to, size / sizeof(WCHAR), from);
}

MAPVIEW_INLINE HRESULT StringCbVPrintfW(WCHAR *to, size_t size, const WCHAR *format, va_list arguments)
{
    return StringCchVPrintfW(to, size / sizeof(WCHAR), format, arguments);
}

MAPVIEW_INLINE HRESULT StringCbPrintfW(WCHAR *to, size_t size, const WCHAR *format, ...)
{
    va_list arguments;
    HRESULT result;
    va_start(arguments, format);
    result = StringCchVPrintfW(to, size / sizeof(WCHAR), format, arguments);
    va_end(arguments);
    return result;
}

MAPVIEW_C_END

#define StringCchLength MAPVIEW_AW(StringCchLength)
#define StringCchCopyN MAPVIEW_AW(StringCchCopyN)
#define StringCchCopy MAPVIEW_AW(StringCchCopy)
#define StringCchCatN MAPVIEW_AW(StringCchCatN)
#define StringCchCat MAPVIEW_AW(StringCchCat)
#define StringCchVPrintf MAPVIEW_AW(StringCchVPrintf)
#define StringCchPrintf MAPVIEW_AW(StringCchPrintf)
#define StringCbLength MAPVIEW_AW(StringCbLength)
#define StringCbCopy MAPVIEW_AW(StringCbCopy)
#define StringCbCopyN MAPVIEW_AW(StringCbCopyN)
#define StringCbCat MAPVIEW_AW(StringCbCat)
#define StringCbVPrintf MAPVIEW_AW(StringCbVPrintf)
#define StringCbPrintf MAPVIEW_AW(StringCbPrintf)

#endif
