/* std::wcout and the others over a wchar_t of 16 bits: what is written becomes UTF-8 in the narrow stream. */
#ifndef MAPVIEW_WIDE_STREAMS_H
#define MAPVIEW_WIDE_STREAMS_H

#if defined(__cplusplus) && __SIZEOF_WCHAR_T__ == 2

#include <iostream>
#include <string>
#include "mapview_crt.h"
#include "mapview_crt_wide.h"

/* Writes to a narrow stream; both share its state and its format. */
class mapview_wide_output
{
    std::ostream &narrow;

  public:
    explicit mapview_wide_output(std::ostream &stream) : narrow(stream)
    {
    }

    mapview_wide_output &operator<<(const wchar_t *text)
    {
        std::string bytes(3 * mapview_wcslen(text) + 1, '\0');
        bytes.resize(mapview_wcstombs(&bytes[0], text, bytes.size()));
        narrow << bytes;
        return *this;
    }

    mapview_wide_output &operator<<(const std::wstring &text)
    {
        return *this << text.c_str();
    }

    mapview_wide_output &operator<<(wchar_t unit)
    {
        const wchar_t text[] = {unit, 0};
        return *this << text;
    }

    /* std::endl and std::flush, and std::hex and the like. */
    mapview_wide_output &operator<<(std::ostream &(*change)(std::ostream &))
    {
        change(narrow);
        return *this;
    }

    mapview_wide_output &operator<<(std::ios_base &(*change)(std::ios_base &))
    {
        change(narrow);
        return *this;
    }

    /* Everything else is written as the narrow stream writes it. */
    template <typename T> mapview_wide_output &operator<<(const T &value)
    {
        narrow << value;
        return *this;
    }

    mapview_wide_output &flush()
    {
        narrow.flush();
        return *this;
    }

    explicit operator bool() const
    {
        return !narrow.fail();
    }
};

/* Reads from a narrow stream. */
class mapview_wide_input
{
    std::istream &narrow;

    static std::wstring widened(const std::string &bytes)
    {
        std::wstring text(bytes.size() + 1, L'\0');
        const size_t units = mapview_mbstowcs(&text[0], bytes.c_str(), text.size());
        text.resize(units == static_cast<size_t>(-1) ? 0 : units);
        return text;
    }

  public:
    explicit mapview_wide_input(std::istream &stream) : narrow(stream)
    {
    }

    mapview_wide_input &operator>>(std::wstring &text)
    {
        std::string bytes;
        narrow >> bytes;
        text = widened(bytes);
        return *this;
    }

    template <typename T> mapview_wide_input &operator>>(T &value)
    {
        narrow >> value;
        return *this;
    }

    mapview_wide_input &line(std::wstring &text)
    {
        std::string bytes;
        std::getline(narrow, bytes);
        text = widened(bytes);
        return *this;
    }

    int get()
    {
        return narrow.get();
    }

    explicit operator bool() const
    {
        return !narrow.fail();
    }
};

namespace std
{
static __attribute__((__unused__)) mapview_wide_output mapview_wcout(cout), mapview_wcerr(cerr), mapview_wclog(clog);
static __attribute__((__unused__)) mapview_wide_input mapview_wcin(cin);

inline mapview_wide_input &getline(mapview_wide_input &input, wstring &text)
{
    return input.line(text);
}
}

#define wcout mapview_wcout
#define wcerr mapview_wcerr
#define wclog mapview_wclog
#define wcin mapview_wcin

#endif
#endif
