/* TCHAR text with UNICODE: 16-bit units, and the functions by their _t names. */
#include "scenario.h"
#include <tchar.h>

static void say(const char *what, const TCHAR *text)
{
    char narrow[256];
    MUST(WideCharToMultiByte(CP_UTF8, 0, text, -1, narrow, sizeof narrow, NULL, NULL) > 0);
    SAY(what, "%s", narrow);
}

int main(void)
{
    TCHAR text[64], *end;
    const TCHAR *path = _T("C:\\folder\\file.txt");

    SAY("size of a TCHAR", "%u", (unsigned)sizeof(TCHAR));
    SAY("_tcslen", "%u", (unsigned)_tcslen(_T("h\u00e4llo")));
    _tcscpy(text, _T("one"));
    _tcscat(text, _T(", two"));
    _tcsncat(text, _T(", three"), 3);
    say("copied", text);
    SAY("_tcscmp", "%d %d %d", _tcscmp(_T("a"), _T("b")) < 0, _tcscmp(_T("a"), _T("a")), _tcscmp(_T("b"), _T("a")) > 0);
    SAY("_tcsncmp", "%d", _tcsncmp(_T("abc"), _T("abd"), 2));
    SAY("_tcsicmp", "%d", _tcsicmp(_T("HeLLo"), _T("hEllO")));
    say("_tcsrchr", _tcsrchr(path, _T('\\')) + 1);
    say("_tcschr", _tcschr(path, _T('.')));
    say("_tcsstr", _tcsstr(path, _T("folder")));
    SAY("_tcsstr, missing", "%d", _tcsstr(path, _T("none")) == NULL);
    SAY("_ttoi", "%d %d", _ttoi(_T("42")), _ttoi(_T("-7x")));
    SAY("_tcstoul", "%u", (unsigned)_tcstoul(_T("ff rest"), &end, 16));
    say("its end", end);
    SAY("_tcstol", "%d", (int)_tcstol(_T("-0x1F"), &end, 0));
    SAY("_totupper", "%d %d", _totupper(_T('q')) == _T('Q'), _totlower(_T('Q')) == _T('q'));
    SAY("_istdigit", "%d %d", _istdigit(_T('5')) != 0, _istdigit(_T('x')) != 0);

    SAY("_sntprintf", "%d", _sntprintf(text, 64, _T("%s %d %hs %c"), _T("wide"), 5, "narrow", _T('c')));
    say("text", text);
    SAY("_sntprintf, too long", "%d", _sntprintf(text, 4, _T("%s"), _T("longer")));
    SAY("_stprintf_s", "%d", _stprintf_s(text, 64, _T("%08lX|%I64d|%.2f"), (unsigned long)0xBEEF, (LONGLONG)-1, 1.5));
    say("text", text);
    SAY("_tcscpy_s", "%d", _tcscpy_s(text, 64, _T("safe")));
    SAY("_tcscat_s", "%d", _tcscat_s(text, 64, _T("ly")));
    say("text", text);
    SAY("lstrlen", "%d", lstrlen(text));
    _tcsupr(text);
    say("_tcsupr", text);
    _itot(255, text, 16);
    say("_itot", text);
    return 0;
}
